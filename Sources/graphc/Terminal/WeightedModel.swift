import ArgumentParser
import Diagnostics
import Files
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

  @Flag(help: "Take the newest weights, also where an average of them is kept.")
  var newest = false

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
      let (_, stages) = try options.loadStages(quietly: true)
      let (spec, lowered) = stages[stages.count - 1]
      return try loaded(spec, lowered, fade: 1, from: weights, step: nil)
    }
    guard weights == nil else { throw ValidationError("--weights goes with a model, and this is a run.") }
    let (checkpoint, path) = try locateCheckpoint(source, model: model)
    options.model = path
    let (_, stages) = try options.loadStages(quietly: true)
    let stage = try SavedStage(of: stages) { () throws(FileError) in
      try CheckpointMetadata(contentsOf: checkpoint).step
    }
    // A file of weights alone does not tell it.
    let step = (try? CheckpointMetadata(contentsOf: checkpoint))?.step
    return try loaded(stage.spec, stage.lowered, fade: stage.fade, from: checkpoint, step: step)
  }

  /// - Parameters:
  ///   - fade: How far a stage has come with what it brings in.
  ///   - file: Holds the weights; nil takes those that training begins with.
  private func loaded(
    _ spec: ModelSpec, _ lowered: LoweredModel, fade: Double, from file: String?, step: Int?
  ) throws -> Loaded {
    var lowered = lowered
    for index in lowered.networks.indices { lowered.networks[index].graph.fix(fade: fade) }
    let store = TensorStore(lowered.definitions)
    WeightInitializer(seed: spec.train.seed).fill(store, with: lowered.definitions)
    var networks = lowered.networks.map(\.name)
    if let file {
      networks = try store.loadWeights(contentsOf: file)
      try checkFinite(store, from: file)
    }
    if !newest { store.takeAverages() }
    return Loaded(spec: spec, lowered: lowered, store: store, networks: networks, step: step)
  }
}
