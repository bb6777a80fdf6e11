import GraphIR
import Testing

@testable import Runtime

/// Counters go on where a 32-bit float stands still.
@Suite struct CounterTests {
  /// A counter that each run moves by one, beside a parameter that its optimiser moves at that count.
  private func graph(_ optimizer: some OpDefinition, states: Int) -> Graph {
    var builder = GraphBuilder(Graph(name: "step", mode: .train))
    let count = builder.graph.addInput(.state, "count", .count)
    let parameter = builder.graph.addInput(.parameter, "p", TensorType([2]))
    let gradient = builder.graph.addInput(.data, "g", TensorType([2]))
    let kept = (0..<states).map { builder.graph.addInput(.state, "s\($0)", TensorType([2])) }
    let next = builder.emit(Increment(), count)
    let factor = builder.emit(Constant(value: 1, shape: []))
    let results = builder.emitAll(optimizer, [next, factor, parameter, gradient] + kept)
    builder.graph.stores.append(Store(target: count, value: next))
    for (target, value) in zip([parameter] + kept, results) {
      builder.graph.stores.append(Store(target: target, value: value))
    }
    return builder.graph
  }

  private func run(_ graph: Graph, from count: Int64, steps: Int) throws -> (count: [Int64]?, p: [Float]?) {
    let store = TensorStore(
      graph.inputs.filter(\.outlivesRun).map { input in
        let type = graph.type(of: input.value)
        return .init(input.name, type.extents(batch: 1), .optimizer, element: type.element)
      })
    store.write(integers: [count], to: "count")
    let executor = CPUExecutor(threads: 1)
    let plan = CPUPlan(graph, batch: 1, store: store, lanes: 1)
    for _ in 0..<steps {
      executor.write([1, -2], to: "g", of: plan)
      executor.run(plan)
    }
    return (store.integers(of: "count"), store.values(of: "p"))
  }

  @Test(arguments: [0, 1 << 24 - 1, 1 << 24, 1 << 32, 1 << 53] as [Int64])
  func aCounterIsExact(from count: Int64) throws {
    let adam = graph(Adam(learningRate: 0.01, beta1: 0.5, beta2: 0.999), states: 2)
    #expect(try run(adam, from: count, steps: 3).count == [count + 3])
  }

  @Test func anOptimiserReadsTheCount() throws {
    let adam = graph(Adam(learningRate: 0.01, beta1: 0.5, beta2: 0.999), states: 2)
    // The first step moves by the learning rate; one whose count says that the averages are old moves by what
    // they hold.
    let first = try #require(run(adam, from: 0, steps: 1).p)
    #expect(abs(first[0] + 0.01) < 1e-6 && abs(first[1] - 0.01) < 1e-6)
    let late = try #require(run(adam, from: 1 << 40, steps: 1).p)
    #expect(abs(late[0] + 0.01 * 0.5 / (0.001 as Float).squareRoot()) < 1e-5)
    let sgd = graph(SGD(learningRate: 1, momentum: 0.5, dampening: 0.5), states: 1)
    #expect(try run(sgd, from: 0, steps: 1).p == [-1, 2])
    #expect(try run(sgd, from: 5, steps: 1).p == [-0.5, 1])
  }

  @Test func aFloatIsNoCounterAndACounterNoFloat() {
    var builder = GraphBuilder(Graph(name: "g", mode: .train))
    let float = builder.graph.addInput(.data, "x", .scalar)
    let count = builder.graph.addInput(.state, "n", .count)
    #expect(throws: TypeRuleViolation.self) { try builder.tryEmit(Increment(), [float]) }
    #expect(throws: TypeRuleViolation.self) { try builder.tryEmit(Affine(offset: 1), [count]) }
    #expect(throws: TypeRuleViolation.self) { try builder.tryEmit(Binary(.add), [float, count]) }
    #expect(throws: Never.self) { try builder.tryEmit(Increment(), [count]) }
  }
}
