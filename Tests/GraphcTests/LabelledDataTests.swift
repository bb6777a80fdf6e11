import Foundation
import Interchange
import Testing

/// What `train` says of data that does not fit a model of classes or pairs: nothing of a run is written then.
@Suite struct LabelledDataTests {
  private static let conditional = """
    name: told
    image: {channels: 1, height: 8, width: 8}
    latent: 4
    classes: 2
    generator:
      inputs: {noise: latent, label: class}
      layers:
        - {one_hot: 2, name: row, from: label}
        - {concat: , from: [noise, row]}
        - linear: 64
        - reshape: [1, 8, 8]
        - tanh
    discriminator:
      inputs: {image: image, label: class}
      layers: [{one_hot_planes: 2, from: [image, label]}, flatten, linear: 1]
    train:
      data: {folder: cats, labels: folders}
      loss: bce_with_logits
      batch_size: 4

    """

  private static let paired = """
    name: paired
    image: {channels: 1, height: 8, width: 8}
    latent: 1
    generator:
      inputs: {input: image}
      layers: [conv2d: {out_channels: 1, kernel_size: 3, padding: 1}, tanh]
    discriminator: [flatten, linear: 1]
    train:
      data: {pairs: {input: sketches, target: photos}}
      values: {fake: generator(input)}
      updates:
        - {network: discriminator, minimize: "mean(discriminator(fake)) - mean(discriminator(real))"}
        - {network: generator, minimize: -mean(discriminator(fake))}
      batch_size: 4

    """

  private func expect(
    _ says: String, of model: String, files: [String], _ options: String..., folder: String? = nil
  ) throws {
    try withGraphc(model: model) { graphc throws in
      for name in files {
        let url = URL(filePath: "\(graphc.folder)/\(name)")
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Image(width: 8, height: 8, channels: 1, pixels: Array(repeating: 9, count: 64))
          .writePNG(to: url.path)
      }
      if let folder {
        try FileManager.default.createDirectory(
          atPath: "\(graphc.folder)/\(folder)", withIntermediateDirectories: true)
      }
      let outcome = try graphc.run(["train", "model.yaml", "--out", "run", "--max-steps", "1"] + options)
      #expect(outcome.status == 65, "\(outcome.messages)")
      #expect(outcome.messages.contains(says), "\(outcome.messages)")
      #expect(!RunFiles(folder: graphc.folder).exists("run"))
    }
  }

  private static let cats = ["cats/tabby/1.png", "cats/tabby/2.png", "cats/manx/1.png", "cats/manx/2.png"]

  @Test("a model of classes says how its data would have labels")
  func unlabelled() throws {
    for data in ["train.data.labels=none", "train.data={synthetic: pairs}"] {
      try expect(
        "the data gives no labels: write `labels: folders` under `data:` where each folder is a class",
        of: Self.conditional, files: Self.cats, "--set", data)
    }
  }

  @Test("a class without a picture is named, and so are classes that are too many")
  func classFolders() throws {
    try expect(
      "cats/siamese: holds no image, and `labels: folders` takes it for a class", of: Self.conditional,
      files: Self.cats, folder: "cats/siamese")
    try expect(
      "has 3 classes (manx, siamese, tabby), and the model has 2: write `classes: 3`", of: Self.conditional,
      files: Self.cats + ["cats/siamese/1.png"])
  }

  @Test("a picture without its partner is named")
  func pairs() throws {
    try expect(
      "sketches/b.png: has no partner of its name, whatever the ending, in", of: Self.paired,
      files: ["sketches/a.png", "sketches/b.png", "photos/a.png"])
    try expect(
      "photos/c.png: has no partner of its name", of: Self.paired,
      files: ["sketches/a.png", "photos/c.png", "photos/a.png"])
  }
}
