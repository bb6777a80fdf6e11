import Glibc

extension UnaryDefinition {
  /// x for x > 0, else alpha · (e^x − 1).
  static let elu = UnaryDefinition(
    parameters: ["alpha": 1], kinks: [0],
    value: { x, p in x > 0 ? x : p[0] * Glibc.expm1(x) },
    derivative: { x, p in x > 0 ? 1 : p[0] * Glibc.exp(x) },
    // alpha · e^x where x ≤ 0, as (1 − step(x)) · alpha · e^x.
    secondDerivative: { context, x, p in
      let positive = context.emit(Unary(UnaryFunction(.step)), x)
      let negative = context.emit(Affine(scale: -p[0], offset: p[0]), positive)
      // e^min(x, 0), since e^x may overflow where the factor is zero.
      let magnitude = context.emit(Unary(.relu), context.emit(Affine(scale: -1), x))
      let exponential = context.emit(Unary(UnaryFunction(.exp)), context.emit(Affine(scale: -1), magnitude))
      return context.emit(Binary(.multiply), negative, exponential)
    })

  /// log(1 + e^(beta·x)) / beta; x itself where beta · x > threshold. Source: PyTorch `nn/functional.py`.
  static let softplus = UnaryDefinition(
    parameters: ["beta": 1, "threshold": 20],
    value: { x, p in x * p[0] > p[1] ? x : Glibc.log1p(Glibc.exp(x * p[0])) / p[0] },
    derivative: { x, p in x * p[0] > p[1] ? 1 : 1 / (1 + Glibc.exp(-x * p[0])) },
    secondDerivative: { context, x, p in
      let sigmoid = context.emit(Unary(.sigmoid), context.emit(Affine(scale: p[0]), x))
      let slope = context.emit(UnaryGradient(.sigmoid), sigmoid, sigmoid)
      // UnaryGradient multiplied σ into σ(1 − σ): divide it out again.
      let bend = context.emit(Binary(.divide), slope, sigmoid)
      // Zero above the threshold, where softplus is the identity.
      let above = context.emit(
        Unary(UnaryFunction(.step)), context.emit(Affine(scale: p[0], offset: -p[1]), x))
      let below = context.emit(Affine(scale: -p[0], offset: p[0]), above)
      return context.emit(Binary(.multiply), bend, below)
    })
}
