import GraphIR
import Interchange
import Lowering
import Runtime

/// Times a plan on random data in memory.
public struct Benchmark {
  /// The time of one node.
  public struct Row: Sendable {
    public var op: String
    public var layer: String?
    /// Of a convolution: `direct`, `winograd4`, …
    public var algorithm: String?
    public var seconds: Double
    /// Counted as a direct computation.
    public var flops: Double
    /// Of the whole plan's time.
    public var share: Double
  }

  public struct Result: Sendable {
    public var medianSeconds: Double
    public var flops: Double
    /// What the multiply-add units of the same cores reach, in multiplications and additions a second; nil
    /// without vectors.
    public var peak: Double?
    /// The most memory that the process ever had.
    public var peakResidentBytes: Int
    /// In the order of execution.
    public var rows: [Row]
  }

  private let plan: CPUPlan
  private let executor: CPUExecutor

  /// Fills the plan's inputs.
  public init(_ plan: CPUPlan, on executor: CPUExecutor) {
    self.plan = plan
    self.executor = executor
    for input in plan.graph.inputs where input.kind == .data {
      let source = RandomSource(seed: 1, stream: .noise, substream: input.value.index)
      let count = plan.graph.type(of: input.value).elementCount(batch: plan.batch)
      let noise = source.normals(count)
      executor.write(noise.map { max(-1, min(1, $0)) }, to: input.name, of: plan)
    }
  }

  /// - Parameters:
  ///   - steps: Timed runs, of which the median counts.
  ///   - warmup: Runs before them.
  public func run(steps: Int, warmup: Int) -> Result {
    for _ in 0..<warmup { executor.run(plan) }
    let clock = ContinuousClock()
    var times: [Double] = []
    for _ in 0..<steps { times.append(Self.seconds(clock.measure { executor.run(plan) })) }
    let memory = ProcessMemory.peakResidentBytes
    return Result(
      medianSeconds: Self.median(times), flops: Cost.flops(plan.graph, batch: plan.batch),
      peak: executor.measurePeak(), peakResidentBytes: memory, rows: rows(runs: min(steps, 5)))
  }

  /// The median time of each node.
  private func rows(runs: Int) -> [Row] {
    let profiles = (0..<runs).map { _ in executor.profile(plan) }
    var rows = profiles[0].enumerated().map { position, entry in
      var row = Row(
        op: "store", layer: nil, algorithm: plan.convolutionAlgorithm(ofNode: entry.node),
        seconds: Self.median(profiles.map { $0[position].seconds }), flops: 0, share: 0)
      if let node = node(entry.node) {
        row.op = node.op.definition.mnemonic
        row.layer = node.origin.layer
        row.flops = 2 * Double(Cost.multiplyAdds(node, in: plan.graph, batch: plan.batch))
      }
      return row
    }
    let total = rows.reduce(0) { $0 + $1.seconds }
    for index in rows.indices { rows[index].share = rows[index].seconds / total }
    return rows
  }

  /// One run, an event a node, one after another.
  public func trace() -> ChromeTrace {
    var start = 0.0
    return ChromeTrace(
      events: executor.profile(plan).map { entry in
        defer { start += entry.seconds }
        guard let node = node(entry.node) else {
          return .init(name: "store", category: "store", start: start, duration: entry.seconds, details: [])
        }
        let products = Cost.multiplyAdds(node, in: plan.graph, batch: plan.batch)
        let shapes = node.results.map { plan.graph.type(of: $0).extents(batch: plan.batch).description }
        return .init(
          name: node.op.definition.mnemonic, category: node.origin.layer ?? "step", start: start,
          duration: entry.seconds,
          details: [
            ("layer", node.origin.layer.map { .string($0) } ?? .null),
            ("line", node.origin.location.map { .int($0.line) } ?? .null),
            ("results", .array(shapes.map { .string($0) })),
            ("gflops", products > 0 ? .number(2e-9 * Double(products) / entry.seconds) : .null),
          ])
      })
  }

  /// A node of the plan; nil for what is behind the last one, the copies into the state.
  private func node(_ index: Int) -> Node? {
    plan.graph.nodes.indices.contains(index) ? plan.graph.nodes[index] : nil
  }

  private static func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
