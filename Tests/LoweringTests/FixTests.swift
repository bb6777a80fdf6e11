import Diagnostics
import Lowering
import ModelSpec
import TestSupport
import Testing

/// Every fix that has edits, applied and checked again.
struct FixTests {
  /// A model with one mistake, and what the fixes of it do.
  struct Case: Sendable, CustomTestStringConvertible {
    var code: String
    var text: String
    var fixes: [String]

    init(_ code: String, _ fixes: String..., change: (inout SmallModel) -> Void) {
      self.code = code
      text = SmallModel.with(change)
      self.fixes = fixes
    }

    var testDescription: String { "\(code): \(fixes.joined(separator: "; "))" }
  }

  @Test(arguments: spec + shapes + agreements)
  func `a fix mends its mistake and makes no other`(item: Case) throws {
    let checked = check(item.text)
    let diagnostic = try #require(checked.diagnostic(item.code), "\(checked.rendered)")
    #expect(checked.codes.count == 1, "\(checked.rendered)")
    let applicable = diagnostic.fixes.filter { !$0.edits.isEmpty }
    // The first is what is meant; of the others, a solver may know more.
    let titles = applicable.map(\.title)
    #expect(titles.first == item.fixes.first)
    #expect(Set(item.fixes).isSubset(of: titles), "\(titles)")
    for fix in applicable {
      let after = try #require(checked.checked(after: fix))
      #expect(
        !after.hasErrors && !after.diagnostics.contains { $0.kind.code == item.code },
        "\(checked.text(after: fix) ?? "")\n\(after.diagnostics.map(\.message))")
    }
  }

  private static func discriminator(_ layers: String) -> (inout SmallModel) -> Void {
    { $0.discriminator = "discriminator:\n\(layers)  - flatten\n  - linear: 1\n" }
  }

  // MARK: The text

  private static let spec = [
    Case("spec/unknown-key", "write `epochs`") { $0.train += "  epoch: 3\n" },
    Case("spec/unknown-key", "write `latent`") { $0.head = "image: [3, 8, 8]\nlatnet: 100\n" },
    Case(
      "spec/unknown-key", "write `kernel_size`", change: discriminator("  - max_pool2d: {kernelsize: 2}\n")),
    Case("spec/unknown-key", "write `layers`") {
      $0.discriminator = "discriminator:\n  layer: [flatten, linear: 1]\n"
    },
    Case(
      "spec/unknown-key", "write `times`", change: discriminator("  - repeat: {time: 2, layers: [relu]}\n")),
    Case("spec/unknown-key", "write `width`") {
      $0.extra = "blocks: {b: {params: [width], layers: [linear: width]}}\n"
      $0.discriminator = "discriminator: [flatten, b: {with: 3}, linear: 1]\n"
    },
    Case("spec/other-spelling", "write `leaky_relu`", change: discriminator("  - LeakyReLU: 0.2\n")),
    Case("spec/unknown-layer", "write `relu`", change: discriminator("  - rleu\n")),
    Case("spec/unknown-choice", "write `digits`") { $0.train = $0.train.replacing("digits", with: "digit") },
    Case("spec/other-spelling", "write `adamw`") { $0.train += "  optimizer: {adamW: {lr: 0.1}}\n" },
    Case("spec/wrong-type", "write `bf16`") { $0.train += "  precision: bf-16\n" },
    Case("spec/wrong-type", "write `dcgan`") { $0.head += "init: dc-gan\n" },
    Case("spec/wrong-type", "write `patch`") {
      $0.discriminator =
        "discriminator: {output: patches, layers: [conv2d: {out_channels: 1, kernel_size: 3}]}\n"
    },
    Case(
      "spec/unknown-reference", "write `start`",
      change: discriminator("  - {relu: , name: start}\n  - {relu: , from: strt}\n")),
    Case("spec/unknown-reference", "write `score`") {
      $0.discriminator = "discriminator: {outputs: scores, layers: [flatten, {linear: 1, name: score}]}\n"
    },
    Case(
      "expression/unknown-name", "write `image.height`",
      change: discriminator("  - max_pool2d: image.hight\n")),
    Case(
      "expression/unknown-function", "write `min`",
      change: discriminator("  - max_pool2d: (3 + mni(1, 2)) - 2\n")),
  ]

  // MARK: Shapes

  private static let shapes = [
    Case(
      "shape/kernel-too-large", "set `kernel_size` to 8",
      change: discriminator("  - conv2d: {out_channels: 3, kernel_size: 9}\n")),
    Case(
      "shape/kernel-too-large", "set `kernel_size` to [4, 2]",
      change: discriminator("  - conv2d: {out_channels: 3, kernel_size: [9, 2], dilation: [2, 3]}\n")),
    Case(
      "shape/kernel-too-large", "set `kernel_size` to 8", "take out line 10",
      change: discriminator("  - max_pool2d: 9\n")),
    Case("shape/rank-mismatch", "write `- flatten` before it") {
      $0.discriminator = "discriminator:\n  - relu\n  # One score.\n  - linear:\n      out_features: 1\n"
    },
    Case("shape/rank-mismatch", "write `- flatten` before it") {
      $0.discriminator = "discriminator:\n- linear: 1 # One score.\n"
    },
    Case("shape/rank-mismatch", "write `- reshape: [192, 1, 1]` before it") {
      $0.discriminator = "discriminator:\n  - flatten\n  - conv2d: {out_channels: 1, kernel_size: 1}\n"
    },
    Case("shape/rank-mismatch") { $0.discriminator = "discriminator: [linear: 1]\n" },
    Case("shape/rank-mismatch") {
      $0.discriminator = "discriminator:\n  - repeat: {times: 1, layers: [linear: 1]}\n"
    },
    Case(
      "shape/groups-do-not-divide", "set `groups` to 1",
      change: discriminator("  - conv2d: {out_channels: 4, kernel_size: 1, groups: 3}\n")),
    Case(
      "shape/output-padding-too-large", "set `output_padding` to 0", "set `output_padding` to 1",
      change: discriminator(
        "  - conv_transpose2d: {out_channels: 4, kernel_size: 2, stride: 2, output_padding: 3}\n")),
    Case(
      "shape/pool-padding-too-large", "set `padding` to 0", "set `padding` to 1",
      change: discriminator("  - avg_pool2d: {kernel_size: 3, padding: 2}\n")),
    Case(
      "shape/empty-output", "set `padding` to 4",
      change: discriminator("  - conv_transpose2d: {out_channels: 4, kernel_size: 3, padding: 5}\n")),
    Case(
      "shape/element-count-mismatch", "set `shape` to [12, 4, 4]",
      change: discriminator("  - reshape: [10, 4, 4]\n")),
    Case(
      "shape/axis-out-of-range", "set `dim` to 1",
      change: discriminator("  - {flatten: , name: a}\n  - {concat: 2, from: [a, a]}\n")),
    Case(
      "agreement/declared-channels", "set `in_channels` to 3",
      change: discriminator("  - conv2d: {out_channels: 4, kernel_size: 1, in_channels: 1}\n")),
    Case("agreement/declared-channels", "set `in_features` to 192") {
      $0.discriminator = "discriminator: [flatten, linear: {out_features: 1, in_features: 5}]\n"
    },
    Case(
      "agreement/declared-channels", "set `num_features` to 3",
      change: discriminator("  - batch_norm2d: {num_features: 2 * 2}\n")),
    Case(
      "shape/operands-differ", "set `out_channels` to 3",
      change: discriminator("  - residual: [conv2d: {out_channels: 4, kernel_size: 1}]\n")),
  ]

  // MARK: Agreements

  private static let agreements = [
    Case("agreement/latent-mismatch", "set `latent` to 64") {
      $0.generator = "generator: {inputs: {z: 64}, layers: [linear: 192, reshape: [3, 8, 8], tanh]}\n"
    },
    Case("agreement/image-mismatch", "set `out_channels` to 3", "set `image` to 1×8×8") {
      $0.generator = $0.generator.replacing("out_channels: 3", with: "out_channels: 1")
    },
    Case("agreement/image-mismatch", "set `kernel_size` to 10", "set `image` to 3×9×9") {
      $0.head = "image: {channels: 3, size: 10}\nlatent: 100\n"
      $0.generator = "generator: [conv_transpose2d: {out_channels: 3, kernel_size: 9}, tanh]\n"
      $0.discriminator = "discriminator: [flatten, linear: 1]\n"
    },
    Case("agreement/image-mismatch", "write `- reshape: [3, 8, 8]` after it") {
      $0.generator = "generator:\n  - linear: 192\n  - tanh # in the data's range\n"
    },
    Case("agreement/channels-last", "write [3, 8, 8]") {
      $0.head = $0.head.replacing("[3, 8, 8]", with: "[8, 8, 3]")
    },
    Case("agreement/discriminator-input-mismatch", "let the discriminator expect 3×8×8") {
      $0.discriminator =
        "discriminator: {inputs: {x: {channels: 1, height: 8, width: 8}}, layers: [flatten, linear: 1]}\n"
    },
    Case(
      "agreement/score-shape", "set `kernel_size` to 4",
      "for one score a patch, write the discriminator as `{output: patch, layers: […]}`"
    ) { $0.discriminator = $0.discriminator.replacing("1, kernel_size: 4", with: "1, kernel_size: 2") },
    Case(
      "agreement/score-shape", "set `kernel_size` to 8, and set `out_channels` to 1",
      "set `out_channels` to 1 and set `kernel_size` to 8"
    ) {
      $0.discriminator = "discriminator: [conv2d: {out_channels: 5, kernel_size: 3}, batch_norm2d]\n"
    },
    Case("agreement/score-shape", "set `out_features` to 1") {
      $0.discriminator = "discriminator: [flatten, linear: 10]\n"
    },
    Case("agreement/bce-needs-sigmoid", "set `loss` to `bce_with_logits`", "write `- sigmoid` after it") {
      $0.train = $0.train.replacing("bce_with_logits", with: "bce")
    },
    Case("agreement/bce-needs-sigmoid", "write `- sigmoid` after it") { $0.train = "" },
    Case("agreement/sigmoid-under-logits", "remove the last `sigmoid`", "set `loss` to `bce`") {
      $0.discriminator += "  - sigmoid # a probability\n"
    },
    Case("agreement/sigmoid-saturates", "remove the last `sigmoid`, and set `loss` to `bce_with_logits`") {
      $0.discriminator += "  - sigmoid\n"
      $0.train = $0.train.replacing("bce_with_logits", with: "bce")
    },
    Case("agreement/sigmoid-saturates", "remove the last `sigmoid`, and set `loss` to `bce_with_logits`") {
      // The discriminator ends the file, without a line break.
      $0.extra = $0.train.replacing("bce_with_logits", with: "bce")
      $0.train = ""
      $0.discriminator += "  - sigmoid"
    },
    Case("agreement/output-range", "set `range` to [-1, 1]", "end the generator in `sigmoid`") {
      $0.train = $0.train.replacing("digits", with: "{digits: {range: [0, 1]}}")
    },
    Case("agreement/output-range", "end the generator in `tanh`") {
      $0.generator = $0.generator.replacing("tanh", with: "sigmoid")
    },
    Case("agreement/unbounded-output", "write `- tanh` after it") {
      $0.generator = $0.generator.replacing("  - tanh\n", with: "")
    },
    Case("agreement/one-value-per-channel", "set `batch_size` to 2") {
      $0.discriminator = "discriminator: [flatten, linear: 4, batch_norm1d, linear: 1]\n"
      $0.train = $0.train.replacing("batch_size: 4", with: "batch_size: 1")
    },
  ]

  // MARK: Fixes that do not help

  @Test func `a fix that would make another mistake is none`() throws {
    // An image of the discriminator's liking is not what the generator can make.
    let checked = check(
      SmallModel.with {
        $0.head = "image: {channels: 3, height: 8, width: 8}\nlatent: 100\n"
        $0.generator =
          "generator:\n  - conv_transpose2d: {out_channels: 3, kernel_size: image.height + 1}\n  - tanh\n"
      })
    let diagnostic = try #require(checked.diagnostic("agreement/image-mismatch"))
    #expect(diagnostic.fixes.map(\.title) == ["set `kernel_size` to 8"])
  }

  @Test func `a fix may uncover a mistake of a later phase`() throws {
    let checked = check(
      SmallModel.with {
        $0.train += "  epoch: 3\n"
        $0.discriminator = "discriminator:\n  - linear: 1\n"
      })
    let fix = try #require(checked.diagnostic("spec/unknown-key")?.fixes.first)
    #expect(checked.checked(after: fix)?.diagnostics.map(\.kind) == [.rankMismatch])
    #expect(fix.leaves == ["`linear` needs 2 dimensions, but its input is N×3×8×8"])
  }

  @Test func `a fix of an extended file edits that file`() throws {
    let checked = check("extends: base.yaml\n", files: ["base.yaml": SmallModel().text + "  epoch: 3\n"])
    let fix = try #require(checked.diagnostic("spec/unknown-key")?.fixes.first)
    #expect(checked.text(after: fix)?.hasSuffix("  epochs: 3\n") == true)
    #expect(checked.checked(after: fix)?.diagnostics.isEmpty == true)
  }

  @Test func `a model full of mistakes is checked in little time`() {
    let layers = (0..<500).map { "  - relu\($0)x\n" }.joined()
    let seconds = processorSeconds {
      #expect(check(SmallModel.with { $0.generator = "generator:\n" + layers }).codes.count == 500)
    }
    #expect(seconds < 10)
  }
}
