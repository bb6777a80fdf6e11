import Glibc

extension UnaryDefinition {
  /// Binary cross entropy of a probability against `target`: −(y·log x + (1 − y)·log(1 − x)), the
  /// logs clamped at −100. Its derivative is (x − y) / max(x·(1 − x), 1e−12), not that of the clamp.
  /// Source: ATen `native/Loss.cpp`.
  static let bce = UnaryDefinition(
    parameters: ["target": 1], domain: 0.1...0.9,
    value: { x, p in
      -(p[0] * max(Glibc.log(x), -100) + (1 - p[0]) * max(Glibc.log1p(-x), -100))
    },
    derivative: { x, p in (x - p[0]) / max((1 - x) * x, 1e-12) },
    // 1/q − (x − y)·(1 − 2x)/q² with q = x·(1 − x).
    secondDerivative: { context, x, p in
      let complement = context.emit(Affine(scale: -1, offset: 1), x)
      let inverse = context.emit(
        Unary(UnaryFunction(.reciprocal)), context.emit(Binary(.multiply), x, complement))
      let distance = context.emit(Affine(offset: -p[0]), x)
      let bend = context.emit(
        Binary(.multiply), distance, context.emit(Affine(scale: -2, offset: 1), x))
      let ratio = context.emit(
        Binary(.multiply), bend, context.emit(Unary(UnaryFunction(.square)), inverse))
      return context.emit(Binary(.subtract), inverse, ratio)
    })

  /// Binary cross entropy of a logit: max(x, 0) − x·y + log(1 + e^−|x|).
  /// Source: ATen `native/Loss.cpp`.
  static let bceWithLogits = UnaryDefinition(
    parameters: ["target": 1],
    value: { x, p in max(x, 0) - x * p[0] + Glibc.log1p(Glibc.exp(-abs(x))) },
    derivative: { x, p in 1 / (1 + Glibc.exp(-x)) - p[0] },
    secondDerivative: { context, x, _ in
      let sigmoid = context.emit(Unary(.sigmoid), x)
      let complement = context.emit(Affine(scale: -1, offset: 1), sigmoid)
      return context.emit(Binary(.multiply), sigmoid, complement)
    })
}
