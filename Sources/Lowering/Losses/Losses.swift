import ModelSpec

/// The rows of the table. Sources: Goodfellow and others 2014 (bce, logistic, saturating), Mao and others 2017
/// (lsgan), Arjovsky and others 2017 (wgan), Gulrajani and others 2017 (wgan_gp), Lim and Ye 2017 (hinge),
/// Kodali and others 2017 (dragan), Jolicoeur-Martineau 2018 (relativistic), Mescheder and others 2018 (r1).
extension LossDefinition {
  private static func probability(_ scores: String) -> String { "mean(\(scores))" }
  private static func sigmoid(_ scores: String) -> String { "mean(sigmoid(\(scores)))" }

  private static let criticSteps = AttributeSchema(
    "critic_steps", .int(1...1000), .defaultsTo(.int(1)),
    "the discriminator's updates for each of the generator's")
  private static func saturating(_ what: String) -> AttributeSchema {
    .init("saturating", .bool, .defaultsTo(.bool(false)), what)
  }
  private static func number(_ name: String, _ value: Double, _ summary: String) -> AttributeSchema {
    .init(name, .number(-1e30...1e30), .defaultsTo(.number(value)), summary)
  }
  private static let r1 = AttributeSchema(
    "r1", .number(0...1e30), .defaultsTo(.number(0)),
    "gamma of a penalty on the squared gradient at real images: gamma / 2 times its mean")
  private static let r1Every = AttributeSchema(
    "r1_every", .int(1...10_000), .defaultsTo(.int(1)),
    "on every so many steps, times as much, as an update of its own")

  /// The penalty on the discriminator's gradient at the real images.
  private static func adding(r1 chosen: Configured, _ parts: LossParts, to program: LossProgram)
    -> LossProgram
  {
    var program = program
    let gamma = chosen.written("r1")
    guard gamma > 0 else { return program }
    let every = chosen.whole("r1_every")
    let scale = Number.real(gamma / 2 * Double(every)).text
    let penalty = "\(scale) * mean(norm(gradient(\(parts.real()), real)) ** 2)"
    if every == 1 {
      program.updates[0].minimize += " + \(penalty)"
    } else {
      program.updates.insert(
        .init(movesJudge: true, name: "penalty_d", minimize: penalty, every: every), at: 1)
    }
    return program
  }

  static let bce = LossDefinition(
    schema: Schema("bce", "Binary cross-entropy of probabilities (Goodfellow and others 2014)."),
    scores: .probabilities,
    readsRealLabel: true
  ) { _, parts in
    let label = Number.real(parts.realLabel).text
    return LossProgram(
      judge: "mean(bce(\(parts.real()), \(label))) + mean(bce(\(parts.fake), 0))",
      maker: "mean(bce(\(parts.fake), 1))", opinion: probability)
  }

  static let bceWithLogits = LossDefinition(
    schema: Schema(
      "bce_with_logits",
      "Binary cross-entropy of logits, with the sigmoid inside (Goodfellow and others 2014).",
      [saturating("the generator maximises the discriminator's loss, as in the first paper"), r1, r1Every]),
    scores: .logits, readsRealLabel: true
  ) { chosen, parts in
    let label = Number.real(parts.realLabel).text
    let program = LossProgram(
      judge:
        "mean(bce_with_logits(\(parts.real()), \(label))) + mean(bce_with_logits(\(parts.fake), 0))",
      maker: chosen.flag("saturating")
        ? "-mean(bce_with_logits(\(parts.fake), 0))" : "mean(bce_with_logits(\(parts.fake), 1))",
      opinion: sigmoid)
    return adding(r1: chosen, parts, to: program)
  }

  static let logistic = LossDefinition(
    schema: Schema(
      "logistic", "The logistic loss of logits, written with softplus (Karras and others 2020).",
      [saturating("the generator maximises the discriminator's loss, as in the first paper"), r1, r1Every]),
    scores: .logits
  ) { chosen, parts in
    let program = LossProgram(
      judge: "mean(softplus(-\(parts.real()))) + mean(softplus(\(parts.fake)))",
      maker: chosen.flag("saturating")
        ? "-mean(softplus(\(parts.fake)))" : "mean(softplus(-\(parts.fake)))", opinion: sigmoid)
    return adding(r1: chosen, parts, to: program)
  }

  static let lsgan = LossDefinition(
    schema: Schema(
      "lsgan", "Least squares: scores are drawn to targets (Mao and others 2017).",
      [
        number("a", 0, "the discriminator's target for made images"),
        number("b", 1, "its target for real images"), number("c", 1, "the generator's target"),
      ]), scores: .targets
  ) { _, parts in
    LossProgram(
      judge: "mean((\(parts.real()) - b) ** 2) / 2 + mean((\(parts.fake) - a) ** 2) / 2",
      maker: "mean((\(parts.fake) - c) ** 2) / 2", opinion: probability)
  }

  static let wgan = LossDefinition(
    schema: Schema(
      "wgan",
      "Wasserstein's distance, with the critic's weights kept within bounds (Arjovsky and others 2017).",
      primary: "clip",
      [
        .init(
          "clip", .number(0...1e30, isOpen: true), .defaultsTo(.number(0.01)),
          "the bound of the critic's weights"),
        .init(
          "critic_steps", .int(1...1000), .defaultsTo(.int(5)),
          "the critic's updates for each of the generator's"),
      ]), scores: .values
  ) { chosen, parts in
    LossProgram(
      judge: "mean(\(parts.fake)) - mean(\(parts.real()))", maker: "-mean(\(parts.fake))",
      critic: chosen.whole("critic_steps"), weightClip: chosen.written("clip"), opinion: probability)
  }

  static let wganGP = LossDefinition(
    schema: Schema(
      "wgan_gp",
      "Wasserstein's distance, with a penalty on the critic's gradient between real and made images (Gulrajani and others 2017).",
      primary: "weight",
      [
        number("weight", 10, "of the penalty"),
        .init(
          "critic_steps", .int(1...1000), .defaultsTo(.int(5)),
          "the critic's updates for each of the generator's"),
        .init(
          "one_sided", .bool, .defaultsTo(.bool(false)), "whether only gradients above 1 are penalised"),
        number("drift", 0, "of a penalty on the squared scores of real images"),
      ]), scores: .values
  ) { chosen, parts in
    let slope = "norm(gradient(\(parts.real("between")), between)) - 1"
    let penalty = chosen.flag("one_sided") ? "relu(\(slope))" : "(\(slope))"
    let drift = chosen.written("drift") > 0 ? " + drift * mean(\(parts.real()) ** 2)" : ""
    return LossProgram(
      judge: "mean(\(parts.fake)) - mean(\(parts.real())) + weight * mean(\(penalty) ** 2)\(drift)",
      maker: "-mean(\(parts.fake))", critic: chosen.whole("critic_steps"),
      values: [("between", "mix(real, fake)")], opinion: probability)
  }

  static let hinge = LossDefinition(
    schema: Schema(
      "hinge", "The hinge loss: scores beyond ±1 count no more (Miyato and others 2018).",
      [criticSteps, r1, r1Every]),
    scores: .values
  ) { chosen, parts in
    let program = LossProgram(
      judge: "mean(relu(1 - \(parts.real()))) + mean(relu(1 + \(parts.fake)))",
      maker: "-mean(\(parts.fake))", critic: chosen.whole("critic_steps"), opinion: probability)
    return adding(r1: chosen, parts, to: program)
  }

  static let dragan = LossDefinition(
    schema: Schema(
      "dragan",
      "The logistic loss, with a penalty on the discriminator's gradient around real images (Kodali and others 2017).",
      primary: "weight", [number("weight", 10, "of the penalty"), number("spread", 0.5, "of the noise")]),
    scores: .logits
  ) { _, parts in
    LossProgram(
      judge:
        "mean(bce_with_logits(\(parts.real()), 1)) + mean(bce_with_logits(\(parts.fake), 0))"
        + " + weight * mean((norm(gradient(\(parts.real("near")), near)) - 1) ** 2)",
      maker: "mean(bce_with_logits(\(parts.fake), 1))",
      values: [
        ("deviation", "sqrt(mean((real - mean(real)) ** 2))"),
        ("near", "mix(real, real + spread * deviation * jitter)"),
      ],
      draws: [DrawSpec(name: "jitter", distribution: .uniform(low: 0, high: 1), shape: .image)],
      opinion: sigmoid)
  }

  static let relativistic = LossDefinition(
    schema: Schema(
      "relativistic",
      "Real and made images are judged against the mean of the others (Jolicoeur-Martineau 2018).",
      primary: "kind",
      [
        .init(
          "kind", .choice(["bce", "hinge", "lsgan"]), .defaultsTo(.string("bce")),
          "the loss of the differences"), r1, r1Every,
      ]), scores: .values
  ) { chosen, parts in
    // How much more real than the others; the objectives halve the sum of both sides.
    let real = "\(parts.real()) - mean(\(parts.fake))"
    let fake = "\(parts.fake) - mean(\(parts.real()))"
    let judge: String
    let maker: String
    switch chosen.text("kind") {
    case "bce":
      judge = "(mean(softplus(-(\(real)))) + mean(softplus(\(fake)))) / 2"
      maker = "(mean(softplus(\(real))) + mean(softplus(-(\(fake))))) / 2"
    case "hinge":
      judge = "(mean(relu(1 - (\(real)))) + mean(relu(1 + \(fake)))) / 2"
      maker = "(mean(relu(1 + \(real))) + mean(relu(1 - (\(fake))))) / 2"
    default:
      judge = "(mean((\(real) - 1) ** 2) + mean((\(fake) + 1) ** 2)) / 2"
      maker = "(mean((\(real) + 1) ** 2) + mean((\(fake) - 1) ** 2)) / 2"
    }
    return adding(r1: chosen, parts, to: LossProgram(judge: judge, maker: maker, opinion: sigmoid))
  }
}

extension Configured {
  /// An attribute with a default is always there.
  fileprivate func written(_ name: String) -> Double {
    guard let value = number(name) else { preconditionFailure("no number `\(name)`") }
    return value
  }
  fileprivate func whole(_ name: String) -> Int {
    guard let value = int(name) else { preconditionFailure("no whole number `\(name)`") }
    return value
  }
  fileprivate func flag(_ name: String) -> Bool {
    guard let value = bool(name) else { preconditionFailure("no flag `\(name)`") }
    return value
  }
  fileprivate func text(_ name: String) -> String {
    guard let value = string(name) else { preconditionFailure("no text `\(name)`") }
    return value
  }
}
