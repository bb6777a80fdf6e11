import Interchange
import Lowering
import ModelSpec
import TestSupport
import Testing
import Training

/// Losses on two real scores and two made ones, against numbers that PyTorch 2.13 computes in Float64.
///
/// Both networks are x·w + b with w = 1 and b = 0, so images are scores: r = (0.5, −1), f = (0.2, 2). One
/// step of SGD at the rate 1 moves w and b by the gradients of a loss; two sums of them tell a wrong
/// derivative at any score.
@Suite struct WorkedLossTests {
  private static let real = [0.5, -1]
  private static let fake = [0.2, 2]

  struct Loss: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// What stands in `train:`.
    var train: String
    var discriminator: Double
    /// By each score.
    var realSlopes: [Double]
    var fakeSlopes: [Double]
    var generator: Double
    var generatorSlopes: [Double]

    init(
      _ name: String, _ train: String, d: Double, _ realSlopes: [Double], _ fakeSlopes: [Double], g: Double,
      _ generatorSlopes: [Double]
    ) {
      (testDescription, self.train) = (name, train)
      (discriminator, self.realSlopes, self.fakeSlopes) = (d, realSlopes, fakeSlopes)
      (generator, self.generatorSlopes) = (g, generatorSlopes)
    }
  }

  static let losses = [
    Loss(
      "bce_with_logits", "loss: bce_with_logits", d: 2.356_202_78, [-0.188_770_33, -0.365_529_29],
      [0.274_917_00, 0.440_398_54], g: 0.362_533_44, [-0.225_083_00, -0.059_601_46]),
    // One-sided: the generator's target stays 1.
    Loss(
      "bce_with_logits, real_label 0.9", "loss: bce_with_logits\n  real_label: 0.9", d: 2.331_202_78,
      [-0.138_770_33, -0.315_529_29], [0.274_917_00, 0.440_398_54], g: 0.362_533_44,
      [-0.225_083_00, -0.059_601_46]),
    Loss(
      "logistic", "loss: logistic", d: 2.356_202_78, [-0.188_770_33, -0.365_529_29],
      [0.274_917_00, 0.440_398_54], g: 0.362_533_44, [-0.225_083_00, -0.059_601_46]),
    Loss(
      "saturating", "loss: {logistic: {saturating: true}}", d: 2.356_202_78, [-0.188_770_33, -0.365_529_29],
      [0.274_917_00, 0.440_398_54], g: -1.462_533_44, [-0.274_917_00, -0.440_398_54]),
    Loss("lsgan", "loss: lsgan", d: 2.0725, [-0.25, -1], [0.1, 1], g: 0.41, [-0.4, 0.5]),
    // The paper's other set, a = -1, b = 1, c = 0, whose sum has the half too.
    Loss(
      "lsgan around zero", "loss: {lsgan: {a: -1, b: 1, c: 0}}", d: 3.6725, [-0.25, -1], [0.6, 1.5], g: 1.01,
      [0.1, 1]),
    Loss(
      "wgan", "loss: {wgan: {clip: 100, critic_steps: 1}}", d: 1.35, [-0.5, -0.5], [0.5, 0.5], g: -1.1,
      [-0.5, -0.5]),
    Loss("hinge", "loss: hinge", d: 3.35, [-0.5, -0.5], [0.5, 0.5], g: -1.1, [-0.5, -0.5]),
    // A mean that lost its gradient would show in the generator's slopes.
    Loss(
      "relativistic bce", "loss: {relativistic: bce}", d: 1.636_615_74, [-0.350_825_30, -0.412_137_02],
      [0.344_729_74, 0.418_232_57], g: 0.286_615_74, [-0.155_270_26, -0.081_767_43]),
    Loss(
      "relativistic hinge", "loss: {relativistic: hinge}", d: 2.35, [-0.5, -0.5], [0.5, 0.5], g: 0.2375,
      [-0.375, -0.125]),
    Loss(
      "relativistic lsgan", "loss: {relativistic: lsgan}", d: 6.20875, [-1.975, -2.725], [1.9, 2.8],
      g: 0.80875, [-0.1, 0.8]),
    // Each real image against the made one in its place, which no short form says.
    Loss(
      "relativistic bce of pairs",
      """
      values: {fake: generator(noise), ahead: discriminator(real) - discriminator(fake)}
        updates:
          - {network: discriminator, minimize: mean(softplus(-ahead))}
          - {network: generator, minimize: mean(softplus(ahead))}
      """, d: 1.801_471_30, [-0.212_778_74, -0.476_287_06], [0.212_778_74, 0.476_287_06], g: 0.451_471_30,
      [-0.287_221_26, -0.023_712_94]),
  ]

  /// Runs one step in which one of the networks moves, and expects its loss and where its weights go.
  private func expectStep(
    of moved: String, _ output: String, _ train: String, loss: Double, slopes: [Double], at scores: [Double]
  ) throws {
    func rate(_ network: String) -> String { network == moved ? "1" : "1e-30" }
    let loaded = load(
      """
      image: {channels: 1, height: 1, width: 1}
      latent: 1
      generator: [{linear: 1}, {reshape: [1, 1, 1]}]
      discriminator: [flatten, {linear: 1}]
      train:
        optimizer: {generator: {sgd: \(rate("generator"))}, discriminator: {sgd: \(rate("discriminator"))}}
        batch_size: 2
        \(train)
      """)
    let spec = try #require(loaded.spec, "\(loaded.diagnostics.map(\.message))")
    let lowered = ModelLowering.lower(spec, sources: loaded.sources)
    let model = try #require(lowered.model, "\(lowered.diagnostics.map(\.message))")
    var tensors: [(name: String, tensor: SafetensorsFile.Tensor)] = [
      ("step.0.real", .init(shape: [2, 1, 1, 1], doubles: Self.real)),
      ("step.0.noise", .init(shape: [2, 1], doubles: Self.fake)),
    ]
    // The other network's loss is not looked at: the generator's is taken with the weights that D has then.
    for name in ["loss_d", "loss_g"] {
      tensors.append(("step.0.\(name)", .init(shape: [], doubles: [name == output ? loss : 0])))
    }
    for network in ["generator.0", "discriminator.1"] {
      let isMoved = network.hasPrefix(moved)
      // Of a sum that vanishes, eight digits leave no more than their rounding.
      let sum = slopes.reduce(0, +)
      let bias = isMoved && abs(sum) > 1e-7 ? -sum : 0
      let weight = isMoved ? 1 - zip(slopes, scores).reduce(0) { $0 + $1.0 * $1.1 } : 1
      tensors.append(("init.\(network).weight", .init(shape: [1, 1], doubles: [1])))
      tensors.append(("init.\(network).bias", .init(shape: [1], doubles: [0])))
      tensors.append(("final.\(network).weight", .init(shape: [1, 1], doubles: [weight])))
      tensors.append(("final.\(network).bias", .init(shape: [1], doubles: [bias])))
    }
    let rows = try FixtureReplay(model: model, fixture: SafetensorsFile(tensors: tensors), path: "worked")
      .run(.reference).filter { !$0.name.hasPrefix("step.") || $0.name == "step.0.\(output)" }
    #expect(rows.count == 5)
    // The table has eight digits after the point, of slopes that may be small.
    for row in rows { #expect(row.relativeError < 2e-6, "\(moved): \(row.name)") }
  }

  @Test("a loss and its gradients are the table's", arguments: losses)
  func matchesTheTable(loss: Loss) throws {
    try expectStep(
      of: "discriminator", "loss_d", loss.train, loss: loss.discriminator,
      slopes: loss.realSlopes + loss.fakeSlopes, at: Self.real + Self.fake)
    try expectStep(
      of: "generator", "loss_g", loss.train, loss: loss.generator, slopes: loss.generatorSlopes,
      at: Self.fake)
  }
}
