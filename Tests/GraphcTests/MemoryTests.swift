import Foundation
import TestSupport
import Testing

/// What `check` says of memory, and what `train` takes.
@Suite struct MemoryTests {
  /// Debug builds have larger code than the prediction is made for.
  private static var allowance: Int {
    #if DEBUG
      6_000_000
    #else
      0
    #endif
  }

  @Test(
    "the predicted peak is within a tenth of what training takes",
    arguments: [("tutorial-dcgan", []), ("dcgan-32", ["train.data.synthetic.count=2000"])])
  func predictionHolds(model: String, overrides: [String]) throws {
    try withGraphc { graphc throws in
      let path = "\(packageRoot())/models/\(model).yaml"
      let settings = overrides.flatMap { ["--set", $0] } + ["--threads", "2"]
      let check = try graphc.run(["check", path, "--format", "json"] + settings)
      let predicted = try #require(try JSON(check.output)["step"]["peak_memory_bytes"].int)
      let outcome = try graphc.run(
        ["train", path, "--out", "run", "--max-steps", "2", "--set", "train.sample_every=1"]
          + ["--set", "train.checkpoint_every=1"] + settings)
      #expect(outcome.status == 0)
      let taken = try #require(
        outcome.messages.firstMatch(of: /peak_memory_bytes=(\d+)/).flatMap { Int($0.1) })
      #expect(
        abs(taken - predicted) <= predicted / 10 + Self.allowance, "\(taken) taken, \(predicted) predicted")
    }
  }
}
