import GraphIR
import Testing

@testable import Runtime

/// Which node is blamed for a value that is infinite or NaN.
@Suite struct FirstNonfiniteTests {
  private static let text = """
    graph @blame infer (%x: f32[N,3]) {
      %big = affine %x {scale=1e+20} : f32[N,3]
      %bigger = square %big : f32[N,3]
      %less = affine %bigger {scale=0.5} : f32[N,3]
      %nan = subtract %bigger, %less : f32[N,3]
      return %nan
    }
    """

  private func blamed(_ x: [Double]) throws -> String? {
    let graph = try GraphParser.parse(Self.text)
    let executor = CPUExecutor(threads: 1)
    let inputs = ["x": ReferenceTensor(shape: [1, 3], values: x)]
    let plan = CPUPlan(graph, batch: 1, store: TensorStore(graph, inputs), lanes: 1)
    executor.write(inputs, to: plan)
    return executor.firstNonfiniteNode(plan).map { node in
      node.results.map { graph[$0].name ?? "?" }.joined()
    }
  }

  @Test("it is the first whose result is not finite, and not a neighbour of it")
  func first() throws {
    #expect(try blamed([1, 0, 0]) == "bigger")
    #expect(try blamed([0, 0, -1]) == "bigger")
    #expect(try blamed([0, 1e25, 0]) == "big")
    #expect(try blamed([0, 1e-3, 0]) == nil)
  }
}
