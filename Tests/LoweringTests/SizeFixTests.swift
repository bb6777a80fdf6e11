import Diagnostics
import Foundation
import Lowering
import TestSupport
import Testing

/// Sizes that do not come out as they should: the plan that mends them, and what it says.
struct SizeFixTests {
  /// Networks in the style of Radford et al.: a start, stages that double, stages that halve, one window.
  struct Networks: Sendable {
    var image = "[3, 64, 64]"
    var start = "kernel_size: 4"
    /// What stands in the generator's strided layers, the last one's in the end.
    var ups = Array(repeating: "kernel_size: 4, stride: 2, padding: 1", count: 4)
    var downs = Array(repeating: "kernel_size: 4, stride: 2, padding: 1", count: 4)
    var end = "kernel_size: 4"

    var text: String {
      var text = "image: \(image)\nlatent: 16\ngenerator:\n"
      text += "  - conv_transpose2d: {out_channels: 16, \(start)}\n  - batch_norm2d\n  - relu\n"
      for (index, up) in ups.enumerated() {
        let isLast = index == ups.count - 1
        text += "  - conv_transpose2d: {out_channels: \(isLast ? 3 : 8), \(up)}\n"
        text += isLast ? "  - tanh\n" : "  - batch_norm2d\n  - relu\n"
      }
      text += "discriminator:\n"
      for (index, down) in downs.enumerated() {
        text += "  - conv2d: {out_channels: 8, \(down)}\n" + (index > 0 ? "  - batch_norm2d\n" : "")
        text += "  - leaky_relu: 0.2\n"
      }
      text += "  - conv2d: {out_channels: 1, \(end)}\n"
      return text + "train: {data: {synthetic: shapes}, loss: bce_with_logits, batch_size: 4}\n"
    }

    static func with(_ change: (inout Networks) -> Void) -> String {
      var networks = Networks()
      change(&networks)
      return networks.text
    }
  }

  private func firstFix(_ text: String) throws -> (title: String, checked: Checked, after: CheckedModel) {
    let checked = check(text)
    let fix = try #require(checked.result.diagnostics.first?.fixes.first, "\(checked.rendered)")
    #expect(fix.leaves.isEmpty)
    return (fix.title, checked, try #require(checked.checked(after: fix)))
  }

  // MARK: Another size than the networks are for

  @Test(arguments: [128, 256, 32, 16, 512])
  func `a power of two takes stages more or less, in both networks at once`(size: Int) throws {
    let text = Networks.with { $0.image = "[3, \(size), \(size)]" }
    let (title, checked, after) = try firstFix(text)
    #expect(after.mistakes.isEmpty && after.spec?.height.value == size, "\(checked.rendered)")
    #expect(title.contains(size > 64 ? "more behind line" : "take out lines"), "\(title)")
    // Every report of both networks has the same plan.
    let edits = checked.result.diagnostics.compactMap(\.fixes.first?.edits)
    #expect(edits.count == checked.result.diagnostics.count && edits.allSatisfy { $0 == edits[0] })
  }

  @Test(arguments: [
    (50, 150), (48, 48), (96, 96), (100, 100), (80, 48), (28, 28), (37, 23), (300, 300), (320, 160),
  ])
  func `any other size is reached, and stays what it is`(height: Int, width: Int) throws {
    let (_, checked, after) = try firstFix(Networks.with { $0.image = "[3, \(height), \(width)]" })
    #expect(after.mistakes.isEmpty, "\(checked.rendered)")
    #expect(after.spec?.height.value == height && after.spec?.width.value == width)
  }

  @Test func `three by nine pixels become fifty by one hundred and fifty`() throws {
    let (title, _, _) = try firstFix(Networks.with { $0.image = "[3, 50, 150]" })
    #expect(title.hasPrefix("set `kernel_size` to [3, 9] in line 4, set `output_padding` to"))
    #expect(title.hasSuffix("set `kernel_size` to [3, 9]"))
  }

  @Test func `the image is made smaller only in the end`() throws {
    let checked = check(Networks.with { $0.image = "[3, 128, 128]" })
    let fixes = try #require(checked.diagnostic("agreement/image-mismatch")).fixes
    #expect(fixes.last?.title == "set `image` to 3×64×64")
    #expect(fixes.dropLast().allSatisfy { !$0.title.contains("image") })
  }

  // MARK: One slip in one layer

  @Test(arguments: [
    (0, "kernel_size: 4, stride: 2", "set `padding` to 1 in line 7"),
    (1, "kernel_size: 4, stride: 2, padding: 2", "set `padding` to 1 in line 10"),
    (2, "kernel_size: 5, stride: 2, padding: 1", "set `kernel_size` to 4 in line 13"),
    (1, "kernel_size: 3, stride: 2, padding: 1", "set `kernel_size` to 4 in line 10"),
    (0, "kernel_size: 4, stride: 3, padding: 1", "set `stride` to 2 in line 7"),
    (3, "kernel_size: 4, padding: 1", "set `stride` to 2"),
  ])
  func `a slip of a generator's layer is mended where it is`(place: Int, layer: String, fix: String) throws {
    let (title, checked, after) = try firstFix(Networks.with { $0.ups[place] = layer })
    #expect(title == fix, "\(checked.rendered)")
    #expect(after.mistakes.isEmpty)
    let remarks = checked.result.diagnostics[0].steps.compactMap(\.remark)
    #expect(remarks.count == 1 && remarks[0].hasSuffix("from here on, 64×64 is out of reach"), "\(remarks)")
    #expect(remarks.first?.contains("others like it have") == true, "\(remarks)")
  }

  @Test(arguments: [
    (0, "kernel_size: 4, stride: 2", "set `padding` to 1"),
    (1, "kernel_size: 4, padding: 1", "set `stride` to 2"),
    (2, "kernel_size: 6, stride: 2, padding: 1", "set `kernel_size` to 4"),
    (3, "kernel_size: 4, stride: 4, padding: 1", "set `stride` to 2"),
    (0, "kernel_size: 4, stride: 2, padding: 0", "set `padding` to 1"),
  ])
  func `so is a slip of the discriminator's`(place: Int, layer: String, fix: String) throws {
    let (title, checked, after) = try firstFix(Networks.with { $0.downs[place] = layer })
    #expect(title.hasPrefix(fix), "\(checked.rendered)")
    #expect(after.mistakes.isEmpty)
  }

  // MARK: A stage too few, or too many

  @Test(arguments: [3, 2, 5, 6])
  func `a generator's missing stages are written, those too many taken out`(count: Int) throws {
    let up = Networks().ups[0]
    let (title, checked, after) = try firstFix(Networks.with { $0.ups = Array(repeating: up, count: count) })
    #expect(after.mistakes.isEmpty)
    #expect(title.hasPrefix(count < 4 ? "write lines" : "take out lines"), "\(checked.rendered)")
    let remark = try #require(checked.result.diagnostics[0].steps.compactMap(\.remark).first)
    #expect(remark.contains(count < 4 ? "missing" : "too many"))
  }

  @Test(arguments: [3, 2, 5, 6])
  func `so are a discriminator's`(count: Int) throws {
    let down = Networks().downs[0]
    let (title, checked, after) = try firstFix(
      Networks.with { $0.downs = Array(repeating: down, count: count) })
    #expect(after.mistakes.isEmpty)
    #expect(title.hasPrefix(count < 4 ? "write lines" : "take out lines"), "\(checked.rendered)")
  }

  // MARK: Pixels lost by rounding

  @Test(arguments: [(25, 5, 2), (16, 3, 1), (7, 5, 2), (14, 3, 1), (9, 5, 2)])
  func `"same" layers get back the pixels that they round away`(start: Int, kernel: Int, padding: Int) throws
  {
    let size = 4 * start
    let layer = "kernel_size: \(kernel), stride: 2, padding: \(padding)"
    let (title, checked, after) = try firstFix(
      """
      image: [3, \(size), \(size)]
      latent: 16
      generator:
        - linear: \(start) * \(start) * 8
        - reshape: [8, \(start), \(start)]
        - conv_transpose2d: {out_channels: 8, \(layer)}
        - relu
        - conv_transpose2d: {out_channels: 3, \(layer)}
        - tanh
      discriminator: [flatten, linear: 1]
      train: {data: {synthetic: shapes}, loss: bce_with_logits, batch_size: 4}

      """)
    #expect(
      title == "set `output_padding` to 1 in line 6, and set `output_padding` to 1", "\(checked.rendered)")
    #expect(after.mistakes.isEmpty)
  }

  // MARK: A reshape that is missing

  @Test(arguments: [
    ("16 * 4 * 4", 16, "[16, 4, 4]"), ("4 * 4 * 32", 16, "[32, 4, 4]"), ("7 * 7 * 8", 28, "[8, 7, 7]"),
    ("256", 16, "[16, 4, 4]"), ("16 * 8 * 8", 32, "[16, 8, 8]"), ("288", 12, "[32, 3, 3]"),
  ])
  func `a dense start is split so that the rest reaches the image`(
    features: String, size: Int, shape: String
  ) throws {
    let up = "kernel_size: 4, stride: 2, padding: 1"
    let (title, checked, after) = try firstFix(
      """
      image: [3, \(size), \(size)]
      latent: 16
      generator:
        - linear: \(features)
        - batch_norm2d
        - relu
        - conv_transpose2d: {out_channels: 16, \(up)}
        - batch_norm2d
        - relu
        - conv_transpose2d: {out_channels: 3, \(up)}
        - tanh
      discriminator: [flatten, linear: 1]
      train: {data: {synthetic: shapes}, loss: bce_with_logits, batch_size: 4}

      """)
    #expect(title == "write `- reshape: \(shape)` before line 5", "\(checked.rendered)")
    #expect(after.mistakes.isEmpty)
  }

  // MARK: Channels that come last

  @Test(arguments: [
    ("[64, 64, 3]", "[3, 64, 64]"), ("[64, 64, 1]", "[1, 64, 64]"), ("[32, 64, 3]", "[3, 32, 64]"),
    ("{channels: 64, height: 64, width: 3}", "{channels: 3, height: 64, width: 64}"),
    ("[28, 28, 1]", "[1, 28, 28]"),
  ])
  func `an image with its channels last is one mistake at its line`(wrong: String, right: String) throws {
    let checked = check(Networks.with { $0.image = wrong })
    #expect(checked.codes == ["agreement/channels-last"])
    let fix = try #require(checked.result.diagnostics[0].fixes.first)
    #expect(checked.text(after: fix)?.hasPrefix("image: \(right)\n") == true)
  }

  // MARK: The command line

  @Test func `a size of the command line is kept, and written into the file`() throws {
    let checked = check(Networks().text, overrides: ["image=[3, 96, 96]"])
    let fixed = checked.checker.fixed()
    #expect(!fixed.checked.hasErrors)
    let text = String(decoding: try #require(fixed.changes.first).after, as: UTF8.self)
    #expect(text.hasPrefix("image: [3, 96, 96]\n"))
    #expect(check(text).codes.isEmpty)
    #expect(check(text, overrides: ["image=[3, 96, 96]"]).codes.isEmpty)
  }

  @Test func `one size for both sides becomes two`() throws {
    for head in ["{channels: 3, size: 64}", "\n  channels: 3\n  size: 64 # square"] {
      let checked = check(
        Networks.with { $0.image = head }, overrides: ["image.height=32", "image.width=64"])
      let text = String(decoding: try #require(checked.checker.fixed().changes.first).after, as: UTF8.self)
      #expect(check(text).codes.isEmpty, "\(text)")
      #expect(check(text).result.spec?.height.value == 32)
    }
  }

  // MARK: The models that are handed out

  private static let sizes = [
    (1, 28, 28), (3, 28, 28), (3, 32, 32), (3, 48, 48), (3, 50, 150), (3, 96, 96), (3, 100, 100),
    (3, 128, 128),
    (3, 256, 256), (3, 300, 300), (3, 320, 160), (3, 512, 512), (3, 37, 23),
  ]

  @Test(arguments: ["dcgan-64", "dcgan-32", "dcgan-128", "tutorial-dcgan"], sizes)
  func `a model follows its image to any size`(name: String, size: (Int, Int, Int)) throws {
    let path = packageRoot() + "/models/\(name).yaml"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("image:") })
    let image = "image: {channels: \(size.0), height: \(size.1), width: \(size.2)}"
    let fixed = check(text.replacing(line, with: image)).checker.fixed()
    #expect(!fixed.checked.hasErrors)
    let spec = try #require(fixed.checked.spec)
    #expect((spec.channels.value, spec.height.value, spec.width.value) == size)
    let lowered = try #require(fixed.checked.lowering)
    #expect(lowered.networks[0].layers.last?.outputShape == [size.0, size.1, size.2])
  }
}
