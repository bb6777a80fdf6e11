import CKernels
import GraphIR
import Lowering
import Passes
import Testing

@testable import Runtime

/// Training steps whose convolutions round what they multiply to bf16.
@Suite struct PrecisionTests {
  /// Algorithms that round, wherever they can be used.
  private static let policies = ["patches_bf16", "winograd2_bf16"].map { name in
    var policy = ConvolutionPolicy(preferred: name)
    policy.allowsBF16 = true
    return policy
  }

  private static let small = TestModel.fixtures.filter {
    ["dilation", "groups", "odd_batch", "output_padding", "rectangular", "tutorial"].contains(
      $0.testDescription)
  }

  @Test("a bf16 step leaves the same bytes with 1, 2, 3 and 8 threads", arguments: small)
  func threadsChangeNothing(model: TestModel) throws {
    let graph = try model.loweredNarrow().step.after(.training)
    let inputs = graph.randomInputs(batch: 3)
    for policy in Self.policies {
      let one = CPURun(graph, inputs, batch: 3, steps: 2, convolutions: policy)
      for threads in [2, 3, 8] {
        let other = CPURun(graph, inputs, batch: 3, steps: 2, threads: threads, convolutions: policy)
        #expect(other.outputs == one.outputs, "\(threads)")
        #expect(other.state == one.state, "\(threads)")
      }
    }
  }

  @Test("a bf16 step is as near to the interpreter's as bf16 allows", arguments: small)
  func stepsAgree(model: TestModel) throws {
    let step = try model.loweredNarrow().step
    // Batch norm makes much of small errors where it sees few values.
    let batch = 16
    let inputs = step.randomInputs(batch: batch)
    let expected = try ReferenceInterpreter(try step.after(.reference)).run(inputs, batch: batch)
    let graph = try step.after(.training)
    for policy in Self.policies {
      let run = CPURun(graph, inputs, batch: batch, convolutions: policy)
      #expect(Set(run.outputs.keys) == Set(expected.outputs.keys))
      for (name, tensor) in expected.outputs.merging(expected.stores, uniquingKeysWith: { $1 }) {
        let apart = relativeDistance(try #require(run.tensors[name]), tensor.values)
        // Of each thousand activations some few fall on the other side of their kink: gradients notice.
        #expect(apart < (name.hasPrefix("loss") ? 0.01 : 0.25), "\(name), \(policy.preferred ?? "")")
      }
    }
  }

  @Test("the plan of a bf16 step rounds in all three directions, that of an fp32 step nowhere")
  func plansRound() throws {
    let model = try #require(TestModel.examples.first { $0.testDescription == "dcgan-64" }).lowered()
    let graph = try model.step.after(.training)
    let store = TensorStore(model.definitions)
    var options = CPUPlan.Options()
    #expect(roundingDirections(CPUPlan(graph, batch: 64, store: store, lanes: 2, options: options)) == [])
    options.convolutions.allowsBF16 = true
    #expect(
      roundingDirections(CPUPlan(graph, batch: 64, store: store, lanes: 2, options: options)) == [0, 1, 2])
  }

  /// The directions of the convolutions whose operands a plan rounds.
  private func roundingDirections(_ plan: CPUPlan) -> Set<UInt32> {
    let algorithms = [CK_CONV_PATCHES_BF16, CK_CONV_WINOGRAD2_BF16]
    return Set(
      plan.calls.compactMap { bound in
        guard case .convolution(let convolution, _, _, _, _, _) = bound.call,
          algorithms.contains(convolution.algorithm)
        else { return nil }
        return convolution.direction.rawValue
      })
  }

  /// ‖a − b‖ / ‖b‖.
  private func relativeDistance(_ a: [Float], _ b: [Double]) -> Double {
    var (difference, norm) = (0.0, 0.0)
    for (x, y) in zip(a, b) {
      difference += (Double(x) - y) * (Double(x) - y)
      norm += y * y
    }
    return difference == 0 ? 0 : (difference / norm).squareRoot()
  }
}
