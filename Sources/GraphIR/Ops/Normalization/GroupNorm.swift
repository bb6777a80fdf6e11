import Diagnostics

/// Normalisation of groups of channels of each image: instance norm with as many groups as channels, layer norm
/// with one.
///
/// input `[N, C, …]` → output = (input − mean) / √(variance + eps) of the input's shape, mean and biased variance
/// `[N, groups]`. Source: PyTorch `nn.GroupNorm`, without its weight and bias.
public struct GroupNorm: OpDefinition {
  public var groups = 1
  public var eps = 1e-5

  public init() {}
  public init(groups: Int, eps: Double) {
    self.groups = groups
    self.eps = eps
  }

  public static let signature = OpSignature(
    operands: ["input"], results: ["output", "mean", "variance"])
  public static let fields: [AttributeField<Self>] = [.init("groups", \.groups), .init("eps", \.eps)]
  public var op: Op { .groupNorm(self) }
  public var mnemonic: String { "group_norm" }

  public func inferTypes(_ operands: [TensorType]) throws(TypeRuleViolation) -> [TensorType] {
    let statistics = try GroupSpread.checkedStatistics(operands[0], groups: groups, op: mnemonic)
    return [operands[0], statistics, statistics]
  }

  public func pullback(_ context: inout PullbackContext) {
    guard context.needed[0] else { return }
    let input = context.operand(0)
    if let cotangent = context.cotangents[0] {
      context.contribute(
        context.emit(
          GroupNormGradient(groups: groups, eps: eps), cotangent, input, context.result(1), context.result(2)),
        to: 0)
    }
    let spread = GroupSpread(context.type(of: input), groups: groups)
    if let cotangent = context.cotangents[1] {
      // ∂mean/∂x = 1/n.
      context.contribute(spread.broadcast(cotangent, mean: true, in: &context.builder), to: 0)
    }
    if let cotangent = context.cotangents[2] {
      // ∂variance/∂x = 2·(x − mean)/n.
      let mean = spread.broadcast(context.result(1), in: &context.builder)
      let centred = context.emit(Binary(.subtract), input, mean)
      let scaled = context.emit(
        Affine(scale: 2), spread.broadcast(cotangent, mean: true, in: &context.builder))
      context.contribute(context.emit(Binary(.multiply), scaled, centred), to: 0)
    }
  }

  public var layouts: OpLayouts { .images }

  public func overwritableOperands(result: Int, operandCount: Int) -> [Int] {
    result == 0 ? [0] : []
  }

  public func evaluate(
    _ x: [ReferenceTensor], results: [[Int]], batch: Int
  ) -> [ReferenceTensor] {
    var (output, mean, variance) = (
      x[0], ReferenceTensor(shape: results[1]), ReferenceTensor(shape: results[2])
    )
    let size = x[0].values.count / mean.values.count
    for group in mean.values.indices {
      let members = group * size..<(group + 1) * size
      let center = x[0].values[members].reduce(0, +) / Double(size)
      let square = x[0].values[members].reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(size)
      mean.values[group] = center
      variance.values[group] = square
      for index in members {
        output.values[index] = (x[0].values[index] - center) / (square + eps).squareRoot()
      }
    }
    return [output, mean, variance]
  }

  public static let samples = [
    OpSample(GroupNorm(groups: 4, eps: 1e-5), [[3, 4, 3, 5]], tolerance: 1e-5),
    OpSample(GroupNorm(groups: 1, eps: 1e-5), [[2, 3, 4, 2]], tolerance: 1e-5),
    OpSample(GroupNorm(groups: 3, eps: 0.1), [[2, 6, 2, 3]], tolerance: 1e-5),
    OpSample(GroupNorm(groups: 1, eps: 1e-5), [[4, 7]], tolerance: 1e-5),
  ]
}

/// How a number per group of each image, `[N, groups]`, spreads over the images and back.
struct GroupSpread {
  private let shape: [Dimension]
  private let groups: Int
  /// The images with an axis for the groups and one for all else of them.
  private let grouped: [Dimension]

  init(_ type: TensorType, groups: Int) {
    shape = type.shape
    self.groups = groups
    let count = TensorType(Array(shape.dropFirst())).elementCount(batch: 1)
    grouped = [shape[0], .fixed(groups), .fixed(count / groups)]
  }

  /// - Throws: a violation where the groups do not divide the channels.
  static func checkedStatistics(
    _ type: TensorType, groups: Int, op: String
  ) throws(TypeRuleViolation) -> TensorType {
    guard type.rank >= 2, let channels = type.shape[1].fixedExtent else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": op, "expected": "at least 2", "actual": type.description], operand: 0)
    }
    guard groups > 0, channels % groups == 0 else {
      throw TypeRuleViolation(
        .groupsDoNotDivide,
        ["op": op, "groups": "\(groups)", "channels": "\(channels)", "which": "input"])
    }
    return TensorType([type.shape[0], .fixed(groups)])
  }

  /// Whether the groups are axes of the images themselves, which then need not be seen in another shape.
  private var axes: [Int]? {
    if groups == 1 { return Array(shape.indices.dropFirst()) }
    return shape[1] == .fixed(groups) ? Array(shape.indices.dropFirst(2)) : nil
  }

  /// `[N, groups]` over the images; with `mean`, divided by the size of a group.
  func broadcast(_ value: ValueID, mean: Bool = false, in builder: inout GraphBuilder) -> ValueID {
    if let axes {
      let kept = shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
      let source = builder.emit(Reshape(shape: kept), value)
      return builder.emit(Broadcast(axes: axes, sizes: axes.map { shape[$0] }, mean: mean), source)
    }
    let spread = builder.emit(Broadcast(axes: [2], sizes: [grouped[2]], mean: mean), value)
    return builder.emit(Reshape(shape: shape), spread)
  }

  /// The mean of each group, over the images.
  func meanOfGroup(_ value: ValueID, in builder: inout GraphBuilder) -> ValueID {
    if let axes {
      let mean = builder.emit(Reduce(axes: axes, mean: true), value)
      return builder.emit(Broadcast(axes: axes, sizes: axes.map { shape[$0] }), mean)
    }
    let mean = builder.emit(
      Reduce(axes: [2], mean: true), builder.emit(Reshape(shape: grouped), value))
    return broadcast(mean, in: &builder)
  }
}
