import Diagnostics
import ModelSpec
import TestSupport
import Testing

/// The keys of a model and of `train`, and that all mistakes come in one run.
struct ModelTests {
  @Test func `defaults are filled in`() throws {
    let spec = try #require(load(SmallModel.with { $0.train = "" }).spec)
    #expect(spec.name == "model")
    #expect(spec.initialization == "default")
    #expect(spec.train.data == nil)
    #expect(spec.train.loss?.name.value == "bce")
    #expect(spec.train.generatorOptimizer.name.value == "adam")
    #expect(spec.train.generatorOptimizer.numbers("betas") == [0.5, 0.999])
    #expect(spec.train.batchSize.value == 64)
    #expect(spec.train.epochs == 25)
    #expect(spec.train.maxSteps == nil)
    #expect(spec.train.seed == 0)
    #expect(!spec.train.dropLast)
    #expect(spec.train.precision == .fp32)
    #expect(spec.train.realLabel.value == 1)
  }

  @Test func `every key of train`() throws {
    let spec = try #require(
      load(
        SmallModel.with {
          $0.train = """
            train:
              data: {synthetic: {kind: shapes, count: 9, range: [0, 1], flip: true, limit: 5}}
              loss: {bce_with_logits: }
              optimizer: {generator: 0.1, discriminator: {sgd: {lr: 0.2, momentum: 0.9, nesterov: true}}}
              batch_size: 3
              epochs: 4
              max_steps: 5
              seed: 6
              drop_last: true
              precision: bf16
              real_label: 0.9
              sample_every: 7
              checkpoint_every: 8

            """.replacing("generator: 0.1", with: "generator: {adam: 0.1}")
        }
      ).spec)
    let train = spec.train
    #expect(train.data?.numbers("range") == [0, 1])
    #expect(train.data?.int("limit") == 5)
    #expect(train.generatorOptimizer.number("lr") == 0.1)
    #expect(train.discriminatorOptimizer.number("momentum") == 0.9)
    #expect(train.discriminatorOptimizer.bool("nesterov") == true)
    #expect([train.batchSize.value, train.epochs, train.maxSteps, train.seed] == [3, 4, 5, 6])
    #expect(train.dropLast)
    #expect(train.precision == .bf16)
    #expect(train.realLabel.value == 0.9)
    #expect([train.sampleEvery, train.checkpointEvery] == [7, 8])
  }

  @Test func `attributes may stand beside a choice's name`() throws {
    for form in ["{idx: a, flip: true}", "{idx: {images: a}, flip: true}", "{flip: true, idx: {images: a}}"] {
      let spec = try #require(
        load(SmallModel.with { $0.train = "train: {data: \(form), loss: bce_with_logits}\n" }).spec)
      #expect(spec.train.data?.path("images") == "a")
      #expect(spec.train.data?.bool("flip") == true)
    }
  }

  @Test func `the forms of image`() throws {
    for form in ["[3, 8, 8]", "{channels: 3, height: 8, width: 8}", "{channels: 3, size: 8}"] {
      let spec = try #require(load(SmallModel.with { $0.head = "image: \(form)\nlatent: 100\n" }).spec)
      #expect([spec.channels.value, spec.height.value, spec.width.value] == [3, 8, 8])
    }
  }

  @Test func `all mistakes come in one run, each at its place`() {
    expect(
      """
      nam: ▸model◂
      image: {channels: ▸0◂, height: 8, ▸widht◂: 8}
      latent: ▸1.5◂
      let: {▸unread◂: 3, bad: 1 / ▸0◂}
      blocks:
        up: {params: [c], layers: [conv2d: {out_channels: c, kernel_size: ▸true◂}]}
      generator:
        - ▸conv2dd◂: {out_channels: bad, kernel_size: 3}
        - leaky_relu: {▸slope◂: 0.2}
        - ▸linear◂
        - up: ▸[3]◂
        - up: 3
      discriminator:
        - ▸add◂
        - dropout: ▸1.5◂
        - {relu: , from: ▸nothing◂}
      train:
        data: ▸digit◂
        loss: {▸bse◂: }
        batch_size: ▸0◂
        epochs: ▸many◂
        ▸batchsize◂: 3
        optimizer: {adam: {betas: ▸[0.5]◂, ▸beta◂: 3}}
      init: ▸glorot◂
      """.replacing("nam: ▸model◂", with: "▸nam◂: model"),
      finds: "spec/unknown-key", "spec/out-of-range", "spec/unknown-key", "spec/wrong-type",
      "spec/unused-name",
      "expression/division-by-zero", "spec/wrong-type", "spec/unknown-layer", "spec/other-spelling",
      "spec/missing-key", "spec/wrong-type", "spec/input-count", "spec/out-of-range",
      "spec/unknown-reference",
      "spec/unknown-choice", "spec/unknown-choice", "spec/out-of-range", "expression/unknown-name",
      "spec/unknown-key", "spec/wrong-type", "spec/unknown-key", "spec/wrong-type")
  }

  @Test func `errors of both networks come in one run`() {
    expect(
      SmallModel.with {
        $0.generator = "generator:\n  - ▸conv2d◂: {out_channels: 3, kernel_size: 3}\n"
        $0.discriminator = "discriminator:\n  - ▸linear◂: 1\n"
      }, finds: "shape/kernel-too-large", "shape/rank-mismatch")
  }

  @Test(arguments: [
    ("image: ▸3◂\nlatent: 100\n", "spec/wrong-type"),
    ("image: ▸[3, 8]◂\nlatent: 100\n", "spec/other-spelling"),
    ("▸image◂: {channels: 3, height: 8}\nlatent: 100\n", "spec/missing-key"),
    ("image: {channels: 3, height: 8, width: 8, ▸depth◂: 8}\nlatent: 100\n", "spec/unknown-key"),
    ("image: {channels: 3, size: 8, ▸height◂: 8}\nlatent: 100\n", "yaml/duplicate-key"),
    ("image: {channels: 3, height: 8, ▸size◂: 8}\nlatent: 100\n", "yaml/duplicate-key"),
    ("image: [3, 8, 8]\nlatent: ▸~◂\n", "spec/wrong-type"),
    ("image: [3, 8, 8]\nlatent: ▸1000001◂\n", "spec/out-of-range"),
    ("image: [3, 8, 8]\nlatent: ▸99999999999999999999◂\n", "spec/out-of-range"),
    ("image: [3, 8, 8]\nlatent: 100\nname: ▸[a]◂\n", "spec/wrong-type"),
    ("image: [3, 8, 8]\nlatent: 100\nlet: ▸[a]◂\n", "spec/wrong-type"),
    ("image: [3, 8, 8]\nlatent: 100\n▸optimizer◂: adam\n", "spec/misplaced-key"),
  ])
  func `mistakes at the top level`(head: String, code: String) {
    expect(SmallModel.with { $0.head = head }, finds: code)
  }

  @Test(arguments: [
    ("▸3◂", "spec/wrong-type"), ("{data: ▸~◂}", "spec/wrong-type"),
    ("{data: ▸{digits: , idx: a}◂}", "spec/wrong-type"),
    ("{data: {▸foldr◂: photos, flip: true}}", "spec/unknown-choice"),
    ("{data: {folder: photos, ▸flop◂: true}}", "spec/unknown-key"),
    ("{data: {folder: {path: a, flip: true}, ▸flip◂: true}}", "yaml/duplicate-key"),
    ("{data: ▸{flip: true, limit: 3}◂}", "spec/wrong-type"),
    ("{data: ▸{digits: 3, flip: true}◂}", "spec/wrong-type"), ("{data: ▸{a: 1, b: 2}◂}", "spec/wrong-type"),
    ("{data: {folder: ▸[a]◂}}", "spec/wrong-type"), ("{data: {▸folder◂: }}", "spec/missing-key"),
    ("{data: {folder: {path: a, broken: ▸stopp◂}}}", "spec/wrong-type"),
    ("{data: {digits: ▸3◂}}", "spec/wrong-type"),
    ("{loss: ▸wgna◂}", "spec/unknown-choice"),
    ("{optimizer: {generator: adam, ▸adam◂: }}", "spec/unknown-key"),
    ("{optimizer: {adam: {lr: ▸0◂}}}", "spec/out-of-range"),
    ("{optimizer: {adam: {lr: ▸-1◂}}}", "spec/out-of-range"),
    ("{optimizer: {adam: {betas: [0.5, ▸1◂]}}}", "spec/out-of-range"),
    ("{precision: ▸fp64◂}", "spec/wrong-type"), ("{precision: ▸16◂}", "spec/wrong-type"),
    ("{real_label: ▸1.1◂}", "spec/out-of-range"), ("{seed: ▸-1◂}", "spec/out-of-range"),
    ("{max_steps: ▸0◂}", "spec/out-of-range"), ("{drop_last: ▸yes◂}", "spec/wrong-type"),
  ])
  func `mistakes in train`(train: String, code: String) {
    expect(SmallModel.with { $0.train = "train: \(train)\n" }, finds: code)
  }

  @Test(arguments: [
    ("conv2d: {out_channels: 3, kernel_size: ▸[3]◂}", "spec/other-spelling"),
    ("conv2d: {out_channels: 3, kernel_size: [3, ▸0◂]}", "spec/out-of-range"),
    ("conv2d: {out_channels: 3, kernel_size: 3, padding: ▸same◂}", "spec/other-spelling"),
    ("conv2d: {out_channels: ▸2.5◂, kernel_size: 3}", "spec/wrong-type"), ("conv2d: ▸3◂", "spec/wrong-type"),
    ("▸conv2d◂: {out_chanels: 3, kernel_size: 3}", "spec/unknown-key"),
    ("relu: ▸3◂", "spec/wrong-type"), ("reshape: ▸true◂", "spec/wrong-type"),
    ("reshape: [3, ▸-2◂]", "spec/out-of-range"), ("leaky_relu: ▸{a: 1}◂", "spec/other-spelling"),
    ("upsample: {scale_factor: 2, mode: ▸bicubic◂}", "spec/wrong-type"),
    ("conv2d: {out_channels: 3, kernel_size: 3, bias: ▸1◂}", "spec/other-spelling"),
  ])
  func `mistakes in attributes`(layer: String, code: String) {
    let text =
      layer.contains("out_chanels")
      ? "conv2d: {▸out_chanels◂: 3, kernel_size: 3}"
      : layer.replacing("▸{a: 1}◂", with: "{▸a◂: 1}")
    expect(SmallModel.with { $0.generator = "generator:\n  - \(text)\n" }, finds: code)
  }

  @Test(arguments: [
    ("epochs: 0", "must be at least 1, but it is 0"),
    ("epochs: 2000000000000", "must be from 1 to 1099511627776, but it is 2000000000000"),
    ("epochs: 99999999999999999999", "must be from 1 to 1099511627776, but it is 1e+20"),
    ("optimizer: {adam: {lr: 0}}", "must be above 0, but it is 0"),
  ])
  func `a number out of a range is told the end that it is beyond`(train: String, says: String) throws {
    let result = load(SmallModel.with { $0.train = "train: {\(train)}\n" })
    let diagnostic = try #require(result.diagnostics.first { $0.kind == .outOfRange })
    #expect(diagnostic.message.hasSuffix(says), "\(diagnostic.message)")
  }

  @Test func `no attributes at all are fine, in every form`() {
    for form in ["leaky_relu", "leaky_relu:", "leaky_relu: {}", "leaky_relu: ~"] {
      let model = SmallModel.with { $0.generator = $0.generator.replacing("- relu", with: "- \(form)") }
      #expect(load(model).diagnostics.isEmpty)
    }
  }

  @Test func `a file that cannot be read is an error without a place`() {
    let result = SpecLoader.load(
      path: "no/such/file.yaml",
      catalog: SpecCatalog(
        layers: [], losses: [], optimizers: [], dataSources: [], initializers: [])
    )
    #expect(result.diagnostics.map(\.kind) == [.fileUnreadable])
    #expect(result.diagnostics[0].span == nil)
    #expect(result.diagnostics[0].message == "`no/such/file.yaml` cannot be read: No such file or directory")
  }
}
