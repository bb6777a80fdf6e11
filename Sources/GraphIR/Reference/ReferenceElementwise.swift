/// Element-wise programs, one element after the other.
enum ReferenceElementwise {
  /// Runs the program once for each element of the results, which share the shape `result`.
  static func run(
    _ program: ElementwiseProgram, _ operands: [ReferenceTensor], result shape: [Int]
  ) -> [ReferenceTensor] {
    var results = Array(repeating: ReferenceTensor(shape: shape), count: program.results.count)
    let channels = shape.count > 1 ? shape[1] : 1
    let inner = shape.dropFirst(2).reduce(1, *)
    for element in 0..<shape.reduce(1, *) {
      let channel = element / inner % channels
      var computed: [Double] = []
      func read(_ register: ElementwiseProgram.Register) -> Double {
        switch register {
        case .instruction(let index): computed[index]
        case .operand(let index):
          switch program.operands[index] {
          case .full: operands[index].values[element]
          case .perChannel: operands[index].values[channel]
          case .scalar: operands[index].values[0]
          }
        }
      }
      for instruction in program.instructions {
        let value =
          switch instruction {
          case .unary(let function, let input): function(read(input))
          case .unaryGradient(let function, let cotangent, let point):
            read(cotangent) * function.derivative(read(point))
          case .binary(let kind, let left, let right): kind(read(left), read(right))
          case .affine(let scale, let offset, let input): scale * read(input) + offset
          }
        computed.append(value)
      }
      for (slot, register) in program.results.enumerated() { results[slot].values[element] = read(register) }
    }
    return results
  }
}
