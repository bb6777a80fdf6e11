import Diagnostics
import GraphIR
import ModelSpec

/// A model as graphs.
public struct LoweredModel: Sendable {
  /// The adversarial step: see `AdversarialStep`.
  public var step: Graph
  /// Inference: `noise` [N, latent] → `images` [N, C, H, W].
  public var generator: Graph
  /// Inference: `images` [N, C, H, W] → `scores`.
  public var discriminator: Graph
  /// Everything that a run keeps, in the order of the step's inputs.
  public var definitions: [ParameterDefinition]
  public var generatorLayers: [LayerSummary]
  public var discriminatorLayers: [LayerSummary]
}

/// `ModelSpec` → graphs, with every check that needs no data.
public enum ModelLowering {
  /// What checking a model gives, whether it fits together or not.
  public struct Result: Sendable {
    /// Nil when there are errors.
    public var model: LoweredModel?
    public var diagnostics: [Diagnostic]
    /// The layers up to the first that does not fit.
    public var generatorLayers: [LayerSummary]
    public var discriminatorLayers: [LayerSummary]
  }

  public static func lower(_ spec: ModelSpec, sources: SourceMap) -> Result {
    var bag = DiagnosticBag()
    checkImageSize(spec, into: &bag)
    let generator = inferenceGraph(
      spec.generator, spec, input: ("noise", TensorType([.batch, .fixed(spec.latent.value)])),
      output: "images", sources)
    let image = spec.discriminator.declaredInput?.value.map(Dimension.fixed)
    let discriminator = inferenceGraph(
      spec.discriminator, spec,
      input: ("images", image.map { TensorType([.batch] + $0) } ?? spec.imageType), output: "scores",
      sources)
    for diagnostic in generator.diagnostics + discriminator.diagnostics { bag.report(diagnostic) }
    Agreements(
      spec: spec, sources: sources, images: generator.output, generatorLayers: generator.layers,
      scores: discriminator.output, discriminatorLayers: discriminator.layers
    ).check(into: &bag)

    var model: LoweredModel?
    if !bag.hasErrors, let step = AdversarialStep(spec: spec, sources: sources).build() {
      BatchNormCheck.check(step.graph, spec: spec, into: &bag)
      if !bag.hasErrors {
        model = LoweredModel(
          step: step.graph, generator: generator.graph, discriminator: discriminator.graph,
          definitions: step.definitions, generatorLayers: generator.layers,
          discriminatorLayers: discriminator.layers)
      }
    }
    return Result(
      model: model, diagnostics: bag.diagnostics, generatorLayers: generator.layers,
      discriminatorLayers: discriminator.layers)
  }

  private static func checkImageSize(_ spec: ModelSpec, into bag: inout DiagnosticBag) {
    guard !spec.imageType.isAddressable else { return }
    bag.report(
      Diagnostic(
        .shapeTooLarge, at: spec.channels.span, ["op": "image", "shape": spec.imageType.userText]))
  }

  private struct Inference {
    var graph: Graph
    /// Nil when a layer does not fit.
    var output: TensorType?
    var layers: [LayerSummary]
    var diagnostics: [Diagnostic]
  }

  private static func inferenceGraph(
    _ network: NetworkSpec, _ spec: ModelSpec, input: (name: String, type: TensorType), output: String,
    _ sources: SourceMap
  ) -> Inference {
    var builder = GraphBuilder(Graph(name: network.name, mode: .infer))
    var value = builder.graph.addInput(.data, input.name, input.type)
    if network.name == "generator" {
      value = NetworkInput.adapt(value, to: network, in: &builder)
    }
    var lowering = NetworkLowering(network, spec: spec, mode: .infer, sources: sources)
    var store = ParameterStore()
    var dropoutStream = 0
    let result = lowering.apply(
      to: value, builder: &builder, store: &store, dropoutStream: &dropoutStream)
    if let result { builder.graph.addOutput(output, result) }
    return Inference(
      graph: builder.graph, output: result.map { builder.type(of: $0) }, layers: lowering.summaries,
      diagnostics: lowering.bag.diagnostics)
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
