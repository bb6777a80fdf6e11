import ArgumentParser
import Files
import Interchange
import Lowering
import ModelSpec
import Runtime
import Training

/// A run whose networks a command uses as they were saved.
struct RunSource: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A run's folder, for its latest checkpoint, or a checkpoint file in one.", valueName: "run"))
  var source: String

  @Option(help: "The model, for a checkpoint that lies outside its run's folder.")
  var model: String?

  @Flag(help: "Take the newest weights, also where an average of them is kept.")
  var newest = false

  @Flag(help: "Take the checkpoint with the best score, of a run that has `train.evaluate_every`.")
  var best = false

  /// The model of a checkpoint, ready to run.
  struct Opened {
    var spec: ModelSpec
    var model: CompiledModel
    var sampler: Sampler
    var checkpoint: String
    /// How far a stage had come with what it brings in.
    var fade: Double

    /// The network that makes the images.
    var maker: NetworkSpec {
      guard let maker = spec.imageMaker else { preconditionFailure("`open` looks for it") }
      return maker
    }

    /// How many classes the images can be asked for; nil where the network is told none.
    var classes: Int? { Sampler.classes(of: maker, in: spec) }

    /// Ends a command that has nothing but noise and a class for a network that is given more.
    func checkTakesNoiseAlone(for command: StaticString) throws {
      guard let condition = Sampler.conditions(of: maker, in: spec).first else { return }
      throw fail(
        """
        the \(maker.name) is given `\(condition)` besides noise and a class, which `\(command)` has not: the run's \
        own samples show what it makes
        """, Exit.invalidInput)
    }

    /// Ends a command that looks for latent vectors, for a network that is given none.
    func checkTakesLatent(for command: StaticString) throws {
      try checkTakesNoiseAlone(for: command)
      if spec.latentInput(of: maker) == nil {
        throw fail(
          "the \(maker.name) is given no latent vector, which `\(command)` looks for", Exit.invalidInput)
      }
    }

    /// Ends a command that asks for a class which there is not.
    func check(label: Int?) throws {
      guard let label else { return }
      guard let classes else {
        throw fail("--class: the \(maker.name) is told no class", Exit.invalidInput)
      }
      guard (0..<classes).contains(label) else {
        throw fail("--class must be from 0 to \(classes - 1), and is \(label)", Exit.invalidInput)
      }
    }
  }

  /// Opens the model and the weights.
  func open(threads: ThreadOptions, convolutions: ConvolutionPolicy) throws -> Opened {
    let (checkpoint, path) = try locateCheckpoint(source, model: model, best: best)
    var options = ModelOptions()
    options.model = path
    options.overrides = []
    options.color = .auto
    let (_, stages) = try options.loadStages(quietly: true)
    let stage = try SavedStage(of: stages) { () throws(FileError) in
      try CheckpointMetadata(contentsOf: checkpoint).step
    }
    let (spec, lowered) = (stage.spec, stage.lowered)
    guard let maker = spec.imageMaker else { throw fail("the model makes no images", Exit.invalidInput) }
    let model = try compile(spec, lowered, threads: threads, convolutions: convolutions)
    let networks: [String]
    do throws(FileError) {
      networks = try model.store.loadWeights(contentsOf: checkpoint)
    } catch {
      guard let step = stage.step else { throw error }
      throw FileError(
        path: error.path,
        reason: error.reason
          + "; it was saved after step \(step), which this model makes in stage \(stage.index + 1) of \(stages.count): "
          + "name the model whose stages it was trained in with --model", category: error.category)
    }
    guard networks.contains(maker.name) else {
      throw FileError(path: checkpoint, reason: "holds no \(maker.name)")
    }
    try checkFinite(model.store, from: checkpoint)
    return Opened(
      spec: spec, model: model, sampler: Sampler(model, usesAverage: !newest), checkpoint: checkpoint,
      fade: stage.fade)
  }
}
