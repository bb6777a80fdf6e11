import Datasets
import Foundation
import Lowering
import ModelSpec
import TestSupport
import Testing

/// The resolved model, read again.
struct ResolvedYAMLTests {
  /// All that a model holds but for places in the text; paths are absolute.
  private func description(_ value: Any) -> String {
    if case .path(let path, let base)? = value as? AttributeValue {
      return "path " + URL(filePath: base.isEmpty ? path : base + "/" + path).standardizedFileURL.path
    }
    if let formula = value as? Formula { return formula.text }
    if let text = value as? String { return text.debugDescription }
    if let attributes = value as? [String: Spanned<AttributeValue>] {
      return "\(attributes.sorted { $0.key < $1.key }.map { "\($0.key): \(description($0.value.value))" })"
    }
    if let attributes = value as? [String: AttributeValue] {
      return "\(attributes.sorted { $0.key < $1.key }.map { "\($0.key): \(description($0.value))" })"
    }
    let mirror = Mirror(reflecting: value)
    if mirror.children.isEmpty { return "\(value)" }
    let places = ["span", "expansion", "item"]
    let children = mirror.children.filter { !places.contains($0.label ?? "") }
    return "(" + children.map { "\($0.label ?? ""): \(description($0.value))" }.joined(separator: ", ") + ")"
  }

  private func expectRoundTrip(
    _ spec: ModelSpec, at location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let text = spec.resolvedYAML()
    let result = load(text)
    let again = try #require(
      result.spec, "\(result.diagnostics.map(\.message))\n\(text)", sourceLocation: location)
    #expect(description(again) == description(spec), sourceLocation: location)
    #expect(again.resolvedYAML() == text, sourceLocation: location)
  }

  private func spec(_ text: String) throws -> ModelSpec {
    let result = load(text)
    return try #require(result.spec, "\(result.diagnostics.map(\.message))")
  }

  @Test func `a model of one network that is known by its name is the same once resolved`() throws {
    let text = """
      image: {channels: 1, height: 8, width: 8}
      classes: 10
      networks: {discriminator: {inputs: {picture: image}, layers: [flatten, linear: classes]}}
      train: {updates: [{network: discriminator, minimize: "mean(discriminator(real))"}]}
      """
    try expectRoundTrip(spec(text))
  }

  @Test(arguments: files(in: packageRoot() + "/models", endingIn: ".yaml"))
  func `a model that the project ships is the same once resolved`(name: String) throws {
    let result = SpecLoader.load(path: packageRoot() + "/models/" + name, catalog: .standard)
    for var spec in result.stages.isEmpty ? [try #require(result.spec)] : result.stages {
      spec.stage = nil
      try expectRoundTrip(spec)
    }
    guard let staged = result.stagedText else { return }
    let again = load(staged)
    #expect(again.stagedText == staged)
    #expect(again.stages.map { $0.resolvedYAML() } == result.stages.map { $0.resolvedYAML() })
  }

  @Test func `the resolved text is this`() throws {
    let resolved = try spec(
      SmallModel.with {
        $0.generator = "generator:\n  - linear: 192\n  - {reshape: [3, 8, 8], name: images}\n  - tanh\n"
      }
    ).resolvedYAML()
    #expect(
      resolved == """
        name: model
        image: {channels: 3, height: 8, width: 8}
        latent: 100
        init: default

        generator:
          inputs: {noise: latent}
          layers:
            - linear: {bias: true, out_features: 192}
            - reshape: {shape: [3, 8, 8]}
              name: images
            - tanh

        discriminator:
          inputs: {image: image}
          layers:
            - conv2d: {bias: true, dilation: 1, groups: 1, kernel_size: 4, out_channels: 16, padding: 1, stride: 2}
            - leaky_relu: {negative_slope: 0.2}
            - conv2d: {bias: true, dilation: 1, groups: 1, kernel_size: 4, out_channels: 1, padding: 0, stride: 1}

        train:
          data: {digits: {flip: false, range: [-1, 1]}}
          loss: {bce_with_logits: {r1: 0, r1_every: 1, saturating: false}}
          optimizer:
            generator: {adam: {betas: [0.5, 0.999], eps: 1e-08, lr: 0.0002, weight_decay: 0}}
            discriminator: {adam: {betas: [0.5, 0.999], eps: 1e-08, lr: 0.0002, weight_decay: 0}}
          batch_size: 4
          epochs: 25
          seed: 0
          drop_last: false
          precision: fp32
          real_label: 1
          sample_every: 200
          checkpoint_every: 500

        """)
  }

  @Test func `names, references, residuals and blocks survive`() throws {
    try expectRoundTrip(
      try spec(
        """
        name: "null"
        image: {channels: 3, size: 8}
        latent: 100
        init: dcgan
        blocks:
          mix: [{relu: , name: skip}, {tanh: , name: bent}, {concat: 1, from: [skip, bent, true]}]
          deep:
            - {relu: , name: a}
            - residual:
                layers: [mix, {conv2d: {out_channels: 3, kernel_size: 1}, name: b}, {add: , from: [a, b, true]}]
                shortcut: [{conv2d: {out_channels: 3, kernel_size: [1, 1]}, from: a}]
        generator:
          inputs: {z: [100, 1, 1]}
          outputs: images
          layers: [flatten, linear: 192, reshape: [3, -1, 8], {tanh: , name: images}]
        discriminator:
          inputs: "true"
          output: patch
          layers:
            - {deep: , name: first}
            - repeat: {times: 2, layers: [deep]}
            - residual:
                - {deep: , name: inner}
                - residual: [{relu: , name: c}, {add: , from: [c, inner, first, "true"]}]
              name: second
            - {concat: , from: [first, second]}
            - conv2d: {out_channels: 1, kernel_size: [3, 2], padding: [1, 0]}
        """))
  }

  @Test func `every attribute and every key of train survives`() throws {
    try expectRoundTrip(
      try spec(
        """
        image: [3, 8, 8]
        latent: 100
        generator: [linear: {out_features: 192, in_features: 100}, reshape: [3, 8, 8], gelu: tanh, softplus: {threshold: -1e300}]
        discriminator:
          - conv_transpose2d: {out_channels: 2, kernel_size: [2, 3], stride: 2, output_padding: [0, 1], in_channels: 3}
          - batch_norm2d: {eps: 1e-3, momentum: 1, num_features: 2}
          - avg_pool2d: {kernel_size: 2, stride: [2, 1], count_include_pad: false}
          - leaky_relu: 0.1
          - elu: 0.3333333333333333
          - dropout: 1e-7
          - flatten
          - linear: 1
        train:
          data: {synthetic: {count: 7, range: [-0.5, 255], flip: true, limit: 3}}
          loss: bce
          optimizer: {generator: {adamw: {betas: [0, 0.9]}}, discriminator: {rmsprop: {centered: true}}}
          batch_size: 3
          epochs: 1099511627776
          max_steps: 5
          seed: 9223372036854775807
          drop_last: true
          real_label: 0.1
          sample_every: 7
          checkpoint_every: 8
        """.replacing("-1e300", with: "-1e29")))
  }

  @Test(arguments: [
    "plain", "two words", "", "yes", "true", "~", "a: b # c", "quote \\\" and \\\\",
    "\\0\\a\\e\\t\\n\\r\\x7F", "ü 𝄞 名",
    "\\N\\_\\L\\P", "\\uFEFF", " blank ", "-", "[x]", "*x",
  ])
  func `any text may be a name`(text: String) throws {
    try expectRoundTrip(try spec("name: \"\(text)\"\n" + SmallModel().text))
  }

  @Test func `the largest model that there may be is not too large once resolved`() throws {
    let layer = "conv2d: {out_channels: 3, kernel_size: [3, 1], padding: [1, 0], stride: 1}"
    let nested = (0..<15).reduce(layer) { inner, _ in "residual: [\(inner)]" }
    try expectRoundTrip(
      try spec(
        SmallModel.with {
          $0.generator =
            "generator:\n  - reshape: [1, 10, 10]\n  - repeat: {times: 999, layers: [\(layer)]}\n"
          $0.discriminator = "discriminator:\n  - \(nested)\n  - repeat: {times: 984, layers: [\(layer)]}\n"
        }))
  }

  @Test func `paths are absolute, and links are followed`() throws {
    try withTemporaryFolder { folder in
      let folder = URL(filePath: folder).resolvingSymlinksInPath().path
      let files = FileManager.default
      try files.createDirectory(atPath: folder + "/pictures", withIntermediateDirectories: true)
      try files.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/pictures")
      for (written, meant) in [
        ("pictures", folder + "/pictures"), ("./link/", folder + "/pictures"),
        (folder + "/link", folder + "/pictures"),
        ("missing/x", folder + "/missing/x"), ("/missing/x", "/missing/x"),
      ] {
        let model = SmallModel.with {
          $0.train = "train: {data: {folder: \(written)}, loss: bce_with_logits}\n"
        }
        try model.write(toFile: folder + "/a.yaml", atomically: true, encoding: .utf8)
        let spec = try #require(SpecLoader.load(path: folder + "/a.yaml", catalog: .standard).spec)
        let again = try #require(load(spec.resolvedYAML()).spec)
        #expect(again.train.data?.path("path") == meant)
      }
    }
  }

  @Test func `a relative path is relative to where the program runs`() throws {
    let model = SmallModel.with { $0.train = "train: {data: {folder: Tests}, loss: bce_with_logits}\n" }
    let again = try #require(load(try spec(model).resolvedYAML()).spec)
    #expect(again.train.data?.path("path") == FileManager.default.currentDirectoryPath + "/Tests")
  }
}
