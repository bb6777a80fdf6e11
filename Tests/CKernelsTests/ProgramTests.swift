import CKernels
import Testing

@Suite struct ProgramTests {
  /// A random valid program, its operands' kinds, and a shape.
  struct Sample {
    var instructions: [ck_ew_instr] = []
    var kinds: [ck_ew_operand_kind] = []
    var outputCount: Int
    var rows: Int
    var channels: Int
    private var written: [UInt8] = []

    static let shapes = [
      (1, 1), (7, 1), (1, 17), (40, 3), (333, 64), (9, 100), (5, 513), (3, 2000), (60_000, 1), (200, 257),
    ]
    static let functions = [
      CK_UNARY_RELU, CK_UNARY_LEAKY_RELU, CK_UNARY_TANH, CK_UNARY_SIGMOID, CK_UNARY_SILU, CK_UNARY_ABSOLUTE,
    ]
    static let pairs = [CK_BINARY_ADD, CK_BINARY_SUBTRACT, CK_BINARY_MULTIPLY, CK_BINARY_MAXIMUM]

    init(noise: inout Noise, shape: (Int, Int)) {
      (rows, channels) = shape
      for _ in 0...noise.below(4) { kinds.append(ck_ew_operand_kind(UInt32(noise.below(3)))) }
      outputCount = 1 + noise.below(3)
      append(CK_EW_LOAD.rawValue, a: 0, &noise)
      var unstored = Array(0..<outputCount)
      while !unstored.isEmpty {
        let mustStore = instructions.count > Int(CK_EW_INSTRUCTIONS) - 8
        switch mustStore ? 7 : noise.below(instructions.count < 8 ? 7 : 8) {
        case 0, 1: append(CK_EW_LOAD.rawValue, a: UInt8(noise.below(kinds.count)), &noise)
        case 2: append(CK_EW_UNARY.rawValue + Self.functions[noise.below(6)].rawValue, &noise)
        case 3: append(CK_EW_UNARY_BACKWARD.rawValue + Self.functions[noise.below(6)].rawValue, &noise)
        case 4: append(CK_EW_BINARY.rawValue + Self.pairs[noise.below(4)].rawValue, &noise)
        case 5: append(noise.below(2) == 0 ? CK_EW_AFFINE.rawValue : CK_EW_CONSTANT.rawValue, &noise)
        case 6:
          append(CK_EW_MULTIPLY_ADD.rawValue, &noise, dst: written[noise.below(written.count)])
        default:
          let output = unstored.remove(at: noise.below(unstored.count))
          append(CK_EW_STORE.rawValue, &noise, dst: UInt8(output))
        }
      }
    }

    private mutating func append(_ opcode: UInt32, a: UInt8? = nil, _ noise: inout Noise, dst: UInt8? = nil) {
      let register = { (written: [UInt8], noise: inout Noise) -> UInt8 in
        written.isEmpty ? 0 : written[noise.below(written.count)]
      }
      let instruction = ck_ew_instr(
        opcode: UInt8(opcode), dst: dst ?? UInt8(noise.below(Int(CK_EW_REGISTERS))),
        a: a ?? register(written, &noise), b: register(written, &noise), p0: noise.value(in: 0.2...0.6),
        p1: 0.1)
      instructions.append(instruction)
      if opcode != CK_EW_STORE.rawValue { written.append(instruction.dst) }
    }

    /// The outputs one after the other; with `inPlace`, each output that can be is an input's memory.
    func run(
      inputs: [[Float]], inPlace: Bool,
      _ kernel: (
        UnsafePointer<ck_ew_program>, UnsafePointer<ck_ew_operand>,
        UnsafePointer<UnsafeMutablePointer<Float>?>
      ) -> Void
    ) -> [Float] {
      let count = rows * channels
      let memory = UnsafeMutablePointer<Float>.allocate(capacity: (kinds.count + outputCount) * count)
      defer { unsafe memory.deallocate() }
      var operands: [ck_ew_operand] = unsafe []
      for (index, input) in inputs.enumerated() {
        let data = unsafe memory + index * count
        unsafe data.initialize(from: input, count: count)
        unsafe operands.append(ck_ew_operand(data: data, kind: kinds[index]))
      }
      var outputs: [UnsafeMutablePointer<Float>?] = unsafe []
      for output in 0..<outputCount {
        let isInput = inPlace && output < kinds.count && kinds[output] == CK_EW_FULL
        let data = unsafe memory + (isInput ? output : kinds.count + output) * count
        unsafe outputs.append(data)
      }
      unsafe instructions.withUnsafeBufferPointer { instructions in
        var program = unsafe ck_ew_program(
          instructions: instructions.baseAddress, instruction_count: Int32(instructions.count),
          input_count: Int32(kinds.count), output_count: Int32(outputCount))
        #expect(unsafe ck_ew_program_is_valid(&program))
        unsafe kernel(&program, operands, outputs)
      }
      return unsafe outputs.flatMap { unsafe Array(UnsafeBufferPointer(start: $0, count: count)) }
    }
  }

  @Test func randomProgramsMatchTheElementByElementInterpreter() {
    var noise = Noise()
    for trial in 0..<200 {
      let sample = Sample(noise: &noise, shape: Sample.shapes[trial % Sample.shapes.count])
      let inputs = sample.kinds.map { _ in noise.array(sample.rows * sample.channels) }
      let expected = unsafe sample.run(inputs: inputs, inPlace: false) { program, operands, outputs in
        unsafe ck_ew_run_reference(program, sample.rows, sample.channels, operands, outputs)
      }
      for inPlace in [false, true] {
        unsafe expectKernel(
          "trial \(trial), in place \(inPlace)", toMatch: expected, Tolerance(relative: 1e-4, absolute: 1e-5)
        ) { pool in
          unsafe sample.run(inputs: inputs, inPlace: inPlace) { program, operands, outputs in
            unsafe ck_ew_run(pool, program, sample.rows, sample.channels, operands, outputs)
          }
        }
      }
    }
  }

  @Test func aRegisterReadBeforeItIsWrittenIsInvalid() {
    let instructions = [
      ck_ew_instr(opcode: UInt8(CK_EW_LOAD.rawValue), dst: 0, a: 0, b: 0, p0: 0, p1: 0),
      ck_ew_instr(opcode: UInt8(CK_EW_BINARY.rawValue), dst: 0, a: 0, b: 1, p0: 0, p1: 0),
      ck_ew_instr(opcode: UInt8(CK_EW_STORE.rawValue), dst: 0, a: 0, b: 0, p0: 0, p1: 0),
    ]
    unsafe instructions.withUnsafeBufferPointer { instructions in
      var program = unsafe ck_ew_program(
        instructions: instructions.baseAddress, instruction_count: 3, input_count: 1, output_count: 1)
      #expect(unsafe !ck_ew_program_is_valid(&program))
    }
  }
}
