import Files
import Lowering
import ModelSpec

/// The stage of a training that saved a checkpoint, whose networks it holds; of a training without stages, all of it.
public struct SavedStage: Sendable {
  /// Its place among the stages.
  public let index: Int
  public let spec: ModelSpec
  public let lowered: LoweredModel
  /// How many steps of the training had been made; nil where there is one stage alone.
  public let step: Int?
  /// How far it had come with what it brings in, from 0 to 1.
  public let fade: Double

  /// - Parameters:
  ///   - models: Those of the stages in their order, or the only one.
  ///   - steps: How many steps had been made. It is asked for where there are stages.
  /// - Precondition: There is a model.
  public init(
    of models: [(spec: ModelSpec, lowered: LoweredModel)], after steps: () throws(FileError) -> Int
  ) throws(FileError) {
    precondition(!models.isEmpty, "a training without a model")
    if models[0].spec.stage == nil {
      (index, fade) = (0, 1)
      step = nil
    } else {
      let made = try steps()
      let plan = StagePlan(models)
      index = plan.stage(savedAfter: made)
      fade = plan.stages[index].fade(at: made)
      step = made
    }
    (spec, lowered) = models[index]
  }
}
