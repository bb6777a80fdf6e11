import GraphIR
import Interchange
import Lowering
import Passes
import Runtime

/// Replays the training steps that a fixture holds and compares every loss, parameter and statistic.
///
/// A fixture is one safetensors file: `init.<name>`, `step.<i>.real`, `step.<i>.noise`, of dropout layers
/// `step.<i>.mask.<layer>.<k>`, and what another framework got: `step.<i>.loss_d`, `step.<i>.loss_g`,
/// `final.<name>`. With `fp32.…` it also holds what that framework's 32-bit run got, as a yardstick.
public struct FixtureReplay {
  public enum Executor: String, Sendable, CaseIterable {
    /// Float64, op by op.
    case reference
    /// The planned program in 32 bits.
    case cpu
  }

  /// How far one tensor is from the expected one.
  public struct Row: Sendable {
    public var name: String
    /// ‖actual − expected‖ / ‖expected‖.
    public var relativeError: Double
    /// The same of the other framework's 32-bit run, where the fixture holds it.
    public var yardstick: Double?
  }

  public struct Failure: Error, Sendable {
    public var reason: String
  }

  private let model: LoweredModel
  /// The steps' graphs, all of whose random numbers are given.
  private let graphs: [Graph]
  private let fixture: SafetensorsFile
  private let path: String

  /// - Parameter path: The fixture's file, for errors.
  public init(model: LoweredModel, fixture: SafetensorsFile, path: String) {
    self.model = model
    graphs = model.steps.map { $0.graph.takingMasks() }
    self.fixture = fixture
    self.path = path
  }

  /// Runs all steps and returns a row for each loss and each tensor, in the order of the model.
  ///
  /// - Parameters:
  ///   - steps: Run only so many; the final tensors are compared only after all of them.
  ///   - pipeline: The passes for `cpu`; nil are those of training with the first step's batch.
  /// - Throws: `Failure` when the fixture does not fit the model.
  public func run(
    _ executor: Executor, threads: Int = 1, pipeline: Pipeline? = nil,
    options: CPUPlan.Options = .init(), steps limit: Int? = nil
  ) throws(Failure) -> [Row] {
    let count = stepCount
    guard count > 0 else { throw Failure(reason: "`\(path)` holds no `step.0.…`") }
    let first = model.schedule.runs(at: 0)[0]
    let batch = try inputs(of: first, inStep: 0).batch
    var stepper: any Stepper =
      switch executor {
      case .reference: try ReferenceStepper(graphs, try initialValues())
      case .cpu:
        try CPUStepper(
          model.definitions, graphs, try initialValues(), threads: threads,
          pipeline: pipeline ?? .cpuTraining(batch: batch, options: options), options: options)
      }
    let recorded = Set(
      fixture.tensors.compactMap { tensor in
        let parts = tensor.name.split(separator: ".")
        return parts.count == 3 && parts[0] == "step" ? String(parts[2]) : nil
      })
    var rows: [Row] = []
    for step in 0..<min(limit ?? count, count) {
      var outputs: [(name: String, value: Double)] = []
      for run in model.schedule.runs(at: step) {
        let values = try stepper.run(run.graph, try inputs(of: run, inStep: step))
        if let repetition = run.repetition {
          for (name, value) in values where fixture["step.\(step).\(name).\(repetition)"] != nil {
            rows.append(try row("step.\(step).\(name).\(repetition)", [value]))
          }
        }
        for (name, value) in values {
          outputs.removeAll { $0.name == name }
          outputs.append((name, value))
        }
      }
      // What the fixture has of any step it must have of all.
      for (name, value) in outputs where recorded.contains(name) {
        rows.append(try row("step.\(step).\(name)", [value]))
      }
    }
    // A fixture may hold losses alone; one that holds results must hold them all.
    let hasResults = fixture.tensors.contains { $0.name.hasPrefix("final.") }
    if !hasResults || limit.map({ $0 < count }) == true { return rows }
    for definition in model.definitions where definition.kind != .state || definition.role == .average {
      rows.append(try row("final.\(definition.name)", stepper.values(of: definition.name)))
    }
    // A network with averaged weights has the statistics of the network itself.
    for (name, statistic) in averagedStatistics.sorted(by: { $0.key < $1.key })
    where fixture["final.\(name)"] != nil {
      rows.append(try row("final.\(name)", stepper.values(of: statistic)))
    }
    return rows
  }

  /// What an averaged network's statistics may be called, and what they are.
  private var averagedStatistics: [String: String] {
    let statistics = model.definitions.filter {
      $0.role == .statistic && model.averaged.contains($0.network)
    }
    return Dictionary(
      uniqueKeysWithValues: statistics.map { (ParameterDefinition.average(of: $0.name), $0.name) })
  }

  private var stepCount: Int {
    var count = 0
    while fixture.tensors.contains(where: { $0.name.hasPrefix("step.\(count).") }) { count += 1 }
    return count
  }

  // MARK: Reading the fixture

  private func initialValues() throws(Failure) -> [String: ReferenceTensor] {
    var values: [String: ReferenceTensor] = [:]
    for definition in model.definitions {
      switch definition.kind {
      case .parameter, .statistic:
        guard let tensor = fixture["init.\(definition.name)"] else {
          throw Failure(reason: "`\(path)` lacks `init.\(definition.name)`, which the model has")
        }
        guard tensor.shape == definition.shape else {
          throw Failure(
            reason:
              "`init.\(definition.name)` of `\(path)` is \(tensor.shape), but the model's is \(definition.shape)"
          )
        }
        values[definition.name] = ReferenceTensor(shape: definition.shape, values: tensor.doubles)
      case .state, .data:
        values[definition.name] = ReferenceTensor(shape: definition.shape)
      }
    }
    for definition in model.definitions {
      if case .copy(let name) = definition.initializer { values[definition.name] = values[name] }
    }
    for prefix in ["init.", "final."] {
      for name in fixture.tensors.map(\.name) where name.hasPrefix(prefix) {
        let tensor = String(name.dropFirst(prefix.count))
        if values[tensor] == nil, averagedStatistics[tensor] == nil {
          throw Failure(reason: "`\(path)` holds `\(name)`, which the model has not")
        }
      }
    }
    return values
  }

  /// What a run is given, by its inputs' names.
  private func inputs(
    of run: StepSchedule.Run, inStep step: Int
  ) throws(Failure) -> [String: ReferenceTensor] {
    let graph = graphs[run.graph]
    let drawn = Set(model.steps[run.graph].draws.map(\.name))
    var values: [String: ReferenceTensor] = [:]
    var images: Int?
    for clock in model.steps[run.graph].clocks {
      let value =
        switch clock.source {
        case .rate(let schedule): schedule.factor(step: step, epoch: 0)
        case .fade: fixture["step.\(step).\(clock.name)"]?.doubles.first ?? 1
        }
      values[clock.name] = ReferenceTensor(shape: [], values: [value])
    }
    for input in graph.inputs where input.kind == .data && values[input.name] == nil {
      let names = Self.names(of: input.name, isDrawn: drawn.contains(input.name), step: step, run)
      guard let name = names.first(where: { fixture[$0] != nil }), let tensor = fixture[name] else {
        throw Failure(reason: "`\(path)` lacks `\(names[0])`")
      }
      let type = graph.type(of: input.value)
      guard let batch = tensor.shape.first,
        tensor.shape.filter({ $0 != 1 }) == type.extents(batch: batch).filter({ $0 != 1 })
      else {
        throw Failure(
          reason: "`\(name)` of `\(path)` is \(tensor.shape), but the model takes \(type.description)")
      }
      guard batch == images ?? batch else {
        throw Failure(reason: "`\(name)` of `\(path)` is of \(batch) images, but others of the step are not")
      }
      images = batch
      values[input.name] = ReferenceTensor(shape: type.extents(batch: batch), values: tensor.doubles)
    }
    return values
  }

  /// What a fixture may call an input of a run, the best name first: `step.<i>.<input>`, of draws
  /// `step.<i>.draw.<name>` too, with the number of the repetition behind it where there are several.
  private static func names(
    of input: String, isDrawn: Bool, step: Int, _ run: StepSchedule.Run
  ) -> [String] {
    var names = ["step.\(step).\(input)"]
    if isDrawn { names.append("step.\(step).draw.\(input)") }
    if input == "label" { names.append("step.\(step).labels") }
    guard let repetition = run.repetition else { return names }
    return names.map { "\($0).\(repetition)" } + names
  }

  // MARK: Comparing

  private func row(_ name: String, _ actual: [Double]) throws(Failure) -> Row {
    guard let expected = fixture[name]?.doubles else { throw Failure(reason: "`\(path)` lacks `\(name)`") }
    let other = fixture["fp32.\(name)"]?.doubles
    for values in [expected, other ?? actual] where values.count != actual.count {
      throw Failure(
        reason: "`\(name)` of `\(path)` has \(values.count) values, but the model's has \(actual.count)")
    }
    return Row(
      name: name, relativeError: Self.distance(actual, expected),
      yardstick: other.map { Self.distance($0, expected) })
  }

  private static func distance(_ actual: [Double], _ expected: [Double]) -> Double {
    var difference = 0.0
    var norm = 0.0
    for (a, e) in zip(actual, expected) {
      difference += (a - e) * (a - e)
      norm += e * e
    }
    return norm == 0 ? difference.squareRoot() : (difference / norm).squareRoot()
  }
}

/// Runs the graphs of training steps one by one, and shows the state.
private protocol Stepper {
  /// Runs a graph, and returns its outputs, by their names.
  ///
  /// - Parameter data: Of one batch size, by the inputs' names.
  mutating func run(
    _ graph: Int, _ data: [String: ReferenceTensor]
  ) throws(FixtureReplay.Failure) -> [(name: String, value: Double)]
  func values(of name: String) -> [Double]
}

private func runPipeline(_ pipeline: Pipeline, on graph: inout Graph) throws(FixtureReplay.Failure) {
  do { try pipeline.run(&graph) } catch { throw FixtureReplay.Failure(reason: error.description) }
}

private struct ReferenceStepper: Stepper {
  private let graphs: [Graph]
  private let interpreters: [ReferenceInterpreter]
  private var state: [String: ReferenceTensor]

  init(_ steps: [Graph], _ state: [String: ReferenceTensor]) throws(FixtureReplay.Failure) {
    var graphs = steps
    for index in graphs.indices { try runPipeline(.reference, on: &graphs[index]) }
    self.graphs = graphs
    interpreters = graphs.map { ReferenceInterpreter($0) }
    self.state = state
  }

  mutating func run(
    _ graph: Int, _ data: [String: ReferenceTensor]
  ) throws(FixtureReplay.Failure) -> [(name: String, value: Double)] {
    do {
      let inputs = graphs[graph].inputs.reduce(into: data) { inputs, input in
        if input.kind != .data { inputs[input.name] = state[input.name] }
      }
      let result = try interpreters[graph].run(inputs, batch: data.batch)
      for (name, tensor) in result.stores { state[name] = tensor }
      return graphs[graph].outputs.map { ($0.name, result.outputs[$0.name]?.values[0] ?? .nan) }
    } catch {
      throw FixtureReplay.Failure(reason: "the interpreter stopped: \(error)")
    }
  }

  func values(of name: String) -> [Double] { state[name]?.values ?? [] }
}

private struct CPUStepper: Stepper {
  private let graphs: [Graph]
  private let store: TensorStore
  private let executor: CPUExecutor
  private let options: CPUPlan.Options
  private var plans: [Int: [Int: CPUPlan]] = [:]

  init(
    _ definitions: [ParameterDefinition], _ steps: [Graph], _ state: [String: ReferenceTensor], threads: Int,
    pipeline: Pipeline, options: CPUPlan.Options
  ) throws(FixtureReplay.Failure) {
    var graphs = steps
    for index in graphs.indices { try runPipeline(pipeline, on: &graphs[index]) }
    self.graphs = graphs
    self.options = options
    store = TensorStore(definitions)
    for definition in definitions {
      store.write(state[definition.name]?.values.map(Float.init) ?? [], to: definition.name)
    }
    executor = CPUExecutor(threads: threads)
  }

  mutating func run(
    _ graph: Int, _ data: [String: ReferenceTensor]
  ) throws(FixtureReplay.Failure) -> [(name: String, value: Double)] {
    let batch = data.batch
    let plan =
      plans[graph]?[batch]
      ?? CPUPlan(graphs[graph], batch: batch, store: store, lanes: executor.threads, options: options)
    plans[graph, default: [:]][batch] = plan
    for input in plan.graph.inputs where input.kind == .data {
      guard let tensor = data[input.name] else { preconditionFailure("no data for \(input.name)") }
      executor.write(tensor.values.map(Float.init), to: input.name, of: plan)
    }
    executor.run(plan)
    return plan.graph.outputs.map { ($0.name, Double(executor.scalar($0.name, in: plan))) }
  }

  func values(of name: String) -> [Double] {
    store.integers(of: name)?.map(Double.init) ?? store.values(of: name)?.map(Double.init) ?? []
  }
}

extension [String: ReferenceTensor] {
  /// How many images the data of a step is of.
  fileprivate var batch: Int {
    guard let batch = values.lazy.compactMap(\.shape.first).first else {
      preconditionFailure("a step without data")
    }
    return batch
  }
}
