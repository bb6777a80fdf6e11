import Diagnostics
import GraphIR
import ModelSpec

/// A network in inference form.
public struct LoweredNetwork: Sendable {
  public var name: String
  /// Inputs by the names of the network's own; outputs by the names of its results.
  public var graph: Graph
  /// The layers up to the first that does not fit.
  public var layers: [LayerSummary]
}

/// A model as graphs.
public struct LoweredModel: Sendable {
  /// The graphs that steps run; none where the model says nothing of training.
  public var steps: [StepGraph]
  public var schedule: StepSchedule
  /// What the steps do, written out.
  public var program: TrainingProgram
  public var networks: [LoweredNetwork]
  /// Everything that a run keeps, in the order of the step's inputs.
  public var definitions: [ParameterDefinition]

  /// The networks whose weights' average is kept.
  public var averaged: [String] {
    networks.map(\.name).filter { name in
      definitions.contains { $0.role == .average && $0.network == name }
    }
  }

  /// The graph that a step begins with: of most models, the only one.
  ///
  /// - Precondition: The model says how it trains.
  public var step: Graph { steps[0].graph }

  public func network(named name: String) -> LoweredNetwork? { networks.first { $0.name == name } }
}

/// `ModelSpec` → graphs, with every check that needs no data.
public enum ModelLowering {
  /// What checking a model gives, whether it fits together or not.
  public struct Result: Sendable {
    /// Nil when there are errors.
    public var model: LoweredModel?
    public var diagnostics: [Diagnostic]
    /// As far as they fit.
    public var networks: [LoweredNetwork]
  }

  /// - Parameter buildsStep: Whether the training step is built when everything fits. Without it there is no
  ///   model, and what only the step shows is not checked.
  public static func lower(_ spec: ModelSpec, sources: SourceMap, buildsStep: Bool = true) -> Result {
    if let mistake = ImageOrder.mistake(in: spec) {
      return Result(model: nil, diagnostics: [mistake], networks: [])
    }
    var bag = DiagnosticBag()
    checkImageSize(spec, into: &bag)
    // Networks alone are a model as well, which can be run and handed over.
    let isUntrained = spec.expandedProgram == nil && spec.train.span == nil
    let program = isUntrained ? TrainingProgram() : spec.expandedProgram
    if program == nil {
      let loss = spec.train.loss?.name
      bag.report(
        Diagnostic(
          .programNoUpdates, at: loss?.span ?? spec.train.span ?? spec.networks.first?.span,
          ["loss": loss?.value ?? "loss"],
          notes: [.init("write `updates:` under `train:` for other networks")]))
    }
    let networks = spec.networks.map {
      inferenceGraph($0, spec, program ?? spec.train.program, sources)
    }
    for network in networks { for diagnostic in network.diagnostics { bag.report(diagnostic) } }
    func inference(_ network: NetworkSpec?) -> Inference? {
      networks.first { $0.network.name == network?.name }
    }
    let maker = inference(spec.imageMaker)
    let judge = inference(spec.imageJudge)
    if let maker {
      ImageAgreements(spec: spec, sources: sources, maker: maker.network, images: maker.output)
        .check(into: &bag)
    } else if !isUntrained, networks.contains(where: { $0.output?.shape == spec.imageType.shape }) {
      bag.report(Diagnostic(.programNoImages, at: spec.networks.first?.span))
    }
    if !isUntrained, let maker, let judge {
      Agreements(
        spec: spec, sources: sources, maker: maker.network, images: maker.output, judge: judge.network,
        scores: judge.output, judgeLayers: judge.layers
      ).check(into: &bag)
    }
    OptimizerAgreements(spec: spec, sources: sources).check(into: &bag)
    let lowered = networks.map {
      LoweredNetwork(name: $0.network.name, graph: $0.graph, layers: $0.layers)
    }
    var model: LoweredModel?
    if isUntrained, !bag.hasErrors {
      model = LoweredModel(
        steps: [], schedule: StepSchedule([]), program: TrainingProgram(), networks: lowered,
        definitions: networks.flatMap(\.definitions))
    } else if buildsStep, let program, !bag.hasErrors {
      let steps = StepLowering(spec: spec, program: program, sources: sources).lower()
      for diagnostic in steps.diagnostics { bag.report(diagnostic) }
      if !bag.hasErrors {
        for step in steps.steps { BatchNormCheck.check(step.graph, spec: spec, into: &bag) }
      }
      if !bag.hasErrors {
        // A network that no step reads, as one of a later stage, has no weights yet.
        let known = Set(steps.definitions.map(\.name))
        let held = lowered.filter { network in
          network.graph.inputs.allSatisfy { $0.kind == .data || known.contains($0.name) }
        }
        model = LoweredModel(
          steps: steps.steps, schedule: steps.schedule, program: program, networks: held,
          definitions: steps.definitions)
      }
    }
    return Result(model: model, diagnostics: bag.diagnostics, networks: lowered)
  }

  private static func checkImageSize(_ spec: ModelSpec, into bag: inout DiagnosticBag) {
    guard !spec.imageType.isAddressable else { return }
    bag.report(
      Diagnostic(
        .shapeTooLarge, at: spec.channels.span, ["op": "image", "shape": spec.imageType.userText]))
  }

  private struct Inference {
    var network: NetworkSpec
    var graph: Graph
    /// The type of the first result; nil when a layer does not fit.
    var output: TensorType?
    var layers: [LayerSummary]
    var definitions: [ParameterDefinition]
    var diagnostics: [Diagnostic]
  }

  private static func inferenceGraph(
    _ network: NetworkSpec, _ spec: ModelSpec, _ program: TrainingProgram, _ sources: SourceMap
  ) -> Inference {
    var builder = GraphBuilder(Graph(name: network.name, mode: .infer))
    let arguments = network.inputs.map {
      builder.graph.addInput(.data, $0.name, NetworkInputs.type(of: $0, in: spec, program: program))
    }
    var lowering = NetworkLowering(network, spec: spec, mode: .infer, sources: sources)
    var store = ParameterStore()
    let application = lowering.apply(
      to: arguments, builder: &builder, store: &store)
    if let application {
      if network.outputs.isEmpty { builder.graph.addOutput(network.resultName, application.result) }
      for output in network.outputs {
        guard let value = application.named[output.name] else { preconditionFailure("no \(output.name)") }
        builder.graph.addOutput(output.name, value)
      }
    }
    return Inference(
      network: network, graph: builder.graph, output: application.map { builder.type(of: $0.result) },
      layers: lowering.summaries, definitions: store.definitions, diagnostics: lowering.bag.diagnostics)
  }
}

/// Batch norm cannot train on a single value a channel: its variance would be zero.
public enum BatchNormCheck {
  static func check(_ step: Graph, spec: ModelSpec, into bag: inout DiagnosticBag) {
    guard var problem = problem(step, batch: spec.train.batchSize.value) else { return }
    problem.fixes =
      spec.train.batchSize.span.map {
        [FixIt("set `batch_size` to 2", edits: [.init(span: $0, replacement: "2")])]
      } ?? [FixIt("set `train.batch_size` to 2 or more")]
    bag.report(problem)
  }

  /// What is wrong with a batch of so many images, for the first layer that cannot take it; nil when
  /// nothing is.
  public static func problem(_ step: Graph, batch: Int) -> Diagnostic? {
    guard batch == 1 else { return nil }
    for node in step.nodes {
      guard case .batchNormTrain = node.op, let span = node.origin.span else { continue }
      let type = step.type(of: node.operands[0])
      guard TensorType(Array(type.shape.dropFirst(2))).elementCount(batch: 1) == 1 else { continue }
      return Diagnostic(.oneValuePerChannel, at: span, ["batch": "\(batch)", "shape": type.userText])
    }
    return nil
  }
}
