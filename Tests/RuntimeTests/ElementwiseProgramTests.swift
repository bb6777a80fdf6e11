import GraphIR
import Testing

@testable import Runtime

/// Programs of `fused_elementwise` as large as the fusion pass makes them.
@Suite struct ElementwiseProgramTests {
  @Test("a random program of up to eight operands and twelve instructions fits the kernel's registers")
  func randomPrograms() throws {
    for seed in 0..<300 {
      let source = RandomSource(seed: seed, stream: .syntheticData)
      let program = Self.program(source, operands: 1 + seed % 8, instructions: 1 + seed % 12)
      let sample = OpSample(
        FusedElementwise(program),
        program.operands.map { $0 == .full ? [3, 5] : $0 == .perChannel ? [5] : [] })
      let graph = try sample.graph()
      var inputs: [String: ReferenceTensor] = [:]
      for (input, tensor) in zip(graph.inputs, sample.operandTensors(seed: seed)) {
        inputs[input.name] = tensor.rounded
      }
      let expected = try ReferenceInterpreter(graph).run(inputs, batch: 1)
      for isa in instructionSets {
        let run = with(isa) { CPURun(graph, inputs) }
        let apart = distance(run.outputs["y0"], expected.outputs["y0"])
        #expect(apart < 1e-5, "\(program)")
      }
    }
  }

  /// A tree in which every instruction's result is read once and operands any number of times.
  private static func program(
    _ source: RandomSource, operands: Int, instructions: Int
  ) -> ElementwiseProgram {
    var draws = 0
    func draw(below bound: Int) -> Int {
      draws += 1
      return source.integer(draws, below: bound)
    }
    let kinds = ElementwiseProgram.Operand.allCases
    var open: [ElementwiseProgram.Register] = []
    var list: [ElementwiseProgram.Instruction] = []
    func value() -> ElementwiseProgram.Register {
      if !open.isEmpty, draw(below: 3) > 0 { return open.remove(at: draw(below: open.count)) }
      return .operand(draw(below: operands))
    }
    while list.count < instructions {
      // What is open must still be joined by the instructions that are left.
      let mustJoin = open.count >= instructions - list.count
      if mustJoin || draw(below: 2) == 0 {
        let left = mustJoin && !open.isEmpty ? open.removeLast() : value()
        let right = mustJoin && !open.isEmpty ? open.removeLast() : value()
        list.append(.binary(draw(below: 2) == 0 ? .add : .multiply, left, right))
      } else {
        list.append(.unary(draw(below: 2) == 0 ? .tanh : .sigmoid, value()))
      }
      open.append(.instruction(list.count - 1))
    }
    let read = Set(list.flatMap(\.arguments))
    var renamed: [ElementwiseProgram.Register: ElementwiseProgram.Register] = [:]
    for operand in 0..<operands where read.contains(.operand(operand)) {
      renamed[.operand(operand)] = .operand(renamed.count)
    }
    let named = list.map { instruction -> ElementwiseProgram.Instruction in
      switch instruction {
      case .binary(let kind, let a, let b): .binary(kind, renamed[a] ?? a, renamed[b] ?? b)
      case .unary(let function, let a): .unary(function, renamed[a] ?? a)
      default: instruction
      }
    }
    // The first operand has the result's shape.
    let chosen = renamed.indices.enumerated().map { $0.offset == 0 ? .full : kinds[draw(below: kinds.count)] }
    return ElementwiseProgram(
      operands: chosen, instructions: named, results: [.instruction(list.count - 1)])
  }
}
