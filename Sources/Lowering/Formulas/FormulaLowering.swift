import Diagnostics
import GraphIR
import ModelSpec
import Passes

/// Lowers the formulas of one graph of a step.
///
/// Equal ops on equal operands are one value, random ones among them, and so is a network applied twice to the
/// same values before its parameters have moved: nothing else decides what is shared.
struct FormulaLowering {
  /// A mistake, which is reported.
  struct Failed: Error {}

  /// A part of a formula, for reports.
  struct Place {
    var formula: Formula
    var range: Range<Int>
  }

  /// An input that is drawn.
  struct Drawn {
    var name: String
    var value: ValueID
    var distribution: DrawSpec.Distribution
  }

  let spec: ModelSpec
  let program: TrainingProgram
  let sources: SourceMap
  var builder: GraphBuilder
  var store = ParameterStore()
  var bag = DiagnosticBag()
  /// The inputs that are drawn, in the order in which they were asked for.
  private(set) var draws: [Drawn] = []
  /// The inputs that the time decides.
  private(set) var clocks: [StepGraph.Clock] = []
  /// How often each network's parameters have moved in this graph.
  private var versions: [String: Int] = [:]
  /// The update whose objective is lowered; draws of `augment` are its own.
  var update = ""
  /// What each network keeps, by the names of its parameters in the order of their definition.
  private(set) var parameters: [String: [String]] = [:]
  private(set) var readValues: Set<String> = []
  private var applications: [Application: NetworkLowering.Application] = [:]
  private var emitted: [Emission: [ValueID]] = [:]
  private var dataInputs: [String: ValueID] = [:]
  private var drawnKeys: [String: ValueID] = [:]
  /// The values that are being computed, against cycles.
  private var open: [String] = []
  /// Numbers that live between steps.
  private var runningCount = 0

  private struct Application: Hashable {
    var network: String
    var version: Int
    var arguments: [ValueID]
  }

  private struct Emission: Hashable {
    var op: Op
    var operands: [ValueID]
  }

  init(spec: ModelSpec, program: TrainingProgram, sources: SourceMap, graph: String) {
    self.spec = spec
    self.program = program
    self.sources = sources
    builder = GraphBuilder(Graph(name: graph, mode: .train))
  }

  // MARK: Expressions

  /// The value of a formula.
  mutating func value(of formula: Formula) throws(Failed) -> FormulaValue {
    try value(of: formula.expression, in: formula, locals: [:])
  }

  private mutating func value(
    of expression: Expression, in formula: Formula, locals: [String: FormulaValue]
  ) throws(Failed) -> FormulaValue {
    let place = Place(formula: formula, range: expression.range)
    switch expression.kind {
    case .number(let number): return .number(number.double)
    case .name(let name): return try named(name, place, locals)
    case .negate(let operand):
      return scaled(try value(of: operand, in: formula, locals: locals), by: -1)
    case .member(let base, let name):
      guard case .application(let network, let application) = try value(of: base, in: formula, locals: locals)
      else {
        throw report(
          .programNoResult, place, ["network": base.text, "name": name])
      }
      guard let result = application.named[name] else {
        let known = application.named.keys.sorted()
        throw report(
          .programNoResult, place, ["network": network, "name": name],
          notes: known.isEmpty
            ? [.init("give the layer a `name:`")] : [.init("it has: \(known.joined(separator: ", "))")],
          near: nearestName(to: name, among: known).map { (name, $0) })
      }
      return .tensor(result)
    case .binary(.power, let base, let exponent):
      return try power(base, exponent, formula, locals, place)
    case .binary(let op, let left, let right):
      let a = try value(of: left, in: formula, locals: locals)
      let b = try value(of: right, in: formula, locals: locals)
      let kind: Binary.Kind
      switch op {
      case .add: kind = .add
      case .subtract: kind = .subtract
      case .multiply: kind = .multiply
      case .divide: kind = .divide
      case .floorDivide, .remainder, .power:
        guard case .number(let x) = a, case .number(let y) = b, y != 0 else {
          throw report(
            .programNotATensor, place, ["name": op.rawValue, "reason": "it divides whole numbers alone"])
        }
        let quotient = (x / y).rounded(.down)
        return .number(op == .floorDivide ? quotient : x - y * quotient)
      }
      return try combine(kind, a, b, place, name: op.rawValue)
    case .call(let name, let arguments):
      return try call(name, arguments, formula, locals, place)
    }
  }

  private mutating func named(
    _ name: String, _ place: Place, _ locals: [String: FormulaValue]
  ) throws(Failed) -> FormulaValue {
    if let local = locals[name] { return local }
    if name == StepGraph.fadeName { return spec.fades ? .tensor(StepGraph.fade(in: &builder)) : .number(1) }
    if let definition = program.values.first(where: { $0.name == name }) {
      guard definition.parameters.isEmpty else {
        throw report(
          .programNotATensor, place,
          [
            "name": name,
            "reason": "it needs its arguments: \(name)(\(definition.parameters.joined(separator: ", ")))",
          ])
      }
      return try defined(definition, locals: [:], place)
    }
    if let input = dataInput(name) { return .tensor(input) }
    if spec.network(named: name) != nil {
      throw report(
        .programNotATensor, place, ["name": name, "reason": "a network is applied to something: \(name)(…)"])
    }
    throw unknown(name, .programUnknownName, place, among: knownNames + Array(locals.keys).sorted())
  }

  private mutating func defined(
    _ definition: ValueDefinition, locals: [String: FormulaValue], _ place: Place
  ) throws(Failed) -> FormulaValue {
    readValues.insert(definition.name)
    guard !open.contains(definition.name), open.count < 64 else {
      throw report(.programCycle, place, ["name": definition.name])
    }
    open.append(definition.name)
    defer { open.removeLast() }
    return try value(of: definition.formula.expression, in: definition.formula, locals: locals)
  }

  private mutating func call(
    _ name: String, _ arguments: [Expression.Argument], _ formula: Formula,
    _ locals: [String: FormulaValue], _ place: Place
  ) throws(Failed) -> FormulaValue {
    if let network = spec.network(named: name) {
      return try apply(network, arguments, formula, locals, place)
    }
    for argument in arguments {
      guard let label = argument.label else { continue }
      throw report(
        .unexpectedLabel, Place(formula: formula, range: argument.labelRange), ["name": name, "label": label])
    }
    var given: [FormulaValue] = []
    for argument in arguments { given.append(try value(of: argument.value, in: formula, locals: locals)) }
    if let definition = program.values.first(where: { $0.name == name }) {
      guard definition.parameters.count == given.count else {
        throw wrongCount(name, "\(definition.parameters.count)", given.count, place)
      }
      let inner = Dictionary(zip(definition.parameters, given)) { $1 }
      return try defined(definition, locals: inner, place)
    }
    guard let function = FormulaFunction.byName[name] else {
      throw unknown(
        name, .programUnknownFunction, place,
        among: spec.networks.map(\.name) + program.values.map(\.name) + FormulaFunction.all.map(\.name))
    }
    let most = function.arguments.count
    guard (most - function.optionalArguments...most).contains(given.count) else {
      let expected =
        function.optionalArguments == 0 ? "\(most)" : "\(most - function.optionalArguments) to \(most)"
      throw wrongCount(
        name, expected, given.count, place,
        notes: "it is \(name)(\(function.arguments.joined(separator: ", ")))")
    }
    return try function.lower(&self, given, place)
  }

  private mutating func power(
    _ base: Expression, _ exponent: Expression, _ formula: Formula, _ locals: [String: FormulaValue],
    _ place: Place
  ) throws(Failed) -> FormulaValue {
    guard case .number(let power) = try value(of: exponent, in: formula, locals: locals) else {
      throw report(.programNotATensor, place, ["name": "**", "reason": "its exponent is a number"])
    }
    // A norm squared needs no root.
    if power == 2, case .call("norm", let arguments) = base.kind, arguments.count == 1 {
      let inner = try value(of: arguments[0].value, in: formula, locals: locals)
      return .tensor(try sumOfSquares(inner, place))
    }
    let value = try value(of: base, in: formula, locals: locals)
    guard let tensor = value.tensor else {
      if case .number(let number) = value { return .number(raised(number, to: power)) }
      throw Failed()
    }
    switch power {
    case 0: return .number(1)
    case 1: return .tensor(tensor)
    case 0.5: return .tensor(emit(Unary(UnaryFunction(.sqrt)), tensor))
    case -1: return .tensor(emit(Unary(UnaryFunction(.reciprocal)), tensor))
    case 2: return .tensor(emit(Unary(UnaryFunction(.square)), tensor))
    case 3...16 where power == power.rounded():
      var product = tensor
      for _ in 1..<Int(power) { product = emit(Binary(.multiply), product, tensor) }
      return .tensor(product)
    default:
      throw report(
        .programNotATensor, place,
        ["name": "**", "reason": "exponents are whole numbers from 0 to 16, -1 or 0.5"])
    }
  }

  private func raised(_ base: Double, to exponent: Double) -> Double {
    guard exponent == exponent.rounded(), abs(exponent) <= 1024 else {
      return exponent == 0.5 ? base.squareRoot() : .nan
    }
    var result = 1.0
    for _ in 0..<Int(abs(exponent)) { result *= base }
    return exponent < 0 ? 1 / result : result
  }

  // MARK: Networks

  private mutating func apply(
    _ network: NetworkSpec, _ arguments: [Expression.Argument], _ formula: Formula,
    _ locals: [String: FormulaValue], _ place: Place
  ) throws(Failed) -> FormulaValue {
    var given: [String: (value: FormulaValue, range: Range<Int>)] = [:]
    var position = 0
    for argument in arguments {
      let input: NetworkInput
      if let label = argument.label {
        guard let named = network.inputs.first(where: { $0.name == label }) else {
          throw report(
            .unexpectedLabel, Place(formula: formula, range: argument.labelRange),
            ["name": network.name, "label": label],
            notes: [.init("its inputs: \(network.inputs.map(\.name).joined(separator: ", "))")],
            near: nearestName(to: label, among: network.inputs.map(\.name)).map { (label, $0) })
        }
        input = named
      } else {
        guard position < network.inputs.count else {
          throw wrongCount(network.name, "\(network.inputs.count)", arguments.count, place)
        }
        input = network.inputs[position]
        position += 1
      }
      given[input.name] = (
        try value(of: argument.value, in: formula, locals: locals), argument.value.extent
      )
    }
    var values: [ValueID] = []
    for input in network.inputs {
      let argument: (value: FormulaValue, range: Range<Int>)
      if let written = given[input.name] {
        argument = written
      } else if let local = locals[input.name] {
        argument = (local, place.range)
      } else if knowsName(input.name) {
        // What a call does not name takes the value of the same name.
        argument = (try named(input.name, place, locals), place.range)
      } else {
        throw report(
          .programArguments, place,
          [
            "name": network.name, "expected": "its input `\(input.name)`",
            "actual": arguments.isEmpty ? "nothing" : "what is given",
          ],
          notes: input.type.value == .label
            ? [
              .init(
                "the data gives no labels: write `labels: folders` under `data:` where each folder is a class, or "
                  + "choose data that has them")
            ] : [])
      }
      values.append(
        try fit(argument.value, to: input, of: network, Place(formula: formula, range: argument.range)))
    }
    let key = Application(
      network: network.name, version: versions[network.name, default: 0], arguments: values)
    if let known = applications[key] { return .application(network: network.name, known) }
    // A network that no update moves is what it was: with the statistics that it has, and without dropout.
    let mode: Graph.Mode = network.isFrozen ? .infer : .train
    var lowering = NetworkLowering(network, spec: spec, mode: mode, sources: sources)
    let origin = builder.origin
    builder.origin = Origin()
    let before = store.definitions.count
    let application = lowering.apply(to: values, builder: &builder, store: &store)
    builder.origin = origin
    for definition in store.definitions[before...] where definition.kind == .parameter {
      parameters[network.name, default: []].append(definition.name)
    }
    guard let application else {
      for diagnostic in lowering.bag.diagnostics { bag.report(diagnostic) }
      throw Failed()
    }
    applications[key] = application
    return .application(network: network.name, application)
  }

  /// A value as a network's input takes it.
  private mutating func fit(
    _ value: FormulaValue, to input: NetworkInput, of network: NetworkSpec, _ place: Place
  ) throws(Failed) -> ValueID {
    let wanted = NetworkInputs.type(of: input, in: spec, program: program)
    let expected = wanted.formulaText
    guard let tensor = value.tensor else {
      throw report(
        .programArgumentShape, place,
        ["input": input.name, "name": network.name, "expected": expected, "actual": "a number"])
    }
    let type = type(of: tensor)
    if type.hasSameShape(as: wanted) { return tensor }
    // A vector may be written as an image of one pixel, and one number an image in any rank.
    let trailing = wanted.shape.dropFirst(type.rank)
    if type.shape == Array(wanted.shape.prefix(type.rank)), trailing.allSatisfy({ $0 == 1 }) {
      return trailing.isEmpty ? tensor : emit(Reshape(shape: wanted.shape), tensor)
    }
    if FormulaForm(type) == .perImage, FormulaForm(wanted) == .perImage {
      return emit(Reshape(shape: wanted.shape), tensor)
    }
    throw report(
      .programArgumentShape, place,
      ["input": input.name, "name": network.name, "expected": expected, "actual": type.formulaText])
  }

  /// Notes that an update moved a network: what is applied from here on is applied anew.
  mutating func move(_ network: String) { versions[network, default: 0] += 1 }

  // MARK: Names

  private var knownNames: [String] {
    program.values.map(\.name) + program.draws.map(\.name) + dataNames + spec.networks.map(\.name)
  }

  private func knowsName(_ name: String) -> Bool {
    program.values.contains { $0.name == name && $0.parameters.isEmpty }
      || program.draws.contains { $0.name == name } || dataNames.contains(name)
      || name == StepGraph.fadeName
  }

  /// The fields of the data, and the noise.
  private var dataNames: [String] { (spec.latent == nil ? [] : ["noise"]) + spec.dataFields.map(\.name) }

  /// The graph's input of a draw, a field of the data or the noise; nil where there is none of that name.
  private mutating func dataInput(_ name: String) -> ValueID? {
    if let value = dataInputs[name] { return value }
    if let draw = program.draws.first(where: { $0.name == name }) {
      let value = builder.graph.addInput(.data, name, draw.type(in: spec))
      draws.append(Drawn(name: name, value: value, distribution: draw.distribution))
      dataInputs[name] = value
      return value
    }
    let type: TensorType
    if name == "noise", let latent = spec.latent {
      type = TensorType([.batch, .fixed(latent.value)])
    } else if let field = spec.dataFields.first(where: { $0.name == name }) {
      type = spec.type(of: field)
    } else {
      return nil
    }
    let value = builder.graph.addInput(.data, name, type)
    if name == "noise" { draws.append(Drawn(name: name, value: value, distribution: .normal)) }
    dataInputs[name] = value
    return value
  }

  /// Adds the inputs that some formulas read, before anything is computed.
  mutating func declareInputs(of formulas: [Formula]) {
    var names: Set<String> = []
    var waiting = formulas.map(\.expression)
    var seen: Set<String> = []
    while let expression = waiting.popLast() {
      for name in expression.names {
        names.insert(name)
        if seen.insert(name).inserted {
          waiting += program.values.filter { $0.name == name }.map(\.formula.expression)
        }
      }
    }
    for name in dataNames + program.draws.map(\.name) where names.contains(name) { _ = dataInput(name) }
  }

  /// The values without parameters that a formula reads, in the order in which they are written.
  func valuesRead(by formula: Formula) -> [ValueDefinition] {
    var seen: Set<String> = []
    var waiting = [formula.expression]
    while let expression = waiting.popLast() {
      for name in expression.names where seen.insert(name).inserted {
        waiting += program.values.filter { $0.name == name }.map(\.formula.expression)
      }
    }
    return program.values.filter { $0.parameters.isEmpty && seen.contains($0.name) }
  }

  // MARK: Random numbers and state

  /// The input that a random function draws; one for each thing that it is applied to.
  mutating func drawn(_ name: String, _ key: String, _ draw: DrawSpec) -> ValueID {
    drawn(name, key, draw.distribution, draw.type(in: spec))
  }

  mutating func drawn(
    _ name: String, _ key: String, _ distribution: DrawSpec.Distribution, _ type: TensorType
  ) -> ValueID {
    if let value = drawnKeys[key] { return value }
    let taken = draws.filter { $0.name == name || $0.name.hasPrefix("\(name)_") }.count
    let input = taken == 0 ? name : "\(name)_\(taken + 1)"
    let value = builder.graph.addInput(.data, input, type)
    draws.append(Drawn(name: input, value: value, distribution: distribution))
    drawnKeys[key] = value
    return value
  }

  /// The share of a network's learning rate that its schedule leaves.
  mutating func rateFactor(of network: String, _ optimizer: Configured) -> ValueID {
    let parts = optimizer.choices("schedule")
    if parts.isEmpty { return emit(Constant(value: 1, shape: [])) }
    let name = "rate.\(network)"
    if let known = builder.graph.input(named: name) { return known.value }
    clocks.append(StepGraph.Clock(name: name, source: .rate(RateSchedule(parts))))
    return builder.graph.addInput(.data, name, TensorType([]))
  }

  /// m + share · (x − m), which becomes m.
  mutating func running(_ value: ValueID, _ share: Double, _ place: Place) throws(Failed) -> FormulaValue {
    runningCount += 1
    let definition = ParameterDefinition(
      name: "running.\(runningCount)", shape: [], initializer: .constant(0), role: .running,
      network: program.updates.first?.networks.first?.value ?? "")
    let old = store.value(definition, in: &builder)
    let difference = emit(Binary(.subtract), value, old)
    let new = emit(Binary(.add), old, emit(Affine(scale: share), difference))
    store.current[definition.name] = new
    return .tensor(new)
  }

  /// How many networks were applied to how many things.
  var applicationCount: Int { applications.count }

  /// Computes something with the parameters that the graph begins with. What it applies anew moves no
  /// statistics.
  mutating func atStart<Result>(
    _ body: (inout FormulaLowering) throws(Failed) -> Result
  ) throws(Failed) -> Result {
    let (current, versions) = (store.current, self.versions)
    store.current = store.inputs
    self.versions = [:]
    defer {
      self.versions = versions
      store.current = store.inputs.merging(current) { $1 }
    }
    return try body(&self)
  }

  /// Says where a gradient by the images of a batch goes through what mixes them.
  mutating func warnOfBatchNorm(between start: ValueID, and end: ValueID, _ place: Place) {
    guard type(of: start).shape.first == .batch else { return }
    var depends: Set<ValueID> = [start]
    for node in builder.graph.nodes where node.operands.contains(where: { depends.contains($0) }) {
      depends.formUnion(node.results)
    }
    var isNeeded: Set<ValueID> = [end]
    for node in builder.graph.nodes.reversed() where node.results.contains(where: { isNeeded.contains($0) }) {
      isNeeded.formUnion(node.operands)
      guard case .batchNormTrain = node.op, depends.contains(node.operands[0]) else { continue }
      let network = node.origin.layer.map { String($0.prefix { $0 != "." }) } ?? "network"
      _ = report(
        .penaltyThroughBatchNorm, place, ["network": network],
        notes: node.origin.span.map { [.init("it stands here", at: $0)] } ?? [])
      return
    }
  }

  // MARK: Emission

  func type(of value: ValueID) -> TensorType { builder.type(of: value) }

  mutating func emit(_ op: some OpDefinition, _ operands: ValueID...) -> ValueID {
    emitAll(op, operands)[0]
  }

  mutating func emitAll(_ op: some OpDefinition, _ operands: [ValueID]) -> [ValueID] {
    let key = Emission(op: op.op, operands: operands)
    if let known = emitted[key] { return known }
    let results = builder.emitAll(op, operands)
    emitted[key] = results
    return results
  }

  /// Emits an op whose operands the formula chose.
  mutating func tryEmit(
    _ op: some OpDefinition, _ operands: [ValueID], _ place: Place, name: String
  ) throws(Failed) -> FormulaValue {
    if (try? op.inferTypes(operands.map { type(of: $0) })) == nil {
      throw report(
        .programShapesDiffer, place,
        [
          "first": type(of: operands[0]).formulaText,
          "second": type(of: operands[operands.count - 1]).formulaText, "operation": name,
        ])
    }
    return .tensor(emitAll(op, operands)[0])
  }

  mutating func apply(_ function: UnaryFunction, to value: FormulaValue) -> FormulaValue {
    switch value {
    case .number(let number): .number(function(number))
    case .tensor(let tensor): .tensor(emit(Unary(function), tensor))
    case .application(_, let application): .tensor(emit(Unary(function), application.result))
    }
  }

  private mutating func scaled(_ value: FormulaValue, by scale: Double) -> FormulaValue {
    if case .number(let number) = value { return .number(scale * number) }
    guard let tensor = value.tensor else { return value }
    return .tensor(emit(Affine(scale: scale), tensor))
  }

  /// Two values under an operator. A number meets anything, one number an image meets what has images, and
  /// tensors meet those of their shape.
  mutating func combine(
    _ kind: Binary.Kind, _ left: FormulaValue, _ right: FormulaValue, _ place: Place, name: String
  ) throws(Failed) -> FormulaValue {
    switch (left.tensor, right.tensor) {
    case (nil, nil):
      guard case .number(let a) = left, case .number(let b) = right else { throw Failed() }
      return .number(kind(a, b))
    case (let tensor?, nil):
      guard case .number(let number) = right else { throw Failed() }
      switch kind {
      case .add: return .tensor(number == 0 ? tensor : emit(Affine(offset: number), tensor))
      case .subtract: return .tensor(number == 0 ? tensor : emit(Affine(offset: -number), tensor))
      case .multiply: return .tensor(number == 1 ? tensor : emit(Affine(scale: number), tensor))
      case .divide: return .tensor(number == 1 ? tensor : emit(Affine(scale: 1 / number), tensor))
      case .maximum, .minimum:
        let constant = emit(Constant(value: number, shape: type(of: tensor).shape))
        return .tensor(emit(Binary(kind), tensor, constant))
      }
    case (nil, let tensor?):
      guard case .number(let number) = left else { throw Failed() }
      switch kind {
      case .add, .multiply, .maximum, .minimum: return try combine(kind, right, left, place, name: name)
      case .subtract: return .tensor(emit(Affine(scale: -1, offset: number), tensor))
      case .divide:
        let inverse = emit(Unary(UnaryFunction(.reciprocal)), tensor)
        return .tensor(number == 1 ? inverse : emit(Affine(scale: number), inverse))
      }
    case (let a?, let b?):
      guard let (a, b) = together(a, b) else {
        throw report(
          .programShapesDiffer, place,
          ["first": type(of: a).formulaText, "second": type(of: b).formulaText, "operation": name],
          notes: [
            .init("a number meets anything, one number an image meets what has images, others their like")
          ])
      }
      return .tensor(emit(Binary(kind), a, b))
    }
  }

  /// Both with one shape; nil where they have none in common.
  private mutating func together(_ a: ValueID, _ b: ValueID) -> (ValueID, ValueID)? {
    let (first, second) = (type(of: a), type(of: b))
    if first.hasSameShape(as: second) { return (a, b) }
    switch (FormulaForm(first), FormulaForm(second)) {
    case (.scalar, _): return (spread(a, over: second), b)
    case (_, .scalar): return (a, spread(b, over: first))
    case (.perImage, .perImage):
      return first.rank < second.rank
        ? (emit(Reshape(shape: second.shape), a), b) : (a, emit(Reshape(shape: first.shape), b))
    case (.perImage, .tensor): return second.shape[0] == .batch ? (spread(a, over: second), b) : nil
    case (.tensor, .perImage): return first.shape[0] == .batch ? (a, spread(b, over: first)) : nil
    case (.tensor, .tensor): return nil
    }
  }

  /// A scalar, or one number an image, repeated.
  private mutating func spread(_ value: ValueID, over type: TensorType) -> ValueID {
    let own = self.type(of: value)
    if own.rank == 0 {
      return emit(Broadcast(axes: Array(0..<type.rank), sizes: type.shape), value)
    }
    let row = own.rank == 1 ? value : emit(Reshape(shape: [.batch]), value)
    if type.rank == 1 { return row }
    return emit(Broadcast(axes: Array(1..<type.rank), sizes: Array(type.shape.dropFirst())), row)
  }

  /// `[N]`
  mutating func sumOfSquares(_ value: FormulaValue, _ place: Place) throws(Failed) -> ValueID {
    let tensor = try tensor(value, "what it is the norm of", place)
    let squares = emit(Unary(UnaryFunction(.square)), tensor)
    let rank = type(of: squares).rank
    return rank < 2 ? squares : emit(Reduce(axes: Array(1..<rank), mean: false), squares)
  }

  // MARK: What functions ask for

  mutating func tensor(_ value: FormulaValue, _ what: String, _ place: Place) throws(Failed) -> ValueID {
    if let tensor = value.tensor { return tensor }
    throw report(.programNotATensor, place, ["name": text(value), "reason": "\(what) must be a tensor"])
  }

  mutating func number(_ value: FormulaValue, _ what: String, _ place: Place) throws(Failed) -> Double {
    if case .number(let number) = value { return number }
    throw report(.programNotATensor, place, ["name": text(value), "reason": "\(what) must be a number"])
  }

  mutating func whole(_ value: FormulaValue, _ what: String, _ place: Place) throws(Failed) -> Int {
    let number = try number(value, what, place)
    if let whole = Int(exactly: number), (1...1024).contains(whole) { return whole }
    throw report(
      .programNotATensor, place,
      ["name": text(value), "reason": "\(what) must be a whole number from 1 to 1024"])
  }

  mutating func scalar(_ value: FormulaValue, _ what: String, _ place: Place) throws(Failed) -> ValueID {
    let tensor = try tensor(value, what, place)
    if type(of: tensor).rank == 0 { return tensor }
    throw report(
      .programNotATensor, place,
      ["name": type(of: tensor).formulaText, "reason": "\(what) must be one: write mean(…)"])
  }

  /// As `[N]`.
  mutating func perImage(_ value: FormulaValue, _ what: String, _ place: Place) throws(Failed) -> ValueID {
    let tensor = try tensor(value, what, place)
    let type = type(of: tensor)
    guard FormulaForm(type) == .perImage else {
      throw report(
        .programNotATensor, place,
        ["name": type.formulaText, "reason": "\(what) must be one number an image"])
    }
    return type.rank == 1 ? tensor : emit(Reshape(shape: [.batch]), tensor)
  }

  /// As `[N, size]`.
  mutating func rows(_ value: FormulaValue, _ what: String, _ place: Place) throws(Failed) -> ValueID {
    let tensor = try tensor(value, what, place)
    let type = type(of: tensor)
    guard type.rank >= 2, type.shape.dropFirst(2).allSatisfy({ $0 == 1 }) else {
      throw report(
        .programNotATensor, place, ["name": type.formulaText, "reason": "\(what) must be a row an image"])
    }
    return type.rank == 2 ? tensor : emit(Reshape(shape: Array(type.shape.prefix(2))), tensor)
  }

  /// What tells a value from others, for the keys of random functions.
  func text(_ value: FormulaValue) -> String {
    switch value {
    case .number(let number): "\(number)"
    case .tensor(let tensor): "%\(tensor.index)"
    case .application(_, let application): "%\(application.result.index)"
    }
  }

  // MARK: Mistakes

  /// Reports a mistake.
  mutating func report(
    _ kind: DiagnosticKind, _ place: Place, _ arguments: KeyValuePairs<String, String>,
    notes: [Diagnostic.Note] = [], near: (name: String, replacement: String)? = nil,
    within function: String? = nil
  ) -> Failed {
    let span = place.formula.span(of: place.range)
    var diagnostic = Diagnostic(kind, at: span, arguments, notes: notes)
    if place.formula.isWritten, let function, let span {
      let text = String(decoding: sources.sources[span.source.index].text[span.range], as: UTF8.self)
      diagnostic.fixes = [
        FixIt(
          "write `\(function)(…)` around it", edits: [.init(span: span, replacement: "\(function)(\(text))")])
      ]
    }
    if !place.formula.isWritten {
      diagnostic.notes.append(.init("it stands for a formula: \(place.formula.text)"))
    } else if let near, let span, let exact = nameSpan(near.name, place, whole: span) {
      diagnostic.fixes = [
        FixIt("write `\(near.replacement)`", edits: [.init(span: exact, replacement: near.replacement)])
      ]
    }
    bag.report(diagnostic)
    return Failed()
  }

  /// Where a name stands at the beginning or the end of a part of a formula.
  private func nameSpan(_ name: String, _ place: Place, whole: SourceSpan) -> SourceSpan? {
    let text = sources.sources[whole.source.index].text[whole.range]
    if text.starts(with: name.utf8) {
      let start = whole.range.lowerBound
      return SourceSpan(source: whole.source, range: start..<start + name.utf8.count)
    }
    if text.suffix(name.utf8.count).elementsEqual(name.utf8) {
      let end = whole.range.upperBound
      return SourceSpan(source: whole.source, range: end - name.utf8.count..<end)
    }
    return nil
  }

  private mutating func unknown(
    _ name: String, _ kind: DiagnosticKind, _ place: Place, among names: [String]
  ) -> Failed {
    let known = FormulaFunction.otherNames[name.lowercased()].flatMap { names.contains($0) ? $0 : nil }
    let near = known ?? nearestName(to: name, among: names)
    return report(
      kind, place, ["name": name],
      notes: near == nil ? [.init("there are: \(names.joined(separator: ", "))")] : [],
      near: near.map { (name, $0) })
  }

  private mutating func wrongCount(
    _ name: String, _ expected: String, _ actual: Int, _ place: Place, notes: String? = nil
  ) -> Failed {
    let plural = expected == "1" ? "argument" : "arguments"
    return report(
      .programArguments, place, ["name": name, "expected": "\(expected) \(plural)", "actual": "\(actual)"],
      notes: notes.map { [.init($0)] } ?? [])
  }

  mutating func failed(
    _ place: Place, _ function: String, _ expected: String, _ value: FormulaValue
  ) -> Failed {
    let actual = value.tensor.map { type(of: $0).formulaText } ?? text(value)
    return report(.programArguments, place, ["name": function, "expected": expected, "actual": actual])
  }

  /// The arguments of a gradient of which one does not depend on the other.
  mutating func independent(_ place: Place) -> Failed {
    var texts = ["the first argument", "the second"]
    if case .call(_, let arguments)? = place.formula.expression.part(at: place.range)?.kind {
      texts = arguments.map(\.value.text)
    }
    return report(.gradientIndependent, place, ["of": texts[0], "by": texts[1]])
  }
}

extension Expression {
  /// The part of the expression that has a range.
  fileprivate func part(at range: Range<Int>) -> Expression? {
    if self.range == range { return self }
    switch kind {
    case .number, .name: return nil
    case .negate(let operand): return operand.part(at: range)
    case .binary(_, let left, let right): return left.part(at: range) ?? right.part(at: range)
    case .call(_, let arguments): return arguments.lazy.compactMap { $0.value.part(at: range) }.first
    case .member(let value, _): return value.part(at: range)
    }
  }
}

extension DrawSpec {
  /// The draw's shape, the batch in front.
  func type(in spec: ModelSpec) -> TensorType {
    switch shape {
    case .perImage: TensorType([.batch])
    case .vector(let size): TensorType([.batch, .fixed(size)])
    case .image: spec.imageType
    }
  }
}

extension ModelSpec {
  /// What the data gives of every example; of a model without data, what it would be expected to give.
  var dataFields: [DataField] {
    if !train.dataFields.isEmpty { return train.dataFields }
    return [DataField("real", .image(channels: nil))]
      + (classes == nil ? [] : [DataField("label", .label(classes: nil))])
  }

  /// A field's shape, the batch in front.
  func type(of field: DataField) -> TensorType {
    switch field.kind {
    case .label: TensorType([.batch])
    case .image(let own):
      TensorType([.batch, .fixed(own ?? channels.value), .fixed(height.value), .fixed(width.value)])
    }
  }
}
