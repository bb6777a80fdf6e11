import Diagnostics
import GraphIR
import Interchange
import Lowering
import ModelSpec
import Passes
import Runtime

/// A network of a model with its weights, as an ONNX model.
public struct ONNXExport {
  let spec: ModelSpec
  let lowered: LoweredModel
  let store: TensorStore
  /// What the training run had made of them; nil for weights that are not from a checkpoint.
  public var step: Int?
  /// The names of the classes, where they are known.
  public var classes: [String] = []
  /// Whether batch norm is written as an op of its own, not folded into the convolution before it.
  public var keepsBatchNorm = false

  public init(_ spec: ModelSpec, _ lowered: LoweredModel, _ store: TensorStore) {
    self.spec = spec
    self.lowered = lowered
    self.store = store
  }

  /// The network in inference form: input and output names are the network's own, the batch is `N`.
  ///
  /// - Throws: `ONNXExportError` for an op that ONNX has no form for.
  /// - Precondition: The model has a network of that name.
  public func model(of network: String) throws(ONNXExportError) -> ONNXModel {
    guard var graph = lowered.network(named: network)?.graph else { preconditionFailure("no \(network)") }
    let passes: [any Pass] =
      [Simplify(), EliminateCommonSubexpressions(), EliminateDeadCode()]
      + (keepsBatchNorm ? [] : [FoldBatchNorm()]) + [FuseBias(), EliminateDeadCode()]
    do throws(PipelineFault) {
      try Pipeline(passes: passes).run(&graph)
    } catch {
      preconditionFailure("\(error)")
    }
    var parameters: [String: ReferenceTensor] = [:]
    for input in graph.inputs where input.kind == .parameter || input.kind == .statistic {
      let type = graph.type(of: input.value)
      guard type.element == .f32 else { continue }
      parameters[input.name] = ReferenceTensor(
        shape: type.extents(batch: 1), values: store.existingValues(of: input.name).map(Double.init))
    }
    var model = ONNXModel()
    model.irVersion = ONNXExporter.irVersion
    model.producerName = "graphc"
    model.producerVersion = graphcVersion
    model.modelVersion = step ?? 0
    model.docString = "The network `\(network)` of the model \(spec.name)"
    model.operatorSets = [("", ONNXExporter.operatorSet)]
    model.metadata = metadata(network)
    model.graph = try ONNXExporter.export(graph, parameters: parameters, name: network)
    return model
  }

  private func metadata(_ network: String) -> [(key: String, value: String)] {
    let extents = [spec.channels.value, spec.height.value, spec.width.value]
    let range = spec.imageRange
    var entries = [
      ("graphc.model", spec.name), ("graphc.network", network),
      ("graphc.structure", StructureHash(spec).text),
      ("graphc.image", "\(extents)"), ("graphc.range", "[\(range.low), \(range.high)]"),
    ]
    if let latent = spec.latent { entries.append(("graphc.latent", "\(latent.value)")) }
    if let step { entries.append(("graphc.step", "\(step)")) }
    if !classes.isEmpty {
      entries.append(("graphc.classes", "[" + classes.map(jsonLiteral).joined(separator: ", ") + "]"))
    }
    return entries.map { (key: $0.0, value: $0.1) }
  }
}

extension ModelSpec {
  /// The values that are black and white in images that the model makes.
  public var imageRange: (low: Double, high: Double) {
    if let given = train.data?.numbers("range") { return (given[0], given[1]) }
    return imageMaker?.layers.last?.kind.name.value == "sigmoid" ? (0, 1) : (-1, 1)
  }
}
