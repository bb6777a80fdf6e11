import Datasets
import Diagnostics
import Foundation
import Lowering
import ModelSpec
import TestSupport
import Testing

/// `extends`, anchors and merge keys.
struct ExtendsTests {
  private let base = SmallModel.with {
    $0.extra = """
      let: {width: 16}
      blocks:
        spare: [relu]

      """
    $0.generator = $0.generator.replacing("out_channels: 16", with: "out_channels: width")
    $0.train += "  epochs: 3\n  optimizer: {adam: {lr: 0.001}}\n"
  }

  private func spec(_ text: String, files: [String: String] = [:]) throws -> ModelSpec {
    let result = load(text, files: ["base.yaml": base].merging(files) { $1 })
    return try #require(result.spec, "\(result.diagnostics.map(\.message))")
  }

  @Test func `a model takes what it does not say from the one that it extends`() throws {
    let spec = try spec("extends: base.yaml\nname: child\nlatent: 50\n")
    #expect(spec.name == "child")
    #expect(spec.latent?.value == 50)
    #expect(spec.generator.layers[0].kind.int("out_channels") == 16)
    #expect(spec.train.epochs == 3)
  }

  @Test func `image, let, blocks and train are merged key by key, all else is replaced`() throws {
    let spec = try spec(
      """
      extends: base.yaml
      let: {width: 4}
      train: {epochs: 5, optimizer: {adam: {eps: 0.1}}}
      discriminator: [flatten, linear: 1]
      """)
    #expect(spec.generator.layers[0].kind.int("out_channels") == 4)
    #expect(spec.train.epochs == 5)
    #expect(spec.train.batchSize.value == 4)
    #expect(spec.train.generatorOptimizer.number("lr") == 0.0002)
    #expect(spec.discriminator.layers.count == 2)
  }

  @Test func `what is unused in the extended model is no mistake`() throws {
    let child = "extends: base.yaml\ngenerator: [linear: 192, reshape: [3, 8, 8], tanh]\n"
    #expect(try spec(child).generator.layers.count == 3)
    expect(child + "let: {▸depth◂: 3}\n", finds: "spec/unused-name", files: ["base.yaml": base])
  }

  @Test func `a mistake in the extended file is reported there`() throws {
    let result = load(
      "extends: base.yaml\n", files: ["base.yaml": base.replacing("epochs: 3", with: "epochs: 0")])
    let span = try #require(result.diagnostics.first?.span)
    #expect(result.diagnostics.map(\.kind) == [.outOfRange])
    #expect(result.sources.name(of: span.source) == "base.yaml")
  }

  @Test func `a file extends others below its folder, step by step`() throws {
    let spec = try spec(
      "extends: ./sub//middle.yaml\n",
      files: [
        "sub/middle.yaml": "extends: deep/base.yaml\nlatent: 7\n", "sub/deep/base.yaml": base,
      ])
    #expect(spec.latent?.value == 7)
  }

  @Test(arguments: ["../base.yaml", "/etc/base.yaml", "sub/../../base.yaml", "..", ".", "''"])
  func `a path that leads out of the folder is refused`(path: String) {
    expect("extends: ▸\(path)◂\n", finds: "spec/path-outside", files: ["base.yaml": base])
  }

  @Test(arguments: ["[a]", "~", "{a: b}"]) func `extends is a path`(form: String) {
    expect("extends: ▸\(form)◂\n", finds: "spec/wrong-type")
  }

  @Test func `a file that is not there is an error where it is named`() {
    expect("extends: ▸missing.yaml◂\n", finds: "spec/file-unreadable")
    expect("extends: ▸Tests◂\n", finds: "spec/file-unreadable")
  }

  @Test func `an extended list is an error`() {
    let result = load("extends: list.yaml\n", files: ["list.yaml": "- a\n"])
    #expect(result.diagnostics.map(\.kind) == [.wrongType])
  }

  @Test func `files that extend each other are an error, however they are spelt`() throws {
    try withTemporaryFolder { folder in
      try "extends: ./b.yaml\n".write(toFile: folder + "/a.yaml", atomically: true, encoding: .utf8)
      try "extends: .//./a.yaml\n".write(toFile: folder + "/b.yaml", atomically: true, encoding: .utf8)
      for name in ["a", "b"] {
        let result = SpecLoader.load(path: "\(folder)/\(name).yaml", catalog: .standard)
        #expect(result.diagnostics.map(\.kind) == [.extendsCycle])
      }
      let relative = load("extends: model.yaml\n", files: ["model.yaml": "extends: model.yaml\n"])
      #expect(relative.diagnostics.map(\.kind) == [.extendsCycle])
    }
  }

  @Test func `a long chain of files is an error, not a trap`() {
    var files: [String: String] = [:]
    for index in 0..<100 { files["f\(index).yaml"] = "extends: f\(index + 1).yaml\n" }
    #expect(load("extends: f0.yaml\n", files: files).diagnostics.map(\.kind) == [.yamlTooLarge])
  }

  @Test func `a link does not lead out of the folder`() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      try files.createDirectory(atPath: folder + "/models", withIntermediateDirectories: true)
      try base.write(toFile: folder + "/secret.yaml", atomically: true, encoding: .utf8)
      try files.createSymbolicLink(
        atPath: folder + "/models/link.yaml", withDestinationPath: folder + "/secret.yaml")
      try "extends: link.yaml\n".write(toFile: folder + "/models/a.yaml", atomically: true, encoding: .utf8)
      let result = SpecLoader.load(path: folder + "/models/a.yaml", catalog: .standard)
      #expect(result.diagnostics.map(\.kind) == [.pathOutside])
    }
  }

  @Test func `paths of data are relative to the file that names them`() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: true)
      let model = SmallModel.with {
        $0.train = $0.train.replacing("data: digits", with: "data: {folder: photos}")
      }
      try model.write(toFile: folder + "/sub/base.yaml", atomically: true, encoding: .utf8)
      try "extends: sub/base.yaml\n".write(toFile: folder + "/a.yaml", atomically: true, encoding: .utf8)
      let extended = SpecLoader.load(path: folder + "/a.yaml", catalog: .standard)
      #expect(extended.spec?.train.data?.path("path") == folder + "/sub/photos")
      let overridden = SpecLoader.load(
        path: folder + "/a.yaml", overrides: ["train.data.folder=mine"], catalog: .standard)
      #expect(overridden.spec?.train.data?.path("path") == "mine")
    }
  }

  // MARK: Anchors and merge keys

  @Test func `an alias repeats what its anchor stands for`() throws {
    let spec = try spec(
      SmallModel.with {
        $0.discriminator = """
          discriminator:
            - conv2d: &conv {out_channels: 4, kernel_size: 4, stride: 2, padding: 1}
            - &act {leaky_relu: 0.1}
            - conv2d: *conv
            - *act
            - flatten
            - linear: 1

          """
      })
    #expect(spec.discriminator.layers[2].kind.int("out_channels") == 4)
    #expect(spec.discriminator.layers[3].kind.number("negative_slope") == 0.1)
  }

  @Test func `a merged mapping gives what is not said, the earlier of several first`() throws {
    let spec = try spec(
      SmallModel.with {
        $0.discriminator = """
          discriminator:
            - conv2d: &a {out_channels: 4, kernel_size: 4, stride: 2, padding: 1}
            - conv2d: {<<: *a, out_channels: 5}
            - conv2d: {<<: [{kernel_size: 1, padding: 0}, *a]}
            - flatten
            - linear: 1

          """
      })
    let layers = spec.discriminator.layers.map(\.kind)
    #expect(layers[1].int("out_channels") == 5)
    #expect(layers[1].size("stride")?.height == 2)
    #expect(layers[2].size("kernel_size")?.height == 1)
    #expect(layers[2].size("padding")?.height == 0)
    #expect(layers[2].int("out_channels") == 4)
  }

  @Test func `a mistake in an anchored mapping is reported once, where it stands`() {
    expect(
      SmallModel.with {
        $0.discriminator = """
          discriminator:
            - conv2d: &a {out_channels: ▸0◂, kernel_size: 1}
            - conv2d: *a
            - conv2d: {<<: *a, bias: false}
            - flatten
            - linear: 1

          """
      }, finds: "spec/out-of-range")
  }
}
