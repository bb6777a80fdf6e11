import Diagnostics
import Foundation
import Lowering
import TestSupport
import Testing

/// Warnings before training, and the comments that silence them. What each says is among the goldens.
struct AdviceTests {
  @Test(arguments: files(in: packageRoot() + "/models", endingIn: ".yaml"))
  func `the models that are shipped get no advice`(name: String) throws {
    let text = try String(contentsOfFile: packageRoot() + "/models/" + name, encoding: .utf8)
    let checked = check(text)
    #expect(checked.advice == [], "\(checked.rendered)")
  }

  /// A model whose slope and momentum are odd.
  private static func model(slope: String = "", norm: String = "", above: String = "", head: String = "")
    -> String
  {
    head
      + SmallModel.with {
        $0.generator = $0.generator.replacing(
          "  - batch_norm2d\n", with: "  - batch_norm2d: {momentum: 0.9}\(norm)\n")
        $0.discriminator = $0.discriminator.replacing(
          "  - leaky_relu: 0.2\n", with: "\(above)  - leaky_relu: 2\(slope)\n")
      }
  }

  private let code = "advice/odd-value"

  @Test func `without a comment each is told`() {
    #expect(check(Self.model()).advice == [code, code])
  }

  @Test func `a comment silences its own line`() {
    #expect(check(Self.model(slope: "  # graphc: allow advice/odd-value")).advice == [code])
    #expect(check(Self.model(norm: "  # meant: # graphc: allow advice/odd-value")).advice == [code])
  }

  @Test func `a comment alone silences the line below it`() {
    #expect(check(Self.model(above: "  # graphc: allow advice/odd-value\n")).advice == [code])
  }

  @Test func `a comment at the top silences the file`() {
    #expect(
      check(Self.model(head: "# A model.\n# graphc: allow advice/checkerboard, advice/odd-value\n")).advice
        == [])
  }

  @Test func `a comment of another code silences nothing`() {
    #expect(check(Self.model(slope: "  # graphc: allow advice/checkerboard")).advice == [code, code])
    #expect(check(Self.model(slope: "  # allow advice/odd-value")).advice == [code, code])
  }

  @Test func `an error cannot be silenced`() {
    let text = SmallModel.with {
      $0.discriminator = $0.discriminator.replacing(
        "1, kernel_size: 4}", with: "1, kernel_size: 9}  # graphc: allow shape/kernel-too-large")
    }
    #expect(check(text).codes == ["shape/kernel-too-large"])
  }

  @Test func `a model with errors gets no advice`() {
    #expect(check(Self.model() + "unknown: 3\n").advice.isEmpty)
  }
}
