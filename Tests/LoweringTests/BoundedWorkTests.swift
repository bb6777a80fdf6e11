import Datasets
import Lowering
import TestSupport
import Testing

/// A file within the limits is answered in a time that grows with its size, whatever is wrong with it.
@Suite struct BoundedWorkTests {
  private static let head = "image: {channels: 3, height: 8, width: 8}\nlatent: 10\n"
  private static let networks = """
    generator:
      - conv_transpose2d: {out_channels: 4, kernel_size: 4}
      - relu
      - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}
      - tanh
    discriminator:
      - conv2d: {out_channels: 4, kernel_size: 4, stride: 2, padding: 1}
      - leaky_relu: 0.2
      - conv2d: {out_channels: 1, kernel_size: 4}

    """
  private static let train = "train: {data: digits, loss: bce_with_logits, batch_size: 8}\n"
  private static let model = head + networks + train

  private static func many(_ count: Int, _ separator: String = "", _ text: (Int) -> String)
    -> String
  {
    (0..<count).map(text).joined(separator: separator)
  }

  private static func layers(_ count: Int, _ text: (Int) -> String) -> String {
    model.replacing("  - relu\n", with: many(count) { "  - \(text($0))\n" })
  }

  /// What somebody may write, or a program, so many times.
  static let texts: [(name: String, text: @Sendable (Int) -> String)] = [
    (
      "variables that nothing reads",
      { n in "let: {\(many(n, ", ") { "v\($0): \($0)" })}\n" + model }
    ),
    (
      "variables that each need another",
      { n in "let: {v0: 1, \(many(n, ", ") { "v\($0 + 1): v\($0 / 2) + v0" })}\n" + model }
    ),
    (
      "unknown names in variables",
      { n in "let: {\(many(n, ", ") { "v\($0): w\($0) + 1" })}\n" + model }
    ),
    ("unknown keys", { n in many(n) { "k\($0): 1\n" } + model }),
    ("keys that are nearly right", { n in many(n) { "latent\($0): 1\n" } + model }),
    (
      "keys of other programs",
      { n in many(min(n, 700)) { "n\(String(repeating: "_", count: $0 + 1))z: 1\n" } + model }
    ),
    (
      "attributes that a layer has not",
      { n in
        model.replacing(
          "kernel_size: 4}", with: "kernel_size: 4, \(many(n, ", ") { "q\($0): 1" })}")
      }
    ),
    ("unknown layers", { n in layers(n) { "frob\($0)" } }),
    ("layers that are nearly right", { n in layers(n) { "reluu\($0)" } }),
    ("layers of PyTorch", { n in layers(n) { _ in "nn.ReLU" } }),
    ("layers with names", { n in layers(n) { "{relu: , name: a\($0)}" } }),
    ("layers with one name", { n in layers(n) { _ in "{relu: , name: a}" } }),
    ("references to nothing", { n in layers(n) { "add: {from: [a\($0), b\($0)]}" } }),
    (
      "networks",
      { n in
        model + "networks:\n"
          + many(n) { "  n\($0): {inputs: {x: image}, layers: [flatten, linear: 1]}\n" }
      }
    ),
    (
      "inputs of a network",
      { n in
        model
          + "networks:\n  n: {inputs: {\(many(n, ", ") { "x\($0): image" })}, layers: [flatten, linear: 1]}\n"
      }
    ),
    (
      "blocks that nothing uses",
      { n in "blocks: {\(many(n, ", ") { "b\($0): [relu]" })}\n" + model }
    ),
    ("comments above the first key", { n in many(n) { "# \($0)\n" } + model }),
    (
      "merged mappings",
      { n in "m: {<<: [\(many(n, ", ") { "{q\($0): 1, r\($0): 2}" })]}\n" + model }
    ),
  ]

  @Test("time grows with the text, not with its square", arguments: 0..<texts.count)
  func growth(place: Int) {
    let (name, text) = Self.texts[place]
    func seconds(_ count: Int) -> Double {
      let bytes = Array(text(count).utf8)
      let checker = ModelChecker(
        catalog: .standard, path: "model.yaml", texts: ["model.yaml": bytes])
      return processorSeconds { _ = checker.check() }
    }
    _ = seconds(10)
    let (less, more) = (seconds(1500), seconds(6000))
    // Of four times the text; what a check takes anyhow, and what fixes are tried for, is within the second.
    #expect(more < 7 * less + 1, "\(name): \(less) s, and of four times as many \(more) s")
  }

  @Test("sizes of images that nobody trains on are refused as fast as others")
  func hugeImages() {
    let text = Self.model.replacing("height: 8, width: 8", with: "height: 65536, width: 65536")
    let checker = ModelChecker(
      catalog: .standard, path: "model.yaml", texts: ["model.yaml": Array(text.utf8)])
    var hasErrors = false
    let seconds = processorSeconds { hasErrors = checker.check().hasErrors }
    #expect(hasErrors)
    #expect(seconds < 5)
  }
}
