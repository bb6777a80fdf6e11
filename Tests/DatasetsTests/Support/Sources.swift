import Datasets
import Interchange

extension ExampleSource {
  /// The image of an example that has one.
  func image(at index: Int) throws -> Image { try images(at: index)[0].image }
}

extension SyntheticSource {
  func image(at index: Int) -> Image { images(at: index)[0].image }
}
