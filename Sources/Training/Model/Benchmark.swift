import Glibc
import GraphIR
import Lowering
import Runtime

/// Times a plan on random data in memory.
public enum Benchmark {
  /// The time of one node.
  public struct Row: Sendable {
    public var op: String
    public var layer: String?
    public var seconds: Double
    /// Counted as a direct computation.
    public var flops: Double
    /// Of the whole plan's time.
    public var share: Double
  }

  public struct Result: Sendable {
    public var medianSeconds: Double
    public var flops: Double
    /// The most memory that the process ever had.
    public var peakResidentBytes: Int
    /// In the order of execution.
    public var rows: [Row]
  }

  /// - Parameters:
  ///   - steps: Timed runs, of which the median counts.
  ///   - warmup: Runs before them.
  public static func run(_ plan: CPUPlan, on executor: CPUExecutor, steps: Int, warmup: Int) -> Result {
    for input in plan.graph.inputs where input.kind == .data {
      let source = RandomSource(seed: 1, stream: .noise, substream: input.value.index)
      let count = plan.graph.type(of: input.value).elementCount(batch: plan.batch)
      let noise = source.normals(count)
      executor.write(noise.map { max(-1, min(1, $0)) }, to: input.name, of: plan)
    }
    for _ in 0..<warmup { executor.run(plan) }
    let clock = ContinuousClock()
    var times: [Double] = []
    for _ in 0..<steps { times.append(seconds(clock.measure { executor.run(plan) })) }
    times.sort()
    let peak = peakResidentBytes()
    return Result(
      medianSeconds: times[times.count / 2], flops: Cost.flops(plan.graph, batch: plan.batch),
      peakResidentBytes: peak, rows: rows(plan, executor, runs: min(steps, 5)))
  }

  /// The median time of each node.
  private static func rows(_ plan: CPUPlan, _ executor: CPUExecutor, runs: Int) -> [Row] {
    let profiles = (0..<runs).map { _ in executor.profile(plan) }
    var rows: [Row] = []
    for (position, entry) in profiles[0].enumerated() {
      let times = profiles.map { $0[position].seconds }.sorted()
      var row = Row(op: "store", layer: nil, seconds: times[runs / 2], flops: 0, share: 0)
      if entry.node < plan.graph.nodes.count {
        let node = plan.graph.nodes[entry.node]
        row.op = node.op.definition.mnemonic
        row.layer = node.origin.layer
        row.flops = 2 * Double(Cost.multiplyAdds(node, in: plan.graph, batch: plan.batch))
      }
      rows.append(row)
    }
    let total = rows.reduce(0) { $0 + $1.seconds }
    for index in rows.indices { rows[index].share = rows[index].seconds / total }
    return rows
  }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  /// The most physical memory that this process ever had, in bytes.
  public static func peakResidentBytes() -> Int {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
