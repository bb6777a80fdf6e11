import Datasets
import GraphIR
import Lowering
import ModelSpec

/// What one training step costs, known before it runs.
public struct StepSummary: Sendable {
  public var batch: Int
  public var precision: Precision
  /// Counted as a direct computation of the planned step.
  public var flops: Double
  /// What the process takes above its start while it trains.
  public var memory: MemoryEstimate
  public var kernels: Int
  /// What the passes joined, in words, and how often.
  public var fusions: [(name: String, count: Int)]

  /// - Parameter dataset: The model's images, where they have been opened.
  public init(_ model: CompiledModel, dataset: Dataset? = nil) {
    batch = model.spec.train.batchSize.value
    precision = model.spec.train.precision
    let (batch, schedule) = (model.spec.train.batchSize.value, model.lowered.schedule)
    // What runs on some steps only counts in its share.
    let runs = (0..<schedule.period).flatMap { schedule.runs(at: $0) }
    let flopsOfGraphs = model.steps.map { Cost.flops($0, batch: batch) }
    flops = runs.reduce(0) { $0 + flopsOfGraphs[$1.graph] } / Double(schedule.period)
    kernels = model.steps.reduce(0) { $0 + $1.nodes.count }
    memory = MemoryEstimate(model, dataset: dataset)
    fusions = Self.fusions(in: model.steps)
  }

  private static func fusions(in graphs: [Graph]) -> [(name: String, count: Int)] {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for node in graphs.flatMap(\.nodes) {
      guard let name = node.op.fusionText(operands: node.operands.count) else { continue }
      if counts[name] == nil { order.append(name) }
      counts[name, default: 0] += 1
    }
    return order.map { ($0, counts[$0] ?? 0) }
  }
}

extension Op {
  /// What a fused op does in one pass; nil for an op that is not fused.
  func fusionText(operands: Int) -> String? {
    switch self {
    case .fusedConvolution(let op):
      var parts = [op.isTransposed ? "conv_transpose2d" : "conv2d"]
      if operands > 2 { parts.append("bias") }
      if let activation = op.activation { parts.append(activation.kind.rawValue) }
      if op.emitsStatistics { parts.append("batch norm's statistics") }
      return parts.joined(separator: " + ")
    case .batchNormApply(let op):
      guard let activation = op.activation else { return nil }
      return "normalise + \(activation.kind.rawValue)"
    case .batchNormActivationGradient(let op):
      return "\(op.activation.kind.rawValue)'s backward + batch norm's"
    case .fusedElementwise(let op):
      let count = op.program.instructions.count
      return "\(count) element-wise op\(count == 1 ? "" : "s")"
    case .conv2DWeightGradient:
      return operands > 2 ? "weight gradient + that of another batch" : nil
    case .adam where operands > 6: return "adam of a whole network"
    case .sgd where operands > 5: return "sgd of a whole network"
    case .rmsprop where operands > 7: return "rmsprop of a whole network"
    default: return nil
    }
  }
}
