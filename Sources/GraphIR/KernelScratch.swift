/// Memory that an executor's kernels ask for besides operands and results: a workspace of one node, or
/// prepared weights that several read.
public struct KernelScratch: Hashable, Sendable {
  /// In floats.
  public var count: Int
  /// The indices of the nodes that use it. It is alive from the first of them to run to the last.
  public var nodes: [Int]

  public init(count: Int, nodes: [Int]) {
    self.count = count
    self.nodes = nodes
  }

  /// What an executor asks for in a graph, whose `N` stands for `batch`.
  public typealias Estimate = @Sendable (_ graph: Graph, _ batch: Int) -> [KernelScratch]
}
