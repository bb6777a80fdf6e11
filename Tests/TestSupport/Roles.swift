import Lowering
import ModelSpec

/// The two networks of most models that tests check, by the parts that they play.
extension ModelSpec {
  public var generator: NetworkSpec { required(imageMaker) }
  public var discriminator: NetworkSpec { required(imageJudge) }
}

extension TrainSpec {
  public var generatorOptimizer: Configured { optimizer(of: "generator") }
  public var discriminatorOptimizer: Configured { optimizer(of: "discriminator") }
}

extension CheckedModel {
  public var generatorLayers: [LayerSummary] { layers(of: "generator") }
  public var discriminatorLayers: [LayerSummary] { layers(of: "discriminator") }
}

private func required<Value>(_ value: Value?) -> Value {
  guard let value else { preconditionFailure("the model has no such network") }
  return value
}
