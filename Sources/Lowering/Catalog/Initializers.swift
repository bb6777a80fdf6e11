/// How weights begin, by name. Source: PyTorch `nn/init.py`.
public struct InitializerDefinition: Sendable {
  public var name: String
  /// One sentence for documentation and editors.
  public var summary: String
  /// How a weight `[outputs, inputs, …]` begins, times `gain`.
  let initializer: @Sendable (_ shape: [Int], _ gain: Double) -> ParameterDefinition.Initializer

  /// Those that name a distribution; `default` and `dcgan` say it by layer.
  public static let all = [
    InitializerDefinition(name: "normal", summary: "normal with deviation 0.02") { _, gain in
      .normal(mean: 0, deviation: 0.02 * gain)
    },
    InitializerDefinition(name: "xavier", summary: "normal with variance 2 / (fan_in + fan_out)") {
      shape, gain in
      .normal(mean: 0, deviation: gain * (2 / (fanIn(shape) + fanOut(shape))).squareRoot())
    },
    InitializerDefinition(name: "xavier_uniform", summary: "uniform, with `xavier`'s variance") {
      shape, gain in
      .uniform(bound: gain * (6 / (fanIn(shape) + fanOut(shape))).squareRoot())
    },
    InitializerDefinition(name: "kaiming", summary: "normal with variance 2 / fan_in") { shape, gain in
      .normal(mean: 0, deviation: gain * (2 / fanIn(shape)).squareRoot())
    },
    InitializerDefinition(name: "kaiming_uniform", summary: "uniform, with `kaiming`'s variance") {
      shape, gain in
      .uniform(bound: gain * (6 / fanIn(shape)).squareRoot())
    },
    InitializerDefinition(name: "orthogonal", summary: "orthogonal rows, or columns, at random") { _, gain in
      .orthogonal(gain: gain)
    },
  ]

  /// All that `init` may say.
  public static let names = ["default", "dcgan"] + all.map(\.name)

  /// The weight's second extent times the window, in either direction of a convolution.
  static func fanIn(_ shape: [Int]) -> Double { Double(shape[1]) * window(shape) }
  private static func fanOut(_ shape: [Int]) -> Double { Double(shape[0]) * window(shape) }
  private static func window(_ shape: [Int]) -> Double { shape[2...].reduce(1) { $0 * Double($1) } }
}

extension LayerContext {
  /// The layer's own `init`, or the model's.
  private var initializerName: String { layer.kind.string("init") ?? initialization }

  /// How a weight begins: as PyTorch's layers do unless `init` names something else.
  func weightInitializer(_ shape: [Int], isConvolution: Bool = false) -> ParameterDefinition.Initializer {
    if initializerName == "dcgan", isConvolution { return .normal(mean: 0, deviation: 0.02) }
    guard let named = InitializerDefinition.all.first(where: { $0.name == initializerName }) else {
      return .uniform(bound: 1 / InitializerDefinition.fanIn(shape).squareRoot())
    }
    return named.initializer(shape, layer.kind.number("init_gain") ?? 1)
  }

  /// How the bias beside a weight of this shape begins: as PyTorch's layers do, or at zero where `init` names a
  /// distribution.
  func biasInitializer(_ weight: [Int]) -> ParameterDefinition.Initializer {
    if InitializerDefinition.all.contains(where: { $0.name == initializerName }) { return .constant(0) }
    return .uniform(bound: 1 / InitializerDefinition.fanIn(weight).squareRoot())
  }
}
