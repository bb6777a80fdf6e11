/// A straight-line program of scalar functions that `fused_elementwise` runs for each element.
///
/// Its text form is `[t0 = relu_gradient(a0, a1), t1 = multiply(t0, c2), return(t1)]`: `a` reads an
/// operand of the result's shape, `c` one number per channel, `s` a scalar, and `t` what an earlier
/// instruction computed. Parameters of a function follow its arguments: `leaky_relu(a0, 0.2)`,
/// `affine(a0, scale, offset)`.
public struct ElementwiseProgram: Hashable, Sendable {
  /// How an operand is read.
  public enum Operand: Hashable, Sendable, CaseIterable {
    /// It has the result's shape.
    case full
    /// `[C]`, the number of the element's channel (axis 1).
    case perChannel
    /// `[]`
    case scalar
  }

  /// Where a number comes from.
  public enum Register: Hashable, Sendable {
    case operand(Int)
    /// What the instruction of this index computed.
    case instruction(Int)
  }

  public enum Instruction: Hashable, Sendable {
    case unary(UnaryFunction, Register)
    /// cotangent · f', as `UnaryGradient` has it.
    case unaryGradient(UnaryFunction, cotangent: Register, read: Register)
    case binary(Binary.Kind, Register, Register)
    case affine(scale: Double, offset: Double, Register)

    /// What the instruction reads, in the order of the text form.
    public var arguments: [Register] {
      switch self {
      case .unary(_, let input): [input]
      case .unaryGradient(_, let cotangent, let read): [cotangent, read]
      case .binary(_, let left, let right): [left, right]
      case .affine(_, _, let input): [input]
      }
    }
  }

  public var operands: [Operand]
  public var instructions: [Instruction]
  /// One register per result.
  public var results: [Register]

  public init(operands: [Operand], instructions: [Instruction], results: [Register]) {
    self.operands = operands
    self.instructions = instructions
    self.results = results
  }

  /// A program of one instruction, which reads each operand once and in order.
  init(_ instruction: Instruction, _ operands: [Operand]) {
    self.init(operands: operands, instructions: [instruction], results: [.instruction(0)])
  }

  /// Whether each operand is read, each instruction reads what was computed before it, and there is a
  /// result and an operand of the result's shape.
  public var isWellFormed: Bool {
    var isRead = Array(repeating: false, count: operands.count)
    func isDefined(_ register: Register, before index: Int) -> Bool {
      switch register {
      case .operand(let operand):
        guard operands.indices.contains(operand) else { return false }
        isRead[operand] = true
        return true
      case .instruction(let earlier): return (0..<index).contains(earlier)
      }
    }
    for (index, instruction) in instructions.enumerated() {
      for register in instruction.arguments where !isDefined(register, before: index) { return false }
    }
    for register in results where !isDefined(register, before: instructions.count) { return false }
    return !results.isEmpty && operands.contains(.full) && !isRead.contains(false)
  }
}

// MARK: - Text form

extension ElementwiseProgram: AttributeRepresentable {
  public var attributeValue: AttributeValue {
    var lines: [AttributeValue] = []
    for (index, instruction) in instructions.enumerated() {
      lines.append(.binding("t\(index)", call(of: instruction)))
    }
    lines.append(.call("return", results.map { .word(word(for: $0)) }))
    return .list(lines)
  }

  private func call(of instruction: Instruction) -> AttributeValue {
    let arguments = instruction.arguments.map { AttributeValue.word(word(for: $0)) }
    switch instruction {
    case .unary(let function, _):
      return .call(function.kind.rawValue, arguments + function.parameters.map(AttributeValue.double))
    case .unaryGradient(let function, _, _):
      let parameters = function.parameters.map(AttributeValue.double)
      return .call(function.kind.rawValue + "_gradient", arguments + parameters)
    case .binary(let kind, _, _): return .call(kind.rawValue, arguments)
    case .affine(let scale, let offset, _):
      return .call("affine", arguments + [.double(scale), .double(offset)])
    }
  }

  private func word(for register: Register) -> String {
    switch register {
    case .instruction(let index): return "t\(index)"
    case .operand(let index):
      guard operands.indices.contains(index) else { return "a\(index)" }
      switch operands[index] {
      case .full: return "a\(index)"
      case .perChannel: return "c\(index)"
      case .scalar: return "s\(index)"
      }
    }
  }

  public init?(attributeValue: AttributeValue) {
    guard case .list(let lines) = attributeValue, case .call("return", let returned)? = lines.last else {
      return nil
    }
    var reader = RegisterReader()
    var instructions: [Instruction] = []
    for (index, line) in lines.dropLast().enumerated() {
      guard case .binding("t\(index)", .call(let name, let arguments)) = line,
        let instruction = reader.instruction(name, arguments)
      else { return nil }
      instructions.append(instruction)
    }
    let results = returned.compactMap { reader.register($0) }
    guard results.count == returned.count, let operands = reader.allOperands() else { return nil }
    self.init(operands: operands, instructions: instructions, results: results)
    guard isWellFormed else { return nil }
  }
}

/// Reads registers and notes which kind of operand each letter claims.
private struct RegisterReader {
  private var operands: [Int: ElementwiseProgram.Operand] = [:]

  /// The operands, if each up to the largest index was read, and in one way.
  func allOperands() -> [ElementwiseProgram.Operand]? {
    let inOrder = (0..<operands.count).compactMap { operands[$0] }
    return inOrder.count == operands.count ? inOrder : nil
  }

  mutating func register(_ value: AttributeValue) -> ElementwiseProgram.Register? {
    guard case .word(let word) = value, let letter = word.first, let index = Int(word.dropFirst()), index >= 0
    else { return nil }
    let kind: ElementwiseProgram.Operand
    switch letter {
    case "t": return .instruction(index)
    case "a": kind = .full
    case "c": kind = .perChannel
    case "s": kind = .scalar
    default: return nil
    }
    guard operands[index] == nil || operands[index] == kind else { return nil }
    operands[index] = kind
    return .operand(index)
  }

  mutating func instruction(
    _ name: String, _ arguments: [AttributeValue]
  ) -> ElementwiseProgram.Instruction? {
    var registers: [ElementwiseProgram.Register] = []
    var parameters: [Double] = []
    for argument in arguments {
      if let number = Double(attributeValue: argument) {
        parameters.append(number)
      } else if parameters.isEmpty, let register = register(argument) {
        registers.append(register)
      } else {
        return nil
      }
    }
    switch registers.count {
    case 1 where name == "affine":
      guard parameters.count == 2 else { return nil }
      return .affine(scale: parameters[0], offset: parameters[1], registers[0])
    case 1:
      guard let function = UnaryFunction(name: name, parameters: parameters) else { return nil }
      return .unary(function, registers[0])
    case 2:
      if let kind = Binary.Kind(rawValue: name) {
        return parameters.isEmpty ? .binary(kind, registers[0], registers[1]) : nil
      }
      guard name.hasSuffix("_gradient"),
        let function = UnaryFunction(name: String(name.dropLast("_gradient".count)), parameters: parameters)
      else { return nil }
      return .unaryGradient(function, cotangent: registers[0], read: registers[1])
    default: return nil
    }
  }
}

extension UnaryFunction {
  /// The function of this name, if it has this many parameters.
  init?(name: String, parameters: [Double]) {
    guard let kind = UnaryKind(rawValue: name), parameters.count == kind.definition.parameterNames.count
    else { return nil }
    self.init(kind, parameters)
  }
}
