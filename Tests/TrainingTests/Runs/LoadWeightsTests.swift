import Files
import Interchange
import Runtime
import TestSupport
import Testing

@testable import Training

@Suite struct LoadWeightsTests {
  private let scratch = TemporaryFolder()
  private var path: String { scratch.file("weights.safetensors") }

  /// The sample's tensors as a file holds them.
  private func tensors() throws -> [(name: String, tensor: SafetensorsFile.Tensor)] {
    let metadata = CheckpointMetadata(step: 1, epoch: 0, seed: 0, modelName: "a")
    try Checkpoint.write(sampleStore(), metadata: metadata, to: path)
    return try SafetensorsFile(contentsOf: path).tensors
  }

  @Test func aCheckpointGivesItsNetworksAndNoOptimizerState() throws {
    _ = try tensors()
    let store = sampleStore(isFilled: false)
    #expect(try store.loadWeights(contentsOf: path) == ["discriminator", "generator"])
    var expected = bits(sampleStore())
    for name in expected.keys where name.hasPrefix("optimizer.") { expected[name] = bits(store)[name] }
    #expect(bits(store) == expected)
    #expect(store.values(of: "optimizer.generator.step") == [0])
  }

  @Test func oneNetworkAloneLeavesTheOtherAsItWas() throws {
    let generator = try tensors().filter { $0.name.hasPrefix("generator.") }
    try SafetensorsFile(tensors: generator).write(to: path)
    let store = sampleStore(isFilled: false)
    #expect(try store.loadWeights(contentsOf: path) == ["generator"])
    #expect(store.values(of: "generator.1.num_batches_tracked") == [10])
    #expect(store.values(of: "discriminator.0.weight") == [0, 0, 0])
  }

  /// The discriminator's only name is one of the generator's too.
  @Test(arguments: ["", "module.", "main."])
  func aNetworkWhoseNamesHaveNoPrefixIsTheOneThatTakesAllOfThem(prefix: String) throws {
    let generator = try tensors().filter { $0.name.hasPrefix("generator.") }
    let bare = generator.map { (name: prefix + $0.name.dropFirst("generator.".count), tensor: $0.tensor) }
    try SafetensorsFile(tensors: bare).write(to: path)
    let store = sampleStore(isFilled: false)
    #expect(try store.loadWeights(contentsOf: path) == ["generator"])
    #expect(store.values(of: "generator.0.weight") == sampleStore().values(of: "generator.0.weight"))
    #expect(store.values(of: "discriminator.0.weight") == [0, 0, 0])
  }

  @Test func doublesAreRounded() throws {
    let doubles = try tensors().map { name, tensor in
      (name: name, tensor: SafetensorsFile.Tensor(shape: tensor.shape, doubles: tensor.doubles))
    }
    try SafetensorsFile(tensors: doubles).write(to: path)
    let store = sampleStore(isFilled: false)
    _ = try store.loadWeights(contentsOf: path)
    #expect(store.values(of: "generator.0.weight") == sampleStore().values(of: "generator.0.weight"))
  }

  @Test func namesWithoutAPrefixAreExplained() throws {
    try SafetensorsFile(tensors: [("of.nobody", .init(shape: [], floats: [1]))]).write(to: path)
    #expect(
      throws: FileError(
        path: path,
        reason: "holds no tensor whose name begins with `discriminator.` or `generator.`; its first is"
          + " \"of.nobody\". The names of one network's state_dict need its prefix")
    ) { try sampleStore().loadWeights(contentsOf: path) }
    try SafetensorsFile(tensors: []).write(to: path)
    #expect(throws: FileError(path: path, reason: "holds no tensors")) {
      try sampleStore().loadWeights(contentsOf: path)
    }
  }

  @Test func oneNetworkThatDoesNotFitKeepsTheOtherOut() throws {
    let wrong =
      try tensors().filter { $0.name != "discriminator.0.weight" } + [
        ("discriminator.0.weight", .init(shape: [3], floats: [1, 2, 3]))
      ]
    try SafetensorsFile(tensors: wrong).write(to: path)
    let store = sampleStore(isFilled: false)
    #expect(throws: FileError.self) { try store.loadWeights(contentsOf: path) }
    #expect(bits(store) == bits(sampleStore(isFilled: false)))
  }
}
