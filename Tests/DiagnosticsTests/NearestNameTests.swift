import Diagnostics
import Testing

struct NearestNameTests {
  @Test(arguments: [
    ("kernel_sise", "kernel_size"), ("kernelsize", "kernel_size"), ("padidng", "padding"),
    ("Stride", "stride"),
    ("strde", "stride"), ("bia", "bias"),
  ])
  func `a misspelt name has the one that was meant`(name: String, meant: String) {
    #expect(nearestName(to: name, among: ["kernel_size", "stride", "padding", "bias"]) == meant)
  }

  @Test(arguments: ["", "x", "zebra", "bbbb", "kernel"]) func `a name far from all has none`(name: String) {
    #expect(nearestName(to: name, among: ["kernel_size", "stride", "padding", "bias"]) == nil)
  }

  @Test func `of equally near names the first wins`() {
    #expect(nearestName(to: "ab", among: ["ac", "ad"]) == "ac")
  }

  @Test func `a name of a million characters is compared at once`() {
    let long = String(repeating: "a", count: 1_000_000)
    #expect(nearestName(to: long, among: ["stride", "padding"]) == nil)
  }
}
