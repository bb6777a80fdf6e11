import CKernels
import GraphIR

/// Scalar functions as the kernels number them.
extension UnaryFunction {
  var kernel: (function: ck_unary, p0: Float, p1: Float) {
    let function =
      switch kind {
      case .relu: CK_UNARY_RELU
      case .leakyReLU: CK_UNARY_LEAKY_RELU
      case .tanh: CK_UNARY_TANH
      case .sigmoid: CK_UNARY_SIGMOID
      case .elu: CK_UNARY_ELU
      case .softplus: CK_UNARY_SOFTPLUS
      case .silu: CK_UNARY_SILU
      case .gelu: parameters[0] == 0 ? CK_UNARY_GELU : CK_UNARY_GELU_TANH
      case .bce: CK_UNARY_BCE
      case .bceWithLogits: CK_UNARY_BCE_WITH_LOGITS
      case .exp: CK_UNARY_EXP
      case .log: CK_UNARY_LOG
      case .sqrt: CK_UNARY_SQRT
      case .rsqrt: CK_UNARY_RSQRT
      case .square: CK_UNARY_SQUARE
      case .reciprocal: CK_UNARY_RECIPROCAL
      case .absolute: CK_UNARY_ABSOLUTE
      case .step: CK_UNARY_STEP
      case .sign: CK_UNARY_SIGN
      case .clamp: CK_UNARY_CLAMP
      case .hardtanh: CK_UNARY_HARDTANH
      case .rootOfSquares: CK_UNARY_ROOT_OF_SQUARES
      }
    func parameter(_ index: Int) -> Float { index < parameters.count ? Float(parameters[index]) : 0 }
    return (function, parameter(0), parameter(1))
  }

  /// The function as an epilogue. Activations have the same numbers among the functions.
  var activation: ck_activation {
    let (function, p0, p1) = kernel
    return ck_activation(kind: ck_activation_kind(rawValue: function.rawValue), alpha: p0, beta: p1)
  }
}

extension Binary.Kind {
  var kernel: ck_binary {
    switch self {
    case .add: CK_BINARY_ADD
    case .subtract: CK_BINARY_SUBTRACT
    case .multiply: CK_BINARY_MULTIPLY
    case .divide: CK_BINARY_DIVIDE
    case .maximum: CK_BINARY_MAXIMUM
    case .minimum: CK_BINARY_MINIMUM
    }
  }
}

extension KernelBinder {
  mutating func bindProgram(_ program: ElementwiseProgram, _ node: Node) {
    // It asks for no memory besides its values.
    guard memory.isPlaced else { return }
    let result = node.results[0]
    let hasChannels = program.operands.contains(.perChannel)
    let (rows, channels) = hasChannels ? rowsAndChannels(result) : (count(result), 1)
    let inputs = zip(node.operands, program.operands).map { value, kind in
      let kernelKind =
        switch kind {
        case .full: CK_EW_FULL
        case .perChannel: CK_EW_CHANNEL
        case .scalar: CK_EW_SCALAR
        }
      return (region: region(value), kind: kernelKind)
    }
    call(.program(programs.count))
    programs.append(
      ProgramCall(
        instructions: ProgramAssembler.assemble(program), rows: rows, channels: channels, inputs: inputs,
        outputs: node.results.map { region($0) }))
  }
}

/// Turns a program's named values into loads, register instructions and stores.
private struct ProgramAssembler {
  private var output: [ck_ew_instr] = []
  private var free = Array((0..<UInt8(CK_EW_REGISTERS)).reversed())
  /// The register of each value that is still needed.
  private var registers: [ElementwiseProgram.Register: UInt8] = [:]
  /// The last instruction that reads each value; results are read after all.
  private var lastReads: [ElementwiseProgram.Register: Int] = [:]

  static func assemble(_ program: ElementwiseProgram) -> [ck_ew_instr] {
    var assembler = ProgramAssembler()
    for (index, instruction) in program.instructions.enumerated() {
      for register in instruction.arguments { assembler.lastReads[register] = index }
    }
    for register in program.results { assembler.lastReads[register] = program.instructions.count }
    for (index, instruction) in program.instructions.enumerated() {
      assembler.append(instruction, at: index)
    }
    for (number, register) in program.results.enumerated() {
      let source = assembler.read(register)
      assembler.emit(CK_EW_STORE.rawValue, UInt8(number), source)
    }
    return assembler.output
  }

  private mutating func append(_ instruction: ElementwiseProgram.Instruction, at index: Int) {
    var sources: [UInt8] = []
    for register in instruction.arguments { sources.append(read(register, keeping: sources)) }
    for register in Set(instruction.arguments) where lastReads[register] == index {
      if let number = registers.removeValue(forKey: register) { free.append(number) }
    }
    // An operation reads its registers before it writes, so the result may take the place of one.
    let target = take()
    registers[.instruction(index)] = target
    if lastReads[.instruction(index)] == nil {
      registers[.instruction(index)] = nil
      free.append(target)
    }
    switch instruction {
    case .unary(let function, _):
      let (kernel, p0, p1) = function.kernel
      emit(CK_EW_UNARY.rawValue + kernel.rawValue, target, sources[0], p0: p0, p1: p1)
    case .unaryGradient(let function, _, _):
      let (kernel, p0, p1) = function.kernel
      emit(CK_EW_UNARY_BACKWARD.rawValue + kernel.rawValue, target, sources[0], sources[1], p0: p0, p1: p1)
    case .binary(let kind, _, _):
      emit(CK_EW_BINARY.rawValue + kind.kernel.rawValue, target, sources[0], sources[1])
    case .affine(let scale, let offset, _):
      emit(CK_EW_AFFINE.rawValue, target, sources[0], p0: Float(scale), p1: Float(offset))
    }
  }

  /// The register of a value; an operand is loaded when it is first read.
  private mutating func read(
    _ register: ElementwiseProgram.Register, keeping kept: [UInt8] = []
  ) -> UInt8 {
    if let number = registers[register] { return number }
    guard case .operand(let index) = register else {
      fatalError("bug in graphc: an element-wise program reads a value that is gone")
    }
    let number = take(keeping: kept)
    emit(CK_EW_LOAD.rawValue, number, UInt8(index))
    registers[register] = number
    return number
  }

  /// A free register. If there is none, that of an operand, which can be loaded again.
  private mutating func take(keeping kept: [UInt8] = []) -> UInt8 {
    if let number = free.popLast() { return number }
    let loaded = registers.compactMap { register, number -> (operand: Int, number: UInt8)? in
      guard case .operand(let operand) = register, !kept.contains(number) else { return nil }
      return (operand, number)
    }
    guard let victim = loaded.min(by: { $0.operand < $1.operand }) else {
      fatalError("bug in graphc: an element-wise program needs more registers than the kernel has")
    }
    registers[.operand(victim.operand)] = nil
    return victim.number
  }

  private mutating func emit(
    _ opcode: UInt32, _ dst: UInt8, _ a: UInt8, _ b: UInt8 = 0, p0: Float = 0, p1: Float = 0
  ) {
    output.append(ck_ew_instr(opcode: UInt8(opcode), dst: dst, a: a, b: b, p0: p0, p1: p1))
  }
}
