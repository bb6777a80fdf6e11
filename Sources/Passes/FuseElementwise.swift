import GraphIR

/// Makes one pass over memory of element-wise ops that follow each other: a chain whose inner values
/// nobody else reads becomes one `fused_elementwise`. A number, or a number per channel, that was repeated over
/// a tensor's shape is read as what it is.
public struct FuseElementwise: Pass {
  public let name = "fuse-elementwise"

  /// More would not fit the kernel's operands.
  private static let operandLimit = 8
  /// Every inner value is read once, so a program of n instructions holds at most (n + 1) / 2 of them at once:
  /// with this many, the kernel's registers have room for two operands besides.
  private static let instructionLimit = 12

  public init() {}

  /// A program under construction, with the values that its operands stand for.
  private struct Group {
    var program: ElementwiseProgram
    var operands: [ValueID]
  }

  public func run(_ graph: inout Graph) -> Bool {
    let uses = graph.useCounts()
    let defining = graph.definingNodes()
    var groups: [ValueID: Group] = [:]
    var definedAt: [ValueID: Int] = [:]
    var fused: [Int: Group] = [:]
    var absorbed: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() {
      guard let group = group(of: node, in: graph) else { continue }
      var grown = readingRepeated(group, of: graph.type(of: node.results[0]), in: graph, defining)
      let isRewritten = grown.operands != group.operands
      var taken: [Int] = []
      for operand in node.operands {
        // The whole chain must read and write one shape in one layout.
        guard uses[operand.index] == 1, let inner = groups[operand], let place = definedAt[operand],
          graph.type(of: operand) == graph.type(of: node.results[0]),
          let both = Self.inline(inner, as: operand, into: grown)
        else { continue }
        grown = both
        taken.append(place)
      }
      absorbed.formUnion(taken)
      for place in taken { fused[place] = nil }
      groups[node.results[0]] = grown
      definedAt[node.results[0]] = index
      if !taken.isEmpty || isRewritten { fused[index] = grown }
    }
    if fused.isEmpty { return false }
    for (index, group) in fused {
      graph.nodes[index].op = .fusedElementwise(FusedElementwise(group.program))
      graph.nodes[index].operands = group.operands
    }
    graph.nodes = graph.nodes.indices.filter { !absorbed.contains($0) }.map { graph.nodes[$0] }
    return true
  }

  /// The program of one element-wise op with one result.
  private func group(of node: Node, in graph: Graph) -> Group? {
    let operands = node.operands
    guard let result = node.results.first, graph.type(of: result).rank > 0,
      let program = node.op.definition.elementwise
    else { return nil }
    return Self.merged(Group(program: program, operands: operands))
  }

  /// The program with operands that are a number, or a number per channel, repeated over the result's shape read
  /// as such: the repeated tensor then need not be made.
  private func readingRepeated(
    _ group: Group, of result: TensorType, in graph: Graph, _ defining: [Int?]
  ) -> Group {
    var (read, isFull) = (group, false)
    for (index, operand) in group.operands.enumerated() where group.program.operands[index] == .full {
      isFull = true
      guard let producer = defining[operand.index].map({ graph.nodes[$0] }),
        case .broadcast(let broadcast) = producer.op, !broadcast.mean
      else { continue }
      if broadcast.axes.count == result.rank {
        read.program.operands[index] = .scalar
      } else if result.shape[0] == .batch, broadcast.axes == result.shape.indices.filter({ $0 != 1 }) {
        // A weight's channels are another matter: its layout is not an image's.
        read.program.operands[index] = .perChannel
      } else {
        continue
      }
      read.operands[index] = producer.operands[0]
    }
    // Some operand must say the shape.
    guard isFull, read.program.operands.contains(.full) else { return group }
    return Self.merged(read)
  }

  /// The program with `inner`, which computes `value`, written in place of the operand.
  private static func inline(_ inner: Group, as value: ValueID, into outer: Group) -> Group? {
    let operandBase = outer.operands.count
    let shift = inner.program.instructions.count
    func ofInner(_ register: ElementwiseProgram.Register) -> ElementwiseProgram.Register {
      switch register {
      case .operand(let index): .operand(operandBase + index)
      case .instruction(let index): .instruction(index)
      }
    }
    let computed = ofInner(inner.program.results[0])
    func ofOuter(_ register: ElementwiseProgram.Register) -> ElementwiseProgram.Register {
      switch register {
      case .operand(let index): outer.operands[index] == value ? computed : register
      case .instruction(let index): .instruction(index + shift)
      }
    }
    var program = ElementwiseProgram(
      operands: outer.program.operands + inner.program.operands,
      instructions: inner.program.instructions.map { $0.mapping(ofInner) },
      results: outer.program.results.map(ofOuter))
    program.instructions += outer.program.instructions.map { $0.mapping(ofOuter) }
    let group = merged(Group(program: program, operands: outer.operands + inner.operands))
    guard group.operands.count <= operandLimit, group.program.instructions.count <= instructionLimit else {
      return nil
    }
    return group
  }

  /// Each value an operand once, and none that nobody reads.
  private static func merged(_ group: Group) -> Group {
    var operands: [ValueID] = []
    var kinds: [ElementwiseProgram.Operand] = []
    var moved: [Int: Int] = [:]
    for register in group.program.instructions.flatMap(\.arguments) + group.program.results {
      guard case .operand(let index) = register, moved[index] == nil else { continue }
      let kind = group.program.operands[index]
      if let same = operands.indices.first(where: {
        operands[$0] == group.operands[index] && kinds[$0] == kind
      }) {
        moved[index] = same
      } else {
        moved[index] = operands.count
        operands.append(group.operands[index])
        kinds.append(kind)
      }
    }
    func move(_ register: ElementwiseProgram.Register) -> ElementwiseProgram.Register {
      if case .operand(let index) = register { .operand(moved[index] ?? index) } else { register }
    }
    let program = ElementwiseProgram(
      operands: kinds, instructions: group.program.instructions.map { $0.mapping(move) },
      results: group.program.results.map(move))
    return Group(program: program, operands: operands)
  }
}

extension ElementwiseProgram.Instruction {
  /// The instruction with its registers renamed.
  func mapping(
    _ rename: (ElementwiseProgram.Register) -> ElementwiseProgram.Register
  ) -> ElementwiseProgram.Instruction {
    switch self {
    case .unary(let function, let input): .unary(function, rename(input))
    case .unaryGradient(let function, let cotangent, let read):
      .unaryGradient(function, cotangent: rename(cotangent), read: rename(read))
    case .binary(let kind, let left, let right): .binary(kind, rename(left), rename(right))
    case .affine(let scale, let offset, let input):
      .affine(scale: scale, offset: offset, rename(input))
    }
  }
}
