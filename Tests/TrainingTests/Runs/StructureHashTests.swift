import Datasets
import Diagnostics
import Lowering
import ModelSpec
import TestSupport
import Testing

@testable import Training

/// Two models have one hash exactly if their networks compute the same.
@Suite struct StructureHashTests {
  private let scratch = TemporaryFolder()

  private static let model = """
    name: small
    image: {channels: 1, height: 8, width: 8}
    latent: 4
    generator:
      - conv_transpose2d: {out_channels: 4, kernel_size: 4, bias: false}
      - batch_norm2d
      - relu
      - conv_transpose2d: {out_channels: 1, kernel_size: 4, stride: 2, padding: 1}
      - tanh
    discriminator:
      inputs: picture
      layers:
        - conv2d: {out_channels: 4, kernel_size: 4, stride: 2, padding: 1}
          name: first
        - leaky_relu: 0.2
        - residual:
            layers:
              - conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
            shortcut:
              - conv2d: {out_channels: 4, kernel_size: 1}
        - conv2d: {out_channels: 1, kernel_size: 4}
        - flatten
    train: {data: digits, loss: bce_with_logits}

    """

  private func spec(_ model: String) throws -> ModelSpec {
    let path = scratch.file("model.yaml")
    try model.write(toFile: path, atomically: true, encoding: .utf8)
    let loaded = SpecLoader.load(path: path, overrides: [], catalog: .standard)
    return try #require(loaded.spec, "\(loaded.diagnostics.map(\.message))")
  }

  private func hash(_ model: String) throws -> StructureHash { StructureHash(try spec(model)) }

  /// The stored hash keeps runs apart that later versions of the language go on with.
  @Test func theHashOfAModelNeverChanges() throws {
    let text = try hash(Self.model).text
    #expect(text == "1-e8da67fb19445c66")
  }

  @Test(arguments: [
    ("the name", "name: small", "name: other"),
    ("how training goes", "data: digits", "data: digits, batch_size: 3, seed: 9"),
    ("how weights begin", "latent: 4", "latent: 4\ninit: dcgan"),
    ("a default that is written", "batch_norm2d", "batch_norm2d: {eps: 0.00001, momentum: 0.1}"),
    ("the form of an attribute", "leaky_relu: 0.2", "leaky_relu: {negative_slope: 0.2}"),
    ("what the input is called", "inputs: picture", "inputs: photo"),
    ("layout and comments", "- tanh", "- tanh   # the end"),
  ])
  func itIsTheSame(whatever what: String, from: String, to: String) throws {
    #expect(Self.model.contains(from))
    #expect(try hash(Self.model.replacing(from, with: to)) == hash(Self.model), "\(what)")
  }

  @Test func aModelThatIsWrittenOutHasTheHashOfItsSource() throws {
    let spec = try spec(Self.model)
    #expect(try hash(spec.resolvedYAML()) == StructureHash(spec))
  }

  @Test(arguments: [
    ("a kind", "- relu", "- leaky_relu: 0.2"),
    ("an attribute", "leaky_relu: 0.2", "leaky_relu: 0.3"),
    ("an attribute with a default", "batch_norm2d", "batch_norm2d: {eps: 0.001}"),
    ("a bias", "kernel_size: 4, bias: false", "kernel_size: 4"),
    ("a layer's name", "name: first", "name: front"),
    (
      "what a shortcut holds", "        shortcut:\n          - conv2d: {out_channels: 4, kernel_size: 1}\n",
      ""
    ),
    ("a layer more", "- tanh", "- tanh\n  - dropout"),
    ("the latent vector", "latent: 4", "latent: 5"),
    ("the image", "channels: 1", "channels: 2"),
    (
      "the wiring", "- leaky_relu: 0.2",
      "- leaky_relu: 0.2\n      name: second\n    - add:\n      from: [first, second]"
    ),
  ])
  func itIsAnother(with what: String, from: String, to: String) throws {
    #expect(Self.model.contains(from))
    #expect(try hash(Self.model.replacing(from, with: to)) != hash(Self.model), "\(what)")
  }

  @Test func itsTextReadsBack() throws {
    let hash = try hash(Self.model)
    #expect(StructureHash(text: hash.text) == hash)
    for text in ["", "1", "1-", "x-1", "1-1-1", "1-g"] { #expect(StructureHash(text: text) == nil) }
  }

  @Test func hashesOfDifferentVersionsSayNothing() throws {
    let (first, second) = (StructureHash(text: "1-1"), StructureHash(text: "1-2"))
    #expect(try #require(first).contradicts(#require(second)))
    #expect(try !#require(first).contradicts(#require(StructureHash(text: "2-2"))))
  }
}
