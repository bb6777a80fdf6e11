import Glibc

extension UnaryDefinition {
  /// 1 / (1 + e^−x).
  static let sigmoid = UnaryDefinition(
    isActivation: true, reads: .result, domain: -4...4,
    value: { x, _ in 1 / (1 + Glibc.exp(-x)) },
    derivative: { y, _ in y * (1 - y) },
    // d(y − y²)/dy = 1 − 2y
    secondDerivative: { context, y, _ in context.emit(Affine(scale: -2, offset: 1), y) })

  static let tanh = UnaryDefinition(
    isActivation: true, reads: .result, domain: -2...2,
    value: { x, _ in Glibc.tanh(x) },
    derivative: { y, _ in 1 - y * y },
    // d(1 − y²)/dy = −2y
    secondDerivative: { context, y, _ in context.emit(Affine(scale: -2), y) })
}
