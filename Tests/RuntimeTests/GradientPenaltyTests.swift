import GraphIR
import Passes
import Testing

@testable import Runtime

/// A whole gradient penalty: the derivative, by a discriminator's weights, of how far the norm of its
/// derivative by the images lies from one.
@Suite struct GradientPenaltyTests {
  private static let batch = 3
  private static let parameters = ["w0", "b0", "gamma", "beta", "w1", "b1", "w2"]

  private static let text = """
    graph @penalty train (
      %between: f32[N,2,6,6], %batches: state i64[], %w0: param f32[3,2,3,3], %b0 %gamma %beta: param f32[3],
      %w1: param f32[4,3,3,3], %b1: param f32[4], %w2: param f32[1,4]
    ) {
      %0 = conv2d %between, %w0 {padding=1} : f32[N,3,6,6]
      %1 = bias_add %0, %b0 : f32[N,3,6,6]
      %2, %mean, %variance = batch_norm_train %1, %gamma, %beta : f32[N,3,6,6], f32[3], f32[3]
      %3 = leaky_relu(0.2) %2 : f32[N,3,6,6]
      %4 = max_pool2d %3 : f32[N,3,3,3]
      %5 = dropout_mask %batches {rate=0.3, seed=7, stream=2, shape=[N, 3, 3, 3]} : f32[N,3,3,3]
      %6 = multiply %4, %5 : f32[N,3,3,3]
      %7 = conv2d %6, %w1 {padding=1} : f32[N,4,3,3]
      %8 = bias_add %7, %b1 : f32[N,4,3,3]
      %9 = silu %8 : f32[N,4,3,3]
      %10 = avg_pool2d %9 {kernel_size=3, stride=3} : f32[N,4,1,1]
      %11 = reshape %10 {shape=[N, 4]} : f32[N,4]
      %12 = matmul %11, %w2 {transpose_right=true} : f32[N,1]
      %score = reduce %12 {axes=[0, 1]} : f32[]
      %slope = gradient %score, %between : f32[N,2,6,6]
      %13 = square %slope : f32[N,2,6,6]
      %14 = reduce %13 {axes=[1, 2, 3]} : f32[N]
      %15 = sqrt %14 : f32[N]
      %16 = affine %15 {offset=-1} : f32[N]
      %17 = square %16 : f32[N]
      %penalty = reduce %17 {axes=[0], mean=true} : f32[]
      %dw0, %db0, %dgamma, %dbeta, %dw1, %db1, %dw2 = gradient %penalty, %w0, %b0, %gamma, %beta, %w1, %b1, %w2 : f32[3,2,3,3], f32[3], f32[3], f32[3], f32[4,3,3,3], f32[4], f32[1,4]
      return %score, %slope, %penalty, %dw0, %db0, %dgamma, %dbeta, %dw1, %db1, %dw2
    }
    """

  private func graph(after pipeline: Pipeline) throws -> Graph {
    try GraphParser.parse(Self.text).after(pipeline)
  }

  private func value(_ name: String, _ inputs: [String: ReferenceTensor], _ graph: Graph) throws -> Double {
    let outputs = try ReferenceInterpreter(graph).run(inputs, batch: Self.batch).outputs
    return try #require(outputs[name]).values[0]
  }

  /// (f(x + h·d) − f(x − h·d)) / 2h of an output along a direction d of an input.
  private func difference(
    of output: String, by input: String, along direction: [Double], _ inputs: [String: ReferenceTensor],
    _ graph: Graph
  ) throws -> Double {
    let step = 1e-5
    let values = try [step, -step].map { step in
      var moved = inputs
      for (index, amount) in direction.enumerated() { moved[input]?.values[index] += step * amount }
      return try value(output, moved, graph)
    }
    return (values[0] - values[1]) / (2 * step)
  }

  @Test("it is the limit of difference quotients in every weight, and so is the slope in it")
  func matchesDifferences() throws {
    let graph = try graph(after: .reference)
    let inputs = graph.randomInputs(batch: Self.batch)
    let outputs = try ReferenceInterpreter(graph).run(inputs, batch: Self.batch).outputs
    func expect(_ gradient: String, of output: String, by input: String) throws {
      let gradient = try #require(outputs[gradient]).values
      for trial in 0..<2 {
        let source = RandomSource(seed: trial, stream: .noise)
        let direction = gradient.indices.map { source.uniform($0) < 0.5 ? -1.0 : 1.0 }
        let along = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        let difference = try difference(of: output, by: input, along: direction, inputs, graph)
        let error = abs(along - difference) / max(1e-3, abs(along), abs(difference))
        #expect(error < 1e-6, "\(output) by \(input): \(along), but by differences \(difference)")
        if output == "penalty", input != "b0" { #expect(abs(along) > 1e-6, "\(input)") }
      }
    }
    try expect("slope", of: "score", by: "between")
    for name in Self.parameters { try expect("d\(name)", of: "penalty", by: name) }
    #expect(try #require(outputs["penalty"]).values[0] > 0.01)
  }

  @Test("training's passes and the CPU's kernels keep it")
  func isKept() throws {
    let reference = try graph(after: .reference)
    let inputs = reference.randomInputs(batch: Self.batch)
    let expected = try ReferenceInterpreter(reference).run(inputs, batch: Self.batch).outputs
    let trained = try graph(after: .training(batch: Self.batch))
    let fused = try ReferenceInterpreter(trained).run(inputs, batch: Self.batch).outputs
    let run = CPURun(trained, inputs, batch: Self.batch)
    for name in ["score", "slope", "penalty"] + Self.parameters.map({ "d\($0)" }) {
      let wanted = try #require(expected[name])
      // Before batch norm a bias has no effect: its gradient is zero but for rounding.
      let scale = max(1e-3, wanted.values.reduce(0) { max($0, abs($1)) })
      func distance(_ values: [Double]) -> Double {
        zip(values, wanted.values).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
      }
      #expect(distance(try #require(fused[name]).values) < 1e-9, "\(name)")
      #expect(distance(try #require(run.outputs[name]).map(Double.init)) < 1e-4, "\(name)")
    }
  }
}
