import Diagnostics
import GraphIR
import ModelSpec

/// One graph of a step.
public struct StepGraph: Sendable {
  /// An input that is drawn anew for each run.
  public struct Draw: Hashable, Sendable {
    public var name: String
    public var distribution: DrawSpec.Distribution
  }

  /// An input that is one number, which the time decides.
  public struct Clock: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
      /// The share of a learning rate.
      case rate(RateSchedule)
      /// How far a stage has come with what it brings in, from 0 to 1.
      case fade
    }

    public var name: String
    public var source: Source
  }

  /// The input that says how far a stage has come with what it brings in.
  public static let fadeName = "stage.fade"

  static func fade(in builder: inout GraphBuilder) -> ValueID {
    builder.graph.input(named: fadeName)?.value ?? builder.graph.addInput(.data, fadeName, TensorType([]))
  }

  public var graph: Graph
  /// In the order of the graph's inputs.
  public var draws: [Draw]
  public var clocks: [Clock]
  /// The fields of the data that it reads.
  public var fields: [String]
  /// The objectives, by the names of their outputs: a run goes no further than one that is not finite.
  public var guards: [String]
}

/// Lowers a training program: a graph for each set of updates that run together.
///
/// An update moves the parameters of its networks and reads what those before it wrote; all else is constant
/// to it, so that nobody detaches anything.
struct StepLowering {
  let spec: ModelSpec
  let program: TrainingProgram
  let sources: SourceMap

  struct Result {
    var steps: [StepGraph] = []
    var schedule: StepSchedule
    var definitions: [ParameterDefinition] = []
    var diagnostics: [Diagnostic] = []
  }

  /// The whole program; its steps mean something only where there are no errors.
  func lower() -> Result {
    let schedule = StepSchedule(
      program.updates, accumulated: spec.train.accumulate, hasAverages: !spec.train.averages.isEmpty)
    var result = Result(schedule: schedule)
    var bag = DiagnosticBag()
    checkMoves(into: &bag)
    if bag.hasErrors {
      result.diagnostics = bag.diagnostics
      return result
    }
    let counters = stepCounters()
    var lowerings: [FormulaLowering] = []
    for variant in schedule.variants {
      let updates = variant.updates.map { program.updates[$0] }
      let name = schedule.variants.count == 1 ? "step" : "step_" + variant.name(updates)
      var lowering = FormulaLowering(spec: spec, program: program, sources: sources, graph: name)
      lowering.declareInputs(of: updates.map(\.objective) + (schedule.variants.count == 1 ? metrics : []))
      for update in updates where (try? emit(update, variant.part, counters, &lowering)) == nil { break }
      lowerings.append(lowering)
    }
    if !lowerings.contains(where: { $0.bag.hasErrors }) {
      place(program.metrics, in: &lowerings, schedule)
      moveAverages(in: &lowerings, schedule)
    }

    var seen: Set<String> = []
    for index in lowerings.indices {
      var lowering = lowerings[index]
      lowering.store.addStores(to: &lowering.builder.graph)
      let drawn = Dictionary(lowering.draws.map { ($0.value, $0) }) { first, _ in first }
      let data = lowering.builder.graph.inputs.filter { $0.kind == .data }
      result.steps.append(
        StepGraph(
          graph: lowering.builder.graph,
          draws: data.compactMap { input in
            drawn[input.value].map { StepGraph.Draw(name: $0.name, distribution: $0.distribution) }
          },
          clocks: lowering.clocks
            + data.filter { $0.name == StepGraph.fadeName }.map {
              StepGraph.Clock(name: $0.name, source: .fade)
            },
          fields: data.filter { input in
            drawn[input.value] == nil && lowering.builder.graph.type(of: input.value).rank > 0
          }.map(\.name),
          guards: schedule.variants[index].updates.map { program.updates[$0].name }))
      for definition in lowering.store.definitions where seen.insert(definition.name).inserted {
        result.definitions.append(definition)
      }
      for diagnostic in lowering.bag.diagnostics { bag.reportOnce(diagnostic) }
    }
    if !bag.hasErrors { reportUnread(lowerings, into: &bag) }
    result.diagnostics = bag.diagnostics
    return result
  }

  private var metrics: [Formula] { program.metrics.map(\.formula) }

  // MARK: Checks

  private func checkMoves(into bag: inout DiagnosticBag) {
    let moved = Set(program.updates.flatMap { $0.networks.map(\.value) })
    for network in spec.networks where !moved.contains(network.name) && !network.isFrozen {
      bag.report(
        Diagnostic(
          .networkNeverMoves, at: network.span, ["network": network.name],
          notes: [.init("name it as the `network` of an update, or write `frozen: true` in it")]))
    }
    for network in spec.networks {
      let schedule = spec.train.optimizer(of: network.name).attributes["schedule"]
      guard case .choices(let parts)? = schedule?.value, let mistake = RateSchedule(parts).mistake else {
        continue
      }
      bag.report(
        Diagnostic(
          .wrongType, at: schedule?.span,
          ["what": "`schedule`", "expected": mistake.expected, "actual": mistake.actual]))
    }
    for network in spec.networks where spec.classes == nil {
      guard let input = network.inputs.first(where: { $0.type.value == .label }) else { continue }
      bag.report(
        Diagnostic(
          .labelsWithoutClasses, at: input.type.span ?? network.span, ["network": network.name],
          notes: [.init("write `classes:` with their number at the top of the model")]))
    }
  }

  private func reportUnread(_ lowerings: [FormulaLowering], into bag: inout DiagnosticBag) {
    let read = lowerings.reduce(into: Set<String>()) { $0.formUnion($1.readValues) }
    for value in program.values where !read.contains(value.name) && value.formula.isWritten {
      bag.report(Diagnostic(.valueUnread, at: value.span, ["name": value.name]))
    }
  }

  // MARK: Updates

  /// The names of the counters of optimiser steps, by the parameter: an optimiser counts for each parameter
  /// how often it was moved, and those that the same updates reach share a counter.
  private func stepCounters() -> [String: String] {
    var counters: [String: String] = [:]
    for network in spec.networks.map(\.name) {
      let updates = program.updates.filter { $0.networks.contains { $0.value == network } }
      guard updates.count > 1 else { continue }
      var reachedBy: [String: [String]] = [:]
      for update in updates {
        var lowering = FormulaLowering(spec: spec, program: program, sources: sources, graph: "reach")
        // The step's own lowering reports a mistake.
        guard let objective = try? objective(of: update, &lowering) else { continue }
        for name in reached(network, from: objective, lowering) {
          reachedBy[name, default: []].append(update.name)
        }
      }
      for (name, by) in reachedBy where by.count < updates.count {
        counters[name] = "\(network).step.\(by.joined(separator: "."))"
      }
    }
    return counters
  }

  /// The parameters of a network that a scalar depends on, in the order of their definition.
  private func reached(
    _ network: String, from objective: ValueID, _ lowering: FormulaLowering
  ) -> [String] {
    let names = lowering.parameters[network] ?? []
    let values = names.map { name in
      guard let value = lowering.store.current[name] else { preconditionFailure("no parameter \(name)") }
      return value
    }
    let reached = lowering.reached(from: objective, among: values)
    return zip(names, values).filter { reached.contains($1) }.map(\.0)
  }

  private func objective(
    of update: UpdateSpec, _ lowering: inout FormulaLowering
  ) throws(FormulaLowering.Failed) -> ValueID {
    lowering.builder.origin = origin(of: update.objective, layer: update.name)
    lowering.update = update.name
    // What formulas share is computed in the order in which it is written.
    for value in lowering.valuesRead(by: update.objective) { _ = try lowering.value(of: value.formula) }
    let value = try lowering.value(of: update.objective)
    let place = FormulaLowering.Place(
      formula: update.objective, range: update.objective.expression.range)
    guard let objective = value.tensor else {
      throw lowering.report(.objectiveShape, place, ["actual": "a number that nothing changes"])
    }
    let type = lowering.type(of: objective)
    guard type.rank == 0 else {
      throw lowering.report(
        .objectiveShape, place, ["actual": type.formulaText],
        notes: [.init("a mean or a sum is one number")], within: "mean")
    }
    return objective
  }

  private func origin(of formula: Formula, layer: String) -> Origin {
    Origin(
      span: formula.span,
      location: formula.isWritten ? formula.span.map { sources.start(of: $0) } : nil, layer: layer)
  }

  private func emit(
    _ update: UpdateSpec, _ part: StepSchedule.Part, _ counters: [String: String],
    _ lowering: inout FormulaLowering
  ) throws(FormulaLowering.Failed) {
    let objective = try objective(of: update, &lowering)
    try adaptAugmentation(to: update, &lowering)
    var moved: [(network: String, parameters: [String])] = []
    for network in update.networks {
      let parameters = reached(network.value, from: objective, lowering)
      if parameters.isEmpty {
        let place = FormulaLowering.Place(
          formula: update.objective, range: update.objective.expression.range)
        throw lowering.report(.objectiveIndependent, place, ["network": network.value])
      }
      moved.append((network.value, parameters))
    }
    let names = moved.flatMap(\.parameters)
    let values = names.map { name in
      guard let value = lowering.store.current[name] else { preconditionFailure("no parameter \(name)") }
      return value
    }
    let optimizers = moved.map { spec.train.optimizer(of: $0.network) }
    lowering.builder.origin = Origin(
      span: optimizers[0].name.span, layer: "\(moved[0].network).optimizer")
    let share =
      part == .whole
      ? objective : lowering.builder.emit(Affine(scale: 1 / Double(spec.train.accumulate)), objective)
    var gradients = lowering.builder.emitAll(Gradient(), [share] + values)
    if part != .whole {
      for (index, name) in names.enumerated() {
        gradients[index] = accumulate(gradients[index], of: name, isLast: part == .moving, &lowering)
      }
    }
    lowering.builder.graph.addOutput(update.name, objective)
    if part == .adding { return }
    if let clip = update.gradientClip { gradients = clipped(gradients, clip, &lowering.builder) }
    var first = 0
    for (place, (network, parameters)) in moved.enumerated() {
      lowering.builder.origin = Origin(span: optimizers[place].name.span, layer: "\(network).optimizer")
      let range = first..<first + parameters.count
      step(
        network, Array(zip(names[range], gradients[range])), by: optimizers[place], counters,
        &lowering)
      first += parameters.count
      if let bound = update.weightClip {
        for name in parameters {
          guard let new = lowering.store.current[name] else { preconditionFailure("no parameter \(name)") }
          let clamp = Unary(UnaryFunction(.clamp, [-bound, bound]))
          lowering.store.current[name] = lowering.builder.emit(clamp, new)
        }
      }
      lowering.move(network)
    }
  }

  /// Moves the probability of changes with the scores of real images, where an update moves the network that
  /// gives them.
  private func adaptAugmentation(
    to update: UpdateSpec, _ lowering: inout FormulaLowering
  ) throws(FormulaLowering.Failed) {
    guard let adaptive = spec.train.augment?.adaptive, let judge = spec.imageJudge?.name,
      program.updates.first(where: { $0.networks.contains { $0.value == judge } })?.name == update.name,
      let expression = try? Expression.parse("\(judge)(augment(real))")
    else { return }
    let scores = try lowering.value(of: Formula(expression, span: nil))
    guard let tensor = scores.tensor else { return }
    let probability = lowering.adapt(adaptive, scores: tensor, batch: spec.train.batchSize.value)
    lowering.builder.graph.addOutput("augment_p", probability)
  }

  /// The sum of a parameter's gradients since its last move, which is kept until the last of them.
  private func accumulate(
    _ gradient: ValueID, of name: String, isLast: Bool, _ lowering: inout FormulaLowering
  ) -> ValueID {
    let type = lowering.type(of: gradient)
    guard let parameter = lowering.store.definitions.first(where: { $0.name == name }) else {
      preconditionFailure("no parameter \(name)")
    }
    let definition = ParameterDefinition(
      name: "accumulated.\(name)", shape: type.shape.compactMap(\.fixedExtent), initializer: .constant(0),
      role: .accumulator, network: parameter.network)
    let before = lowering.store.value(definition, in: &lowering.builder)
    let sum = lowering.builder.emit(Binary(.add), before, gradient)
    lowering.store.current[definition.name] =
      isLast ? lowering.builder.emit(Constant(value: 0, shape: type.shape)) : sum
    return sum
  }

  /// Moves the averages of weights towards them, in each graph that ends a step.
  ///
  /// e becomes βe + (1 − β)p. Running statistics need none: a network is drawn with its own.
  private func moveAverages(in lowerings: inout [FormulaLowering], _ schedule: StepSchedule) {
    for average in spec.train.averages {
      // A graph of the averages alone has applied nothing.
      guard let names = lowerings.lazy.compactMap({ $0.parameters[average.network] }).first,
        let known = lowerings.first(where: { $0.parameters[average.network] != nil })
      else { continue }
      for index in lowerings.indices where schedule.movesAverages(schedule.variants[index]) {
        lowerings[index].builder.origin = Origin(span: average.span, layer: "\(average.network).average")
        let share = 1 - average.decay(batch: spec.train.batchSize.value * spec.train.accumulate)
        for name in names {
          guard let parameter = known.store.definitions.first(where: { $0.name == name }) else {
            preconditionFailure("no parameter \(name)")
          }
          move(average: parameter, by: share, &lowerings[index])
        }
      }
    }
  }

  private func move(
    average parameter: ParameterDefinition, by share: Double, _ lowering: inout FormulaLowering
  ) {
    var definition = parameter
    definition.name = ParameterDefinition.average(of: parameter.name)
    definition.role = .average
    definition.initializer = .copy(of: parameter.name)
    let average = lowering.store.value(definition, in: &lowering.builder)
    let value = lowering.store.value(parameter, in: &lowering.builder)
    let old = lowering.builder.emit(Affine(scale: 1 - share), average)
    let new = lowering.builder.emit(Affine(scale: share), value)
    lowering.store.current[definition.name] = lowering.builder.emit(Binary(.add), old, new)
  }

  /// Moves a network's parameters.
  private func step(
    _ network: String, _ parameters: [(name: String, gradient: ValueID)], by configured: Configured,
    _ counters: [String: String], _ lowering: inout FormulaLowering
  ) {
    let optimizer = OptimizerDefinition.named(configured.name.value)
    func state(_ name: String, _ shape: [Int], _ element: ElementType = .f32) -> ValueID {
      lowering.store.value(
        ParameterDefinition(
          name: "optimizer.\(name)", shape: shape, initializer: .constant(0), role: .optimizer,
          network: network, element: element), in: &lowering.builder)
    }
    let factor = lowering.rateFactor(of: network, configured)
    var counted: [String: ValueID] = [:]
    for (name, gradient) in parameters {
      let counter = counters[name] ?? "\(network).step"
      if counted[counter] == nil {
        let count = lowering.builder.emit(Increment(), state(counter, [], .i64))
        lowering.store.current["optimizer.\(counter)"] = count
        counted[counter] = count
      }
      guard let value = lowering.store.current[name], let count = counted[counter] else {
        preconditionFailure("no parameter \(name)")
      }
      let shape = lowering.type(of: value).shape.compactMap(\.fixedExtent)
      let names = optimizer.states.map { "\(name).\($0)" }
      let states = names.map { state($0, shape) }
      let results = lowering.builder.emitAny(
        optimizer.op(configured), [count, factor, value, gradient] + states)
      lowering.store.current[name] = results[0]
      for (name, result) in zip(names, results.dropFirst()) {
        lowering.store.current["optimizer.\(name)"] = result
      }
    }
  }

  /// Gradients within a bound. Source of the norm's formula: PyTorch `nn/utils/clip_grad.py`.
  private func clipped(
    _ gradients: [ValueID], _ clip: UpdateSpec.GradientClip, _ builder: inout GraphBuilder
  ) -> [ValueID] {
    switch clip {
    case .value(let bound):
      let clamp = Unary(UnaryFunction(.clamp, [-bound, bound]))
      var clamped: [ValueID] = []
      for gradient in gradients { clamped.append(builder.emit(clamp, gradient)) }
      return clamped
    case .norm(let bound):
      var sum: ValueID?
      for gradient in gradients {
        let squares = builder.emit(Unary(UnaryFunction(.square)), gradient)
        let rank = builder.type(of: squares).rank
        let total = rank == 0 ? squares : builder.emit(Reduce(axes: Array(0..<rank), mean: false), squares)
        sum = sum.map { builder.emit(Binary(.add), $0, total) } ?? total
      }
      guard let sum else { return gradients }
      let norm = builder.emit(Affine(offset: 1e-6), builder.emit(Unary(UnaryFunction(.sqrt)), sum))
      let share = builder.emit(Affine(scale: bound), builder.emit(Unary(UnaryFunction(.reciprocal)), norm))
      let factor = builder.emit(Unary(UnaryFunction(.clamp, [0, 1])), share)
      var scaled: [ValueID] = []
      for gradient in gradients {
        let shape = builder.type(of: gradient).shape
        let repeated =
          shape.isEmpty ? factor : builder.emit(Broadcast(axes: Array(shape.indices), sizes: shape), factor)
        scaled.append(builder.emit(Binary(.multiply), gradient, repeated))
      }
      return scaled
    }
  }

  // MARK: Metrics

  /// Computes each metric in the first group of updates that applies all networks that it needs, in each of
  /// its graphs, with the parameters that the graph begins with; where none does, in the first.
  private func place(
    _ metrics: [MetricSpec], in lowerings: inout [FormulaLowering], _ schedule: StepSchedule
  ) {
    /// The update of a graph with whose draws a metric applies no network anew; nil where there is none.
    func fittingUpdate(_ metric: MetricSpec, _ index: Int) -> String? {
      schedule.variants[index].updates.map { program.updates[$0].name }.first { update in
        var trial = lowerings[index]
        trial.update = update
        return (try? emit(metric, &trial)) != nil
          && trial.applicationCount == lowerings[index].applicationCount
      }
    }
    for metric in metrics {
      let fitting = lowerings.indices.first { fittingUpdate(metric, $0) != nil }
      guard let first = fitting ?? lowerings.indices.first else { continue }
      let group = schedule.variants[first].group
      for index in lowerings.indices where schedule.variants[index].group == group {
        if let update = fittingUpdate(metric, index) { lowerings[index].update = update }
        // A mistake in it is reported by the lowering.
        _ = try? emit(metric, &lowerings[index])
      }
    }
  }

  private func emit(
    _ metric: MetricSpec, _ lowering: inout FormulaLowering
  ) throws(FormulaLowering.Failed) {
    lowering.builder.origin =
      metric.formula.isWritten ? origin(of: metric.formula, layer: "metrics") : Origin(layer: "metrics")
    let value = try lowering.atStart { (lowering) throws(FormulaLowering.Failed) in
      try lowering.value(of: metric.formula)
    }
    let place = FormulaLowering.Place(formula: metric.formula, range: metric.formula.expression.range)
    guard let tensor = value.tensor, lowering.type(of: tensor).rank == 0 else {
      let actual = value.tensor.map { lowering.type(of: $0).formulaText } ?? "a number that nothing changes"
      throw lowering.report(
        .objectiveShape, place, ["actual": actual],
        notes: [.init("a mean or a sum is one number")], within: value.tensor == nil ? nil : "mean")
    }
    lowering.builder.graph.addOutput(metric.name, tensor)
  }
}

extension StepSchedule.Variant {
  /// Of its graph, behind `step_`.
  fileprivate func name(_ updates: [UpdateSpec]) -> String {
    let names = updates.map(\.name).joined(separator: "_")
    switch part {
    case .whole: return updates.isEmpty ? "averages" : names
    case .adding: return "\(names)_adding"
    case .moving: return "\(names)_moving"
    }
  }
}

extension GraphBuilder {
  /// Emits an op that only its definition is known of.
  fileprivate mutating func emitAny(_ op: any OpDefinition, _ operands: [ValueID]) -> [ValueID] {
    emitAll(op, operands)
  }
}
