import GraphIR
import ModelSpec
import TestSupport
import Testing

@testable import Lowering

/// Losses as programs, and programs as graphs.
struct ProgramTests {
  private static let losses = [
    "bce_with_logits", "{bce_with_logits: {saturating: true, r1: 10}}", "{logistic: {r1: 10, r1_every: 4}}",
    "lsgan", "{lsgan: {a: -1, c: 0}}", "wgan", "wgan_gp", "{wgan_gp: {one_sided: true, drift: 0.001}}",
    "{hinge: {critic_steps: 2}}", "dragan", "relativistic", "{relativistic: hinge}",
    "{relativistic: {kind: lsgan, r1: 1}}",
  ]

  private static func model(loss: String) -> String {
    SmallModel.with { $0.train = "train:\n  data: digits\n  batch_size: 4\n  loss: \(loss)\n" }
  }

  /// A graph's text without where its ops come from.
  private static func text(_ graph: Graph) -> String {
    var graph = graph
    for index in graph.nodes.indices { graph.nodes[index].origin = Origin() }
    return graph.description
  }

  @Test(arguments: losses)
  func `a loss written out is a model that means the same`(loss: String) throws {
    let short = check(Self.model(loss: loss))
    let spec = try #require(short.result.spec, "\(short.rendered)")
    let long = check(spec.expanded.resolvedYAML())
    let (model, written) = (
      try #require(short.result.model), try #require(long.result.model, "\(long.rendered)")
    )
    #expect(long.codes.isEmpty, "\(long.rendered)")
    #expect(model.steps.map { Self.text($0.graph) } == written.steps.map { Self.text($0.graph) })
    #expect(model.definitions == written.definitions)
    // What is written out stays as it is.
    let resolved = try #require(long.result.spec).resolvedYAML()
    #expect(try #require(long.result.spec).expanded.resolvedYAML() == resolved)
  }

  @Test func `updates that run once share a graph, and others have their own`() throws {
    func graphs(_ loss: String) throws -> [String] {
      try #require(check(Self.model(loss: loss)).result.model).steps.map(\.graph.name)
    }
    #expect(try graphs("hinge") == ["step"])
    #expect(try graphs("wgan_gp") == ["step_loss_d", "step_loss_g"])
    #expect(
      try graphs("{hinge: {r1: 1, r1_every: 16}}") == ["step_loss_d_penalty_d_loss_g", "step_loss_d_loss_g"])
  }

  @Test func `a step's runs and their repetitions`() throws {
    let model = try #require(check(Self.model(loss: "{wgan_gp: {critic_steps: 3}}")).result.model)
    for step in [0, 1, 17] {
      #expect(model.schedule.runs(at: step).map(\.graph) == [0, 0, 0, 1])
      #expect(model.schedule.runs(at: step).map(\.ordinal) == [0, 1, 2, 3])
      #expect(model.schedule.runs(at: step).map(\.repetition) == [0, 1, 2, nil])
    }
    let lazy = try #require(check(Self.model(loss: "{logistic: {r1: 10, r1_every: 4}}")).result.model)
    #expect((0..<9).map { lazy.schedule.runs(at: $0)[0].graph } == [0, 1, 1, 1, 0, 1, 1, 1, 0])
  }

  private static func model(loss: String, _ train: String) -> String {
    SmallModel.with { $0.train = "train:\n  data: digits\n  batch_size: 4\n  loss: \(loss)\n  \(train)\n" }
  }

  @Test func `accumulated gradients have a graph that adds and one that moves, over the same draws`() throws {
    let model = try #require(check(Self.model(loss: "hinge", "accumulate: 3")).result.model)
    #expect(
      model.steps.map(\.graph.name) == [
        "step_loss_d_adding", "step_loss_d_moving", "step_loss_g_adding", "step_loss_g_moving",
      ])
    let runs = model.schedule.runs(at: 5)
    #expect(runs.map(\.graph) == [0, 0, 1, 2, 2, 3])
    #expect(runs.map(\.ordinal) == [0, 1, 2, 0, 1, 2])
    let critics = try #require(
      check(Self.model(loss: "{hinge: {critic_steps: 2}}", "accumulate: 2")).result.model)
    #expect(critics.schedule.runs(at: 0).map(\.ordinal) == [0, 1, 2, 3, 4, 5])
    #expect(critics.schedule.runs(at: 0).map(\.repetition) == [0, 1, 2, 3, 0, 1])
    // What adds moves nothing.
    let stored = Set(
      model.steps[0].graph.stores.compactMap { store in
        model.steps[0].graph.inputs.first { $0.value == store.target }?.name
      })
    #expect(
      stored.allSatisfy {
        !$0.hasPrefix("discriminator.") || $0.contains("running") || $0.contains("batches")
      })
  }

  @Test func `averages move where the step ends, in a graph of their own where none ends every step`() throws
  {
    let average = "average: {generator: 0.9}"
    let alone = try #require(check(Self.model(loss: "hinge", average)).result.model)
    #expect(alone.steps.map(\.graph.name) == ["step"])
    #expect(alone.averaged == ["generator"])
    let parameters = alone.definitions.filter { $0.role == .parameter && $0.network == "generator" }
    let averages = alone.definitions.filter { $0.role == .average }
    #expect(averages.map(\.name) == parameters.map { "average.\($0.name)" })
    #expect(averages.map(\.initializer) == parameters.map { .copy(of: $0.name) })
    let parts = try #require(check(Self.model(loss: "hinge", "accumulate: 2\n  \(average)")).result.model)
    #expect(parts.steps.map(\.graph.name).last == "step_averages")
    #expect(parts.schedule.runs(at: 0).last?.graph == parts.steps.count - 1)
    #expect(parts.steps.last?.guards == [])
  }

  @Test func `a frozen network is applied with the statistics that it has, and none of it moves`() throws {
    let text = """
      image: {channels: 1, height: 8, width: 8}
      latent: 4
      generator: [linear: 64, reshape: [1, 8, 8], tanh]
      discriminator: [flatten, linear: 1]
      networks:
        eye:
          inputs: {x: image}
          frozen: true
          layers:
            - conv2d: {out_channels: 2, kernel_size: 3, spectral_norm: true}
            - batch_norm2d
            - dropout
      train:
        data: digits
        updates:
          - {network: discriminator, minimize: mean(discriminator(real)) - mean(discriminator(generator(noise)))}
          - {network: generator, minimize: "mean(discriminator(generator(noise))) + l1(eye(generator(noise)), eye(real))"}

      """
    let model = try #require(check(text).result.model)
    let kinds = model.step.nodes.map(\.op.definition.mnemonic)
    #expect(kinds.contains("batch_norm_infer") && !kinds.contains("batch_norm_train"))
    #expect(!kinds.contains("dropout_mask"))
    let stored = model.step.stores.compactMap { store in
      model.step.inputs.first { $0.value == store.target }?.name
    }
    #expect(stored.contains { $0.hasPrefix("generator.") })
    #expect(!stored.contains { $0.hasPrefix("eye.") })
    #expect(!model.definitions.contains { $0.role == .optimizer && $0.network == "eye" })
    // Told to move, it is trained as the others are.
    let moving = try #require(
      check(
        text.replacing("    frozen: true\n", with: "").replacing(
          "network: generator", with: "network: [generator, eye]")
      )
      .result.model)
    #expect(moving.step.nodes.contains { $0.op.definition.mnemonic == "batch_norm_train" })
  }

  @Test func `what the discriminator sees is changed once an update, and metrics look at the same`() throws {
    func convolutions(_ train: String) throws -> Int {
      let checked = check(Self.model(loss: "bce_with_logits", train))
      let step = try #require(checked.result.model, "\(checked.rendered)").step
      return step.nodes.count { if case .conv2D = $0.op { true } else { false } }
    }
    #expect(try convolutions("augment: [color, cutout]") == convolutions("seed: 0"))
    let model = try #require(
      check(Self.model(loss: "bce_with_logits", "augment: {policy: [translation], adaptive: true}")).result
        .model)
    // Real images and made ones in the discriminator's update, made ones in the generator's.
    #expect(model.steps[0].draws.map(\.name).filter { $0.hasPrefix("augment_down") }.count == 3)
    #expect(model.step.outputs.map(\.name).contains("augment_p"))
  }

  @Test(
    arguments: [
      ("augment: [colour]", "spec/wrong-type"), ("augment: {polcy: [color]}", "spec/unknown-key"),
      ("average: {generatr: 0.9}", "spec/unknown-key"), ("average: {generator: 1}", "spec/out-of-range"),
      ("average: {generator: {decay: 0.9, half_life: 3}}", "spec/wrong-type"),
      ("accumulate: 0", "spec/out-of-range"),
      ("optimizer: {adam: {schedule: {cosine: {to: 0}}}}", "spec/wrong-type"),
      ("optimizer: {adam: {schedule: {cosin: {steps: 3}}}}", "spec/unknown-key"),
      ("optimizer: {adam: {schedule: [{step: {every: 3}}, {cosine: {steps: 3}}]}}", "spec/wrong-type"),
      ("optimizer: {adam: {schedule: [{warm_up: {epochs: 3}}, {cosine: {steps: 3}}]}}", "spec/wrong-type"),
    ])
  func `mistakes in how a step trains`(train: String, code: String) {
    let checked = check(Self.model(loss: "bce_with_logits", train))
    #expect(checked.codes == [code], "\(checked.rendered)")
  }

  /// Source of the numbers: PyTorch's schedulers.
  @Test(
    arguments: [
      ("{linear: {to: 0, steps: 4}}", [1, 0.75, 0.5, 0.25, 0, 0]),
      ("{warm_up: {from: 0.25, steps: 3}}", [0.25, 0.5, 0.75, 1, 1, 1]),
      ("{cosine: {to: 0.1, steps: 4}}", [1, 0.868198, 0.55, 0.231802, 0.1, 0.1]),
      ("{cosine: {to: 0.1, steps: 4, restart: true}}", [1, 0.868198, 0.55, 0.231802, 0.1, 0.231802]),
      ("{step: {every: 3, factor: 0.1}}", [1, 1, 1, 0.1, 0.1, 0.1]),
      ("{milestones: {at: [2, 5], factor: 0.1}}", [1, 1, 0.1, 0.1, 0.1, 0.01]),
      ("[{warm_up: {from: 0.5, steps: 2}}, {cosine: {steps: 2}}]", [0.5, 0.75, 1, 0.5, 0, 0]),
      ("{exponential: {every: 1, factor: 0.5}}", [1, 0.5, 0.25, 0.125, 0.0625, 0.03125]),
      ("[{constant: 2}, {linear: {to: 0, steps: 2}}]", [1, 1, 1, 0.5, 0, 0]),
    ])
  func `a rate follows its schedule`(schedule: String, factors: [Double]) throws {
    let checked = check(Self.model(loss: "lsgan", "optimizer: {adam: {schedule: \(schedule)}}"))
    let model = try #require(checked.result.model, "\(checked.rendered)")
    let clock = try #require(model.steps[0].clocks.first)
    guard case .rate(let rate) = clock.source else {
      Issue.record("no schedule")
      return
    }
    for (step, factor) in factors.enumerated() {
      #expect(abs(rate.factor(step: step, epoch: 7) - factor) < 1e-6, "\(step)")
    }
    let text = try #require(checked.result.spec).resolvedYAML()
    let again = try #require(load(text).spec)
    #expect(again.resolvedYAML() == text)
  }

  @Test func `an average's half-life is told in images`() throws {
    // StyleGAN2's: 20,000 images in batches of 64.
    let text = Self.model(loss: "lsgan", "average: {generator: {half_life: 20000}}")
    let spec = try #require(check(text).result.spec)
    #expect(abs(spec.train.averages[0].decay(batch: 64) - 0.99778439) < 1e-8)
  }

  @Test func `a graph reads what its formulas name, and draws what they draw`() throws {
    let model = try #require(check(Self.model(loss: "wgan_gp")).result.model)
    #expect(model.steps.map(\.fields) == [["real"], []])
    #expect(model.steps.map { $0.draws.map(\.name) } == [["noise", "epsilon"], ["noise"]])
    #expect(model.steps.map(\.guards) == [["loss_d"], ["loss_g"]])
  }

  @Test func `the generator's images serve both updates, and its scores are computed anew`() throws {
    let model = try #require(check(Self.model(loss: "bce_with_logits")).result.model)
    let convolutions = model.step.nodes.filter { if case .conv2D = $0.op { true } else { false } }
    let transposed = model.step.nodes.filter { if case .convTranspose2D = $0.op { true } else { false } }
    // Two layers each: the discriminator on real images, on made ones, and once more when it has moved.
    #expect(convolutions.count == 6)
    #expect(transposed.count == 2)
  }

  @Test func `parameters that some updates do not reach have a count of their own`() throws {
    let model = try #require(check(Self.model(loss: "{logistic: {r1: 10, r1_every: 4}}")).result.model)
    let counters = model.definitions.map(\.name).filter { $0.contains(".step") }
    // The last bias changes no gradient of the scores.
    #expect(
      counters.sorted() == [
        "optimizer.discriminator.step", "optimizer.discriminator.step.loss_d", "optimizer.generator.step",
      ])
  }

  private func expect(
    _ train: String, finds code: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let model = SmallModel.with { $0.train = "train:\n  data: digits\n  batch_size: 4\n\(train)" }
    let checked = check(model)
    #expect(
      checked.findings == checked.expected([code]), "\(checked.rendered)", sourceLocation: sourceLocation)
  }

  private func metric(
    _ formula: String, finds code: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expect(
      "  metrics:\n    m: \(formula)\n  loss: bce_with_logits\n", finds: code, sourceLocation: sourceLocation)
  }

  @Test func `mistakes in formulas stand at their place`() {
    metric("mean(▸reel◂)", finds: "program/unknown-name")
    metric("mean(real) + ▸maen(real)◂", finds: "program/unknown-function")
    metric("mean(discriminator(▸noise◂))", finds: "program/argument-shape")
    metric("mean(▸real - noise◂)", finds: "program/shapes-differ")
    metric("mean(▸discriminator(real).last◂)", finds: "program/no-such-result")
    metric("mean(▸discriminator◂)", finds: "program/not-a-tensor")
    metric("▸discriminator(real)◂", finds: "program/objective-shape")
    metric("norm(▸)◂", finds: "expression/syntax")
    metric("▸l1(real)◂", finds: "program/arguments")
    metric("mean(▸gradient(discriminator(real), noise)◂)", finds: "program/gradient-independent")
    metric("mean(discriminator(real, ▸label◂=noise))", finds: "expression/unexpected-label")
    metric("mean(real) + (▸)◂", finds: "expression/syntax")
  }

  @Test func `a result is read off a value, off an argument and off a call alike`() throws {
    func metric(_ program: String) throws -> String {
      let checked = check(
        SmallModel.with {
          $0.discriminator =
            "discriminator:\n  - flatten:\n    name: row\n  - linear: 1\n"
          $0.train = "train:\n  data: digits\n  batch_size: 4\n  loss: hinge\n\(program)"
        })
      return Self.text(try #require(checked.result.model, "\(checked.rendered)").step)
    }
    let call = try metric("  metrics: {m: mean(discriminator(real).row)}\n")
    #expect(try metric("  values: {seen: discriminator(real)}\n  metrics: {m: mean(seen.row)}\n") == call)
    #expect(
      try metric("  values: {of(x): mean(x.row)}\n  metrics: {m: of(discriminator(real))}\n") == call)
  }

  @Test func `a result that a value lacks is named where it stands`() {
    expect(
      "  values: {seen: discriminator(real)}\n  metrics:\n    m: mean(▸seen.rows◂)\n  loss: hinge\n",
      finds: "program/no-such-result")
    metric("mean(▸rael◂.row)", finds: "program/unknown-name")
  }

  @Test func `a model none of whose networks makes images has no samples, and is told so`() {
    let model = """
      image: {channels: 1, height: 8, width: 8}
      latent: 4
      networks:
        ▸painter◂:
          inputs: {picture: image}
          layers: [conv2d: {out_channels: 1, kernel_size: 1}, tanh]
      train: {updates: [{network: painter, minimize: "l2(painter(real), real)"}]}
      """
    let checked = check(model)
    #expect(checked.findings == checked.expected(["program/no-images"]), "\(checked.rendered)")
  }

  private static let classifier = """
    image: {channels: 1, height: 8, width: 8}
    classes: 10
    networks:
      classifier:
        inputs: {picture: image}
        layers: [flatten, linear: classes]
    train:
      data: digits
      updates: [{network: classifier, minimize: "cross_entropy(classifier(real), label)"}]

    """

  @Test func `a model none of whose networks makes images needs no latent vectors, and knows no noise`() {
    let checked = check(Self.classifier)
    #expect(checked.findings == [], "\(checked.rendered)")
    let noisy = check(Self.classifier.replacing("label)\"", with: "label) + mean(▸noise◂)\""))
    #expect(noisy.findings == noisy.expected(["program/unknown-name"]), "\(noisy.rendered)")
    let drawn = check(Self.classifier.replacing("{picture: image}", with: "{picture: image, z: latent}"))
    #expect(drawn.findings.map(\.code) == ["spec/missing-key"], "\(drawn.rendered)")
    #expect(drawn.rendered.contains("`latent`"))
  }

  @Test func `a misspelt name is mended in the formula`() throws {
    let model = SmallModel.with {
      $0.train = "train:\n  data: digits\n  batch_size: 4\n  metrics: {m: mean(reel)}\n  loss: hinge\n"
    }
    let checked = check(model)
    let fix = try #require(checked.diagnostic("program/unknown-name")?.fixes.first)
    #expect(fix.title == "write `real`")
    #expect(checked.checked(after: fix)?.hasErrors == false)
  }

  @Test func `a loss beside updates is one too many`() {
    let updates = "  updates:\n    - {network: discriminator, minimize: mean(discriminator(real))}\n"
    expect("  ▸loss◂: hinge\n\(updates)", finds: "spec/unknown-key")
  }

  @Test func `labels are read where a network has an input for them`() throws {
    let model = SmallModel.with {
      $0.extra = "classes: 10\n"
      $0.discriminator = """
        discriminator:
          inputs: {image: image, label: class}
          layers: [{flatten: , name: pixels}, {linear: 1}]

        """
    }
    let checked = check(model)
    let step = try #require(checked.result.model, "\(checked.rendered)").steps[0]
    #expect(step.fields == ["real", "label"])
    #expect(step.draws.map(\.name) == ["noise", "kind"])
    #expect(step.draws[1].distribution == .classes(10))
  }
}
