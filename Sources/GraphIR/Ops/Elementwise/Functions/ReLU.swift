extension UnaryDefinition {
  /// max(x, 0); the derivative at 0 is 0. Source: ATen `activation` kernels.
  static let relu = UnaryDefinition(
    isActivation: true, reads: .result, kinks: [0],
    value: { x, _ in x > 0 || x.isNaN ? x : 0 },
    derivative: { y, _ in y > 0 ? 1 : 0 })

  /// x for x > 0, else slope · x; the derivative at 0 is the slope.
  static let leakyReLU = UnaryDefinition(
    parameters: ["negative_slope": 0.01], isActivation: true, kinks: [0],
    value: { x, p in x > 0 ? x : p[0] * x },
    derivative: { x, p in x > 0 ? 1 : p[0] })
}
