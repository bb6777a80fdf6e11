import Glibc

extension UnaryDefinition {
  /// x for x > 0, else alpha · (e^x − 1), alpha ≥ 0; the derivative below zero is the result + alpha.
  static let elu = UnaryDefinition(
    parameters: ["alpha": 1], isActivation: true, reads: .result, kinks: [0],
    value: { x, p in x > 0 ? x : p[0] * Glibc.expm1(x) },
    derivative: { y, p in y > 0 ? 1 : y + p[0] },
    secondDerivative: { context, y, _ in
      context.emit(Affine(scale: -1, offset: 1), context.emit(Unary(UnaryFunction(.step)), y))
    })

  /// log(1 + e^(beta·x)) / beta; x itself where beta · x > threshold. Source: PyTorch `nn/functional.py`.
  static let softplus = UnaryDefinition(
    parameters: ["beta": 1, "threshold": 20], isActivation: true,
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
