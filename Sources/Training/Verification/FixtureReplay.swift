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
  /// The step, all of whose random numbers are given.
  private let graph: Graph
  private let fixture: SafetensorsFile
  private let path: String

  /// - Parameter path: The fixture's file, for errors.
  public init(model: LoweredModel, fixture: SafetensorsFile, path: String) {
    self.model = model
    graph = model.step.takingMasks()
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
    guard count > 0 else { throw Failure(reason: "`\(path)` holds no `step.0.real`") }
    let batch = try inputs(ofStep: 0).batch
    var stepper: any Stepper =
      switch executor {
      case .reference: try ReferenceStepper(graph, try initialValues())
      case .cpu:
        try CPUStepper(
          model.definitions, graph, try initialValues(), threads: threads,
          pipeline: pipeline ?? .cpuTraining(batch: batch, options: options), options: options)
      }
    var rows: [Row] = []
    for step in 0..<min(limit ?? count, count) {
      let losses = try stepper.step(try inputs(ofStep: step))
      for (name, value) in losses { rows.append(try row("step.\(step).\(name)", [value])) }
    }
    // A fixture may hold losses alone; one that holds results must hold them all.
    let hasResults = fixture.tensors.contains { $0.name.hasPrefix("final.") }
    if !hasResults || limit.map({ $0 < count }) == true { return rows }
    for definition in model.definitions where definition.kind != .state {
      rows.append(try row("final.\(definition.name)", stepper.values(of: definition.name)))
    }
    return rows
  }

  private var stepCount: Int {
    var count = 0
    while fixture["step.\(count).real"] != nil { count += 1 }
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
    for prefix in ["init.", "final."] {
      for name in fixture.tensors.map(\.name) where name.hasPrefix(prefix) {
        if values[String(name.dropFirst(prefix.count))] == nil {
          throw Failure(reason: "`\(path)` holds `\(name)`, which the model has not")
        }
      }
    }
    return values
  }

  /// What the graph is given in a step, by its inputs' names: `step.<i>.<name>` of the fixture.
  private func inputs(ofStep step: Int) throws(Failure) -> [String: ReferenceTensor] {
    var values: [String: ReferenceTensor] = [:]
    var images: Int?
    for input in graph.inputs where input.kind == .data {
      let name = "step.\(step).\(input.name)"
      guard let tensor = fixture[name] else { throw Failure(reason: "`\(path)` lacks `\(name)`") }
      let type = graph.type(of: input.value)
      guard let batch = tensor.shape.first, tensor.shape == type.extents(batch: batch) else {
        throw Failure(
          reason: "`\(name)` of `\(path)` is \(tensor.shape), but the model takes \(type.description)")
      }
      guard batch == images ?? batch else {
        throw Failure(reason: "`\(name)` of `\(path)` is of \(batch) images, but others of the step are not")
      }
      images = batch
      values[input.name] = ReferenceTensor(shape: tensor.shape, values: tensor.doubles)
    }
    return values
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

/// Runs training steps one by one, and shows the state.
private protocol Stepper {
  /// The losses, by their outputs' names.
  ///
  /// - Parameter data: Of one batch size, by the inputs' names.
  mutating func step(
    _ data: [String: ReferenceTensor]
  ) throws(FixtureReplay.Failure) -> [(name: String, value: Double)]
  func values(of name: String) -> [Double]
}

private func runPipeline(_ pipeline: Pipeline, on graph: inout Graph) throws(FixtureReplay.Failure) {
  do { try pipeline.run(&graph) } catch { throw FixtureReplay.Failure(reason: error.description) }
}

private let losses = ["loss_d", "loss_g"]

private struct ReferenceStepper: Stepper {
  private let interpreter: ReferenceInterpreter
  private var state: [String: ReferenceTensor]

  init(_ step: Graph, _ state: [String: ReferenceTensor]) throws(FixtureReplay.Failure) {
    var graph = step
    try runPipeline(.reference, on: &graph)
    interpreter = ReferenceInterpreter(graph)
    self.state = state
  }

  mutating func step(
    _ data: [String: ReferenceTensor]
  ) throws(FixtureReplay.Failure) -> [(name: String, value: Double)] {
    do {
      let result = try interpreter.run(state.merging(data) { $1 }, batch: data.batch)
      for (name, tensor) in result.stores { state[name] = tensor }
      return losses.map { ($0, result.outputs[$0]?.values[0] ?? .nan) }
    } catch {
      throw FixtureReplay.Failure(reason: "the interpreter stopped: \(error)")
    }
  }

  func values(of name: String) -> [Double] { state[name]?.values ?? [] }
}

private struct CPUStepper: Stepper {
  private let graph: Graph
  private let store: TensorStore
  private let executor: CPUExecutor
  private let options: CPUPlan.Options
  private var plans: [Int: CPUPlan] = [:]

  init(
    _ definitions: [ParameterDefinition], _ step: Graph, _ state: [String: ReferenceTensor], threads: Int,
    pipeline: Pipeline, options: CPUPlan.Options
  ) throws(FixtureReplay.Failure) {
    var graph = step
    try runPipeline(pipeline, on: &graph)
    self.graph = graph
    self.options = options
    store = TensorStore(definitions)
    for definition in definitions {
      store.write(state[definition.name]?.values.map(Float.init) ?? [], to: definition.name)
    }
    executor = CPUExecutor(threads: threads)
  }

  mutating func step(
    _ data: [String: ReferenceTensor]
  ) throws(FixtureReplay.Failure) -> [(name: String, value: Double)] {
    let batch = data.batch
    let plan =
      plans[batch]
      ?? CPUPlan(graph, batch: batch, store: store, lanes: executor.threads, options: options)
    plans[batch] = plan
    for input in graph.inputs where input.kind == .data {
      guard let tensor = data[input.name] else { preconditionFailure("no data for \(input.name)") }
      executor.write(tensor.values.map(Float.init), to: input.name, of: plan)
    }
    executor.run(plan)
    return losses.map { ($0, Double(executor.scalar($0, in: plan))) }
  }

  func values(of name: String) -> [Double] {
    store.integers(of: name)?.map(Double.init) ?? store.values(of: name)?.map(Double.init) ?? []
  }
}

extension [String: ReferenceTensor] {
  /// How many images the data of a step is of.
  fileprivate var batch: Int {
    guard let batch = first?.value.shape.first else { preconditionFailure("a step without data") }
    return batch
  }
}
