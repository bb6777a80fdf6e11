import ArgumentParser
import Diagnostics
import Interchange
import Lowering
import ModelSpec
import Runtime
import Training

/// What a command takes that reads networks with their weights.
struct WeightedModelOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A run's folder, a checkpoint in one, or a model's YAML file.", valueName: "run or model"))
  var source: String

  @Option(
    help: "Of a model: take the weights from this safetensors file; by default they are as training begins.")
  var weights: String?

  @Option(help: "The model, for a checkpoint that lies outside its run's folder.")
  var model: String?

  /// A model whose tensors have values.
  struct Loaded {
    var spec: ModelSpec
    var lowered: LoweredModel
    var store: TensorStore
    /// The networks that have weights of their own.
    var networks: [String]
    /// How far training had come; nil where the weights are of no checkpoint.
    var step: Int?

    /// The network of a name; by default the one that makes images, or the only one.
    func network(named name: String?) throws -> LoweredNetwork {
      let all = lowered.networks.map(\.name)
      guard let wanted = name ?? (all.count == 1 ? all[0] : spec.imageMaker?.name) else {
        throw ValidationError(
          "Name one of the model's networks with --network: \(all.joined(separator: ", ")).")
      }
      guard let network = lowered.network(named: wanted) else {
        let near = nearestName(to: wanted, among: all).map { " Did you mean `\($0)`?" } ?? ""
        throw ValidationError(
          "The model has no network `\(wanted)`.\(near) It has: \(all.joined(separator: ", ")).")
      }
      return network
    }
  }

  var isModel: Bool { source.hasSuffix(".yaml") || source.hasSuffix(".yml") }

  func load() throws -> Loaded {
    var options = ModelOptions()
    options.overrides = []
    options.color = .auto
    if isModel {
      guard model == nil else {
        throw ValidationError("--model goes with a checkpoint, and this is a model.")
      }
      options.model = source
      let (spec, lowered, _) = try options.loadChecked(quietly: true)
      let store = TensorStore(lowered.definitions)
      WeightInitializer(seed: spec.train.seed).fill(store, with: lowered.definitions)
      var networks = lowered.networks.map(\.name)
      if let weights {
        networks = try store.loadWeights(contentsOf: weights)
        try checkFinite(store, from: weights)
      }
      return Loaded(spec: spec, lowered: lowered, store: store, networks: networks)
    }
    guard weights == nil else { throw ValidationError("--weights goes with a model, and this is a run.") }
    let (checkpoint, path) = try locateCheckpoint(source, model: model)
    options.model = path
    let (spec, lowered, _) = try options.loadChecked(quietly: true)
    let store = TensorStore(lowered.definitions)
    let networks = try store.loadWeights(contentsOf: checkpoint)
    try checkFinite(store, from: checkpoint)
    let step = (try? CheckpointMetadata(contentsOf: checkpoint))?.step
    return Loaded(spec: spec, lowered: lowered, store: store, networks: networks, step: step)
  }
}
