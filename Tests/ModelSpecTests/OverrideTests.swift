import Diagnostics
import ModelSpec
import TestSupport
import Testing

/// `--set key=value`.
struct OverrideTests {
  private func spec(_ overrides: String..., model: String = SmallModel().text) throws -> ModelSpec {
    let result = load(model, overrides: overrides)
    return try #require(result.spec, "\(result.diagnostics.map(\.message))")
  }

  /// One diagnostic of an override, and the part of the argument that it points at.
  private func mistake(
    _ override: String, model: String = SmallModel().text
  ) throws -> (code: String, place: Substring) {
    let result = load(model, overrides: [override])
    #expect(result.diagnostics.count == 1, "\(result.diagnostics.map(\.message))")
    let diagnostic = try #require(result.diagnostics.first)
    let span = try #require(diagnostic.span)
    #expect(result.sources.sources[span.source.index].isOverride)
    let bytes = Array(override.utf8)[span.range]
    return (diagnostic.kind.code, Substring(String(decoding: bytes, as: UTF8.self)))
  }

  @Test func `dotted keys set values deep in the model`() throws {
    let spec = try spec(
      "train.batch_size=8", "latent=3", "image.height=16", "name=other one", "train.seed=2 ** 5")
    #expect(spec.train.batchSize.value == 8)
    #expect(spec.latent?.value == 3)
    #expect([spec.channels.value, spec.height.value, spec.width.value] == [3, 16, 8])
    #expect(spec.name == "other one")
    #expect(spec.train.seed == 32)
  }

  @Test func `values are YAML`() throws {
    let spec = try spec("image=[1, 8, 8]", "train.optimizer={sgd: {lr: 0.5}}", "train.drop_last=true")
    #expect(spec.channels.value == 1)
    #expect(spec.train.generatorOptimizer.name.value == "sgd")
    #expect(spec.train.dropLast)
  }

  @Test func `an index leads into a list`() throws {
    let spec = try spec(
      "generator.0.conv_transpose2d.out_channels=32", "generator.2.relu=", "generator.3=tanh")
    #expect(spec.generator.layers[0].kind.int("out_channels") == 32)
    #expect(spec.generator.layers[3].kind.name.value == "tanh")
  }

  @Test func `a name alone becomes a mapping where an attribute is set`() throws {
    let spec = try spec("train.data.digits.flip=true", "generator.1.batch_norm2d.eps=0.1")
    #expect(spec.train.data?.bool("flip") == true)
    #expect(spec.generator.layers[1].kind.number("eps") == 0.1)
  }

  @Test func `a choice's attributes beside its name are those in it`() throws {
    let model = SmallModel.with {
      $0.train = "train: {data: {synthetic: shapes, count: 500, flip: true}, loss: bce_with_logits}\n"
    }
    for override in ["train.data.synthetic.count=20", "train.data.count=20"] {
      let data = try #require(try spec(override, model: model).train.data)
      #expect(data.int("count") == 20)
      #expect(data.bool("flip") == true)
    }
  }

  @Test func `a value alone stays, as the primary attribute, beside others`() throws {
    let model = SmallModel.with { $0.train += "  optimizer: {adam: 0.01}\n" }
    let spec = try spec(
      "train.optimizer.adam.betas=[0.9, 0.99]", "generator.3.conv_transpose2d.bias=false", model: model)
    #expect(spec.train.generatorOptimizer.number("lr") == 0.01)
    #expect(spec.train.generatorOptimizer.numbers("betas") == [0.9, 0.99])
  }

  @Test func `an attribute alone is set in the choice that stands there`() throws {
    let model = SmallModel.with {
      $0.train = "train: {data: {idx: a.gz, limit: 3}, loss: bce_with_logits, optimizer: {adam: 0.01}}\n"
    }
    let changed = try spec(
      "train.data.flip=true", "train.data.limit=4", "train.optimizer.eps=0.5", model: model)
    #expect(changed.train.data?.bool("flip") == true)
    #expect(changed.train.data?.int("limit") == 4)
    #expect(changed.train.data?.path("images") == "a.gz")
    #expect(changed.train.generatorOptimizer.number("lr") == 0.01)
    #expect(changed.train.generatorOptimizer.number("eps") == 0.5)
    #expect(try spec("train.data.flip=true").train.data?.bool("flip") == true)
  }

  @Test func `another choice takes the place of the one that stands there`() throws {
    let spec = try spec(
      "train.data.synthetic.count=5", "train.loss=bce", "train.optimizer.rmsprop.alpha=0.9",
      model: SmallModel.with { $0.train += "  optimizer: {adam: {lr: 0.1}}\n" })
    #expect(spec.train.data?.name.value == "synthetic")
    #expect(spec.train.data?.int("count") == 5)
    #expect(spec.train.loss?.name.value == "bce")
    #expect(spec.train.discriminatorOptimizer.name.value == "rmsprop")
  }

  @Test func `one network's optimiser is set, and the other's kept`() throws {
    let model = SmallModel.with { $0.train += "  optimizer: {adam: {lr: 0.1}}\n" }
    let spec = try spec("train.optimizer.generator.sgd.lr=0.5", model: model)
    #expect(spec.train.generatorOptimizer.name.value == "sgd")
    #expect(spec.train.generatorOptimizer.number("lr") == 0.5)
    #expect(spec.train.discriminatorOptimizer.number("lr") == 0.1)
    let both = try self.spec(
      "train.optimizer.generator.adam.lr=0.5", "train.optimizer.discriminator.adam.eps=0.25", model: model)
    #expect(both.train.generatorOptimizer.number("lr") == 0.5)
    #expect(both.train.discriminatorOptimizer.number("lr") == 0.1)
    #expect(both.train.discriminatorOptimizer.number("eps") == 0.25)
  }

  @Test func `a network's list becomes a mapping where something else is set`() throws {
    #expect(try spec("discriminator.output=patch").discriminator.isPatch)
    let model = SmallModel.with {
      $0.discriminator = "discriminator:\n  layers: [flatten, linear: 1]\n"
    }
    let spec = try spec("discriminator.output=patch", model: model)
    #expect(spec.discriminator.isPatch)
    #expect(spec.discriminator.layers.count == 2)
  }

  @Test func `variables and blocks' parameters can be set`() throws {
    let model = SmallModel.with {
      $0.extra =
        "let: {w: 3}\nblocks: {b: {params: {k: 1}, layers: [conv2d: {out_channels: w, kernel_size: k}]}}\n"
      $0.discriminator = "discriminator: [b, flatten, linear: 1]\n"
    }
    let spec = try spec("let.w=9", "blocks.b.params.k=2", model: model)
    #expect(spec.discriminator.layers[0].kind.int("out_channels") == 9)
    #expect(spec.discriminator.layers[0].kind.size("kernel_size")?.height == 2)
  }

  @Test func `an attribute of a default is set as if the default were written`() throws {
    #expect(try spec("train.optimizer.lr=0.001").train.optimizer(of: "generator").number("lr") == 0.001)
    let one = try spec("train.optimizer.generator.lr=0.001")
    #expect(one.train.optimizer(of: "generator").number("lr") == 0.001)
    #expect(one.train.optimizer(of: "discriminator").number("lr") == 0.0002)
    let two = try spec("train.optimizer.discriminator.betas=[0.1, 0.9]", "train.optimizer.generator.eps=1e-6")
    #expect(two.train.optimizer(of: "discriminator").numbers("betas") == [0.1, 0.9])
    #expect(two.train.optimizer(of: "generator").number("eps") == 1e-6)
    let bare = SmallModel.with {
      $0.train = ""
      $0.discriminator += "  - sigmoid\n"
    }
    #expect(
      try spec("train.optimizer.weight_decay=0.5", model: bare).train.optimizer(of: "generator").number(
        "weight_decay") == 0.5)
    let split = SmallModel.with { $0.train += "  optimizer: {generator: {sgd: 0.1}, discriminator: adam}\n" }
    let both = try spec("train.optimizer.lr=0.5", model: split)
    #expect(both.train.optimizer(of: "generator").name.value == "sgd")
    #expect(both.train.optimizer(of: "generator").number("lr") == 0.5)
    #expect(both.train.optimizer(of: "discriminator").number("lr") == 0.5)
  }

  @Test func `an attribute of a source that is not there asks for the source`() throws {
    let (code, place) = try mistake(
      "train.data.flip=true", model: SmallModel.with { $0.train = "train: {loss: bce_with_logits}\n" })
    #expect(code == "spec/missing-key")
    #expect(place == "flip")
  }

  @Test func `the last of several wins`() throws {
    #expect(try spec("latent=3", "latent=4").latent?.value == 4)
  }

  @Test(arguments: ["latent", "=3", "train..seed=3", ".latent=3", "train.=3", ""])
  func `what is no override`(text: String) throws {
    let (code, place) = try mistake(text)
    #expect(code == "spec/bad-override")
    #expect(place == text)
  }

  @Test(arguments: [
    ("latent=0", "spec/out-of-range", "0"), ("train.batch_size=many", "expression/unknown-name", "many"),
    ("train.sed=3", "spec/unknown-key", "sed"), ("trian.seed=3", "spec/unknown-key", "trian"),
    ("latent=[3", "yaml/syntax", ""), ("latent=", "spec/wrong-type", ""),
    ("train.optimizer.adma.lr=3", "spec/unknown-choice", "adma"),
    ("train.optimizer.adam.rl=3", "spec/unknown-key", "rl"), ("generator.9.relu=", "spec/out-of-range", "9"),
    ("generator.x=3", "spec/unknown-key", "x"), ("latent.x=3", "spec/wrong-type", "x"),
    ("image.size=0", "spec/out-of-range", "0"), ("train.größe=1", "spec/unknown-key", "größe"),
    ("train.seed= ü * 2", "expression/syntax", "ü"), ("let.unread=3", "spec/unused-name", "unread"),
  ])
  func `a mistake is shown in the argument`(override: String, code: String, place: String) throws {
    let found = try mistake(override)
    #expect(found.code == code)
    #expect(found.place == place)
  }

  @Test func `a path without end is no override, and no trap`() throws {
    #expect(try mistake(String(repeating: "a.", count: 50_000) + "a=1").code == "spec/bad-override")
  }

  @Test func `a fix of an override edits the argument`() throws {
    let checked = check(SmallModel().text, overrides: ["latent=5", "train.sed=3"])
    let fix = try #require(checked.diagnostic("spec/unknown-key")?.fixes.first)
    #expect(checked.text(after: fix) == "train.seed=3")
    let after = try #require(checked.checked(after: fix))
    #expect(after.spec?.train.seed == 3)
    #expect(after.spec?.latent?.value == 5)
  }
}
