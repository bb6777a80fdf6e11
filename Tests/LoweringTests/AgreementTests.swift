import Diagnostics
import Lowering
import ModelSpec
import TestSupport
import Testing

/// What the networks, the loss and the data must agree on.
struct AgreementTests {
  /// The tutorial's discriminator on 32×32 images, of which a generator of that size makes some.
  private let large = SmallModel.with {
    $0.head = "image: [3, 32, 32]\nlatent: 100\n"
    $0.generator = """
      generator:
        - conv_transpose2d: {out_channels: 8, kernel_size: 8, bias: false}
        - relu
        - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 4}
        - tanh

      """
    $0.discriminator = """
      discriminator:
        - conv2d: {out_channels: 128, kernel_size: 4, stride: 2, padding: 1, bias: false}
        - batch_norm2d
        - leaky_relu: 0.2
        - ▸conv2d: {out_channels: 1, kernel_size: 4, stride: 1, padding: 0, bias: false}◂
        - ▸sigmoid◂

      """
    $0.train = "train: {data: digits, loss: bce}\n"
  }

  @Test func `169 scores an image are named at the layer that makes them`() throws {
    let checked = expect(large, finds: "agreement/score-shape", "agreement/sigmoid-saturates")
    let diagnostic = try #require(checked.diagnostic("agreement/score-shape"))
    #expect(
      diagnostic.message == "the discriminator gives 1×13×13, 169 scores an image, where one is meant")
    #expect(diagnostic.span.map(checked.result.sources.start(of:)) == SourceLocation(line: 12, column: 5))
    #expect(diagnostic.notes.map(\.text) == ["128×16×16 is produced here"])
  }

  @Test func `its fixes are stages more, a kernel of 16, or a score a patch`() throws {
    let checked = check(large)
    let fixes = try #require(checked.diagnostic("agreement/score-shape")).fixes
    #expect(fixes.map(\.title).first == "write lines 9 to 11 twice more behind line 11")
    let stages = try #require(checked.checked(after: fixes[0]))
    #expect(stages.mistakes.map(\.kind) == [.sigmoidSaturates])
    let full = try #require(fixes.first { $0.title == "set `kernel_size` to 16" })
    let kernel = try #require(checked.checked(after: full))
    #expect(kernel.mistakes.map(\.kind) == [.sigmoidSaturates])
    #expect(kernel.lowering?.networks[1].layers.last?.outputShape == [1, 1, 1])
    let scores = try #require(fixes.last)
    #expect(scores.title.contains("patch"))
    let patch = try #require(checked.checked(after: scores))
    #expect(patch.mistakes.map(\.kind) == [.sigmoidSaturates])
    #expect(patch.spec?.imageJudge?.isPatch == true)
  }

  @Test func `one score an image may have any number of dimensions`() {
    for layers in [
      "[conv2d: {out_channels: 1, kernel_size: 8}]", "[flatten, linear: 1]",
      "[flatten, linear: 1, reshape: []]",
      "[global_avg_pool, flatten, linear: 1]",
    ] {
      #expect(check(SmallModel.with { $0.discriminator = "discriminator: \(layers)\n" }).codes.isEmpty)
    }
  }

  // MARK: Sizes

  @Test func `the latent size of the generator's input`() {
    expect(
      SmallModel.with {
        $0.generator = "generator:\n  inputs: {z: ▸64◂}\n  layers: [linear: 192, reshape: [3, 8, 8], tanh]\n"
      }, finds: "agreement/latent-mismatch")
    expect(
      SmallModel.with {
        $0.generator =
          "generator:\n  inputs: {z: ▸[64, 2, 2]◂}\n  layers: [linear: 192, reshape: [3, 8, 8], tanh]\n"
      }.replacing("[linear", with: "[flatten, linear"), finds: "agreement/latent-mismatch")
  }

  @Test func `the generator's images and the declared ones`() {
    expect(
      SmallModel.with {
        $0.generator = $0.generator.replacing(
          "- conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}",
          with: "- ▸conv_transpose2d: {out_channels: 1, kernel_size: 4, stride: 2, padding: 1}◂")
      }, finds: "agreement/image-mismatch")
    expect(
      SmallModel.with { $0.generator = "generator:\n  - ▸linear: 192◂\n  - tanh\n" },
      finds: "agreement/image-mismatch")
  }

  @Test func `the discriminator's declared input and the images`() {
    expect(
      SmallModel.with {
        $0.discriminator = "discriminator:\n  inputs: {x: ▸[1, 8, 8]◂}\n  layers: [flatten, linear: 1]\n"
      }, finds: "agreement/discriminator-input-mismatch")
  }

  // MARK: The loss

  @Test func `bce needs probabilities`() {
    expect(
      SmallModel.with {
        $0.discriminator = "discriminator:\n  - flatten\n  - ▸linear: 1◂\n"
        $0.train = "train: {loss: bce}\n"
      }, finds: "agreement/bce-needs-sigmoid")
  }

  @Test func `bce_with_logits needs none`() {
    expect(
      SmallModel.with { $0.discriminator = "discriminator:\n  - flatten\n  - linear: 1\n  - ▸sigmoid◂\n" },
      finds: "agreement/sigmoid-under-logits")
  }

  @Test func `a sigmoid before bce is a warning`() {
    let checked = expect(
      SmallModel.with {
        $0.discriminator = "discriminator:\n  - flatten\n  - linear: 1\n  - ▸sigmoid◂\n"
        $0.train = "train: {loss: bce}\n"
      }, finds: "agreement/sigmoid-saturates")
    #expect(!checked.result.hasErrors)
  }

  @Test(arguments: ["hinge", "lsgan", "wgan_gp"])
  func `a label of real images beside a loss that has none is told`(loss: String) {
    let checked = expect(
      SmallModel.with { $0.train = "train: {loss: \(loss), real_label: ▸0.9◂}\n" },
      finds: "agreement/real-label-unread")
    #expect(!checked.result.hasErrors)
  }

  @Test func `the first of a generator's results is its image`() {
    expect(
      SmallModel.with {
        $0.generator =
          "generator:\n  inputs: {noise: latent}\n  outputs: {small: small, large: large}\n  layers:\n"
          + "    - conv_transpose2d: {out_channels: 3, kernel_size: 4}\n"
          + "    - ▸conv2d: {out_channels: 3, kernel_size: 1}◂\n    - {tanh: , name: small}\n"
          + "    - upsample: 2\n    - {tanh: , name: large}\n"
      }, finds: "agreement/image-mismatch")
  }

  @Test func `the layer that counts is the network's output, behind which nothing may stand`() {
    expect(
      SmallModel.with {
        $0.discriminator =
          "discriminator:\n  outputs: score\n  layers:\n    - flatten\n    - {linear: 1, name: score}\n    - ▸sigmoid◂\n"
      }, finds: "spec/unused-layer")
  }

  // MARK: The data's range

  @Test func `the generator's range and the data's`() {
    expect(
      SmallModel.with {
        $0.generator = $0.generator.replacing("- tanh", with: "- ▸tanh◂")
        $0.train = "train: {data: {digits: {range: [0, 1]}}, loss: bce_with_logits}\n"
      }, finds: "agreement/output-range")
    expect(
      SmallModel.with { $0.generator = $0.generator.replacing("- tanh", with: "- ▸sigmoid◂") },
      finds: "agreement/output-range")
    expect(
      SmallModel.with {
        $0.generator = $0.generator.replacing("- tanh", with: "- ▸tanh◂")
        $0.train = "train: {data: {digits: {range: [-0.5, 0.5]}}, loss: bce_with_logits}\n"
      }, finds: "agreement/output-range")
  }

  @Test func `a generator without bounds is a warning`() {
    let checked = expect(
      SmallModel.with { $0.generator = $0.generator.replacing("- tanh", with: "- ▸relu◂") },
      finds: "agreement/unbounded-output")
    #expect(!checked.result.hasErrors)
  }

  @Test func `layers that only move values keep their range`() {
    expect(
      SmallModel.with {
        $0.generator = "generator: [linear: 48, tanh, reshape: [3, 4, 4], upsample: 2]\n"
      })
  }

  @Test func `without data there is no range to agree on`() {
    expect(
      SmallModel.with {
        $0.generator = $0.generator.replacing("- tanh", with: "- relu")
        $0.train = "train: {loss: bce_with_logits}\n"
      })
  }

  // MARK: Batch norm

  @Test func `batch norm of a single value a channel is an error`() {
    let discriminator = "discriminator:\n  - flatten\n  - linear: 5\n  - ▸batch_norm1d◂\n  - linear: 1\n"
    expect(
      SmallModel.with {
        $0.discriminator = discriminator
        $0.train = $0.train.replacing("batch_size: 4", with: "batch_size: 1")
      }, finds: "agreement/one-value-per-channel")
    #expect(check(SmallModel.with { $0.discriminator = discriminator }).codes.isEmpty)
  }

  @Test func `batch norm of images is fine in a batch of one`() {
    expect(SmallModel.with { $0.train = $0.train.replacing("batch_size: 4", with: "batch_size: 1") })
  }
}
