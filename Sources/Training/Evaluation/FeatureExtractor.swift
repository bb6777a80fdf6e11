import ModelSpec
import Runtime
import Scores

/// What a network makes of images, as vectors.
public struct FeatureExtractor {
  private let model: CompiledModel
  private let network: NetworkSpec
  /// The values that are black and white to the network.
  private let range: (low: Float, high: Float)

  private static let batch = 64

  /// - Parameter network: One whose only input is an image; its first result gives the features.
  public init(_ model: CompiledModel, network: NetworkSpec) {
    self.model = model
    self.network = network
    let given = model.spec.train.data?.numbers("range") ?? [-1, 1]
    range = (Float(given[0]), Float(given[1]))
  }

  public func features(of images: ImageSet) -> FeatureSet {
    let plan = model.plan(of: network.name, batch: Self.batch)
    let size = images.values.count / images.count
    var features: [Float] = []
    for start in stride(from: 0, to: images.count, by: Self.batch) {
      let taken = min(Self.batch, images.count - start)
      var values = images.values[start * size..<(start + taken) * size].map {
        range.low + (range.high - range.low) * $0 / 255
      }
      values += Array(repeating: 0, count: (Self.batch - taken) * size)
      model.executor.write(values, to: network.inputs[0].name, of: plan)
      model.executor.run(plan)
      let result = model.executor.values(of: network.outputs.first?.name ?? network.resultName, in: plan)
      features += result[..<(result.count / Self.batch * taken)]
    }
    return FeatureSet(features, dimensions: features.count / images.count)
  }
}
