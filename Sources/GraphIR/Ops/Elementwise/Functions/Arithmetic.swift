import Glibc

extension UnaryDefinition {
  static let exp = UnaryDefinition(
    reads: .result, domain: -2...2,
    value: { x, _ in Glibc.exp(x) },
    derivative: { y, _ in y },
    secondDerivative: { context, y, _ in
      context.emit(Affine(scale: 0, offset: 1), y)
    })

  static let log = UnaryDefinition(
    domain: 0.5...3,
    value: { x, _ in Glibc.log(x) },
    derivative: { x, _ in 1 / x },
    secondDerivative: { context, x, _ in
      let inverse = context.emit(Unary(UnaryFunction(.reciprocal)), x)
      return context.emit(Affine(scale: -1), context.emit(Unary(UnaryFunction(.square)), inverse))
    })

  /// √x; the derivative from the result is 1 / 2y.
  static let sqrt = UnaryDefinition(
    reads: .result, domain: 0.5...3,
    value: { x, _ in x.squareRoot() },
    derivative: { y, _ in 0.5 / y },
    secondDerivative: { context, y, _ in
      let inverse = context.emit(Unary(UnaryFunction(.reciprocal)), y)
      return context.emit(Affine(scale: -0.5), context.emit(Unary(UnaryFunction(.square)), inverse))
    })

  static let square = UnaryDefinition(
    value: { x, _ in x * x },
    derivative: { x, _ in 2 * x },
    secondDerivative: { context, x, _ in context.emit(Affine(scale: 0, offset: 2), x) })

  /// 1 / x; the derivative from the result is −y².
  static let reciprocal = UnaryDefinition(
    reads: .result, domain: 0.5...3,
    value: { x, _ in 1 / x },
    derivative: { y, _ in -y * y },
    secondDerivative: { context, y, _ in context.emit(Affine(scale: -2), y) })

  /// |x|; the derivative at 0 is 0.
  static let absolute = UnaryDefinition(
    kinks: [0],
    value: { x, _ in abs(x) },
    derivative: { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 })

  /// 1 for x > 0, else 0.
  static let step = UnaryDefinition(
    kinks: [0],
    value: { x, _ in x > 0 ? 1 : 0 },
    derivative: { _, _ in 0 })

  /// −1, 0 or 1.
  static let sign = UnaryDefinition(
    kinks: [0],
    value: { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 },
    derivative: { _, _ in 0 })
}
