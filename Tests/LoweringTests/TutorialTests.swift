import Datasets
import Lowering
import TestSupport
import Testing

/// The tutorial's networks, whose figures are known from PyTorch.
struct TutorialTests {
  private let tutorial = ModelChecker(catalog: .standard, path: packageRoot() + "/models/tutorial-dcgan.yaml")
    .check()

  @Test func `the tutorial's model passes with one warning`() throws {
    #expect(tutorial.diagnostics.map(\.kind.code) == ["agreement/sigmoid-saturates"])
    #expect(tutorial.model != nil)
  }

  @Test func `the generator has 211,200 parameters and the discriminator 8,448`() {
    #expect(tutorial.generatorLayers.reduce(0) { $0 + $1.parameters } == 211_200)
    #expect(tutorial.discriminatorLayers.reduce(0) { $0 + $1.parameters } == 8_448)
  }

  @Test func `shapes are PyTorch's`() {
    #expect(
      tutorial.generatorLayers.map(\.outputShape)
        == [[128, 4, 4], [128, 4, 4], [128, 4, 4], [3, 8, 8], [3, 8, 8]])
    #expect(
      tutorial.discriminatorLayers.map(\.outputShape)
        == [[128, 4, 4], [128, 4, 4], [128, 4, 4], [1, 1, 1], [1, 1, 1]])
  }
}
