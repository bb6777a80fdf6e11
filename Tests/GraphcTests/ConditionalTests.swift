import Foundation
import Interchange
import TestSupport
import Testing

/// Models that are told a class, and whether they make what they are told.
@Suite struct ConditionalTests {
  /// Narrower than the model and with larger steps, so that it learns in the time that a test has.
  private static let settings = [
    "let.width=32", "train.optimizer.adam.lr=0.001", "train.sample_every=100000",
    "train.checkpoint_every=100000",
  ]

  @Test("at least 95 of 100 digits are of the class that was asked for")
  func classesAreMade() throws {
    let classifier = try DigitClassifier()
    #expect(classifier.accuracy > 0.93)
    try withGraphc { graphc throws in
      let trained = try graphc.run(
        ["train", "\(packageRoot())/models/acgan.yaml", "--out", "run", "--max-steps", "1000"]
          + Self.settings.flatMap { ["--set", $0] })
      #expect(trained.status == 0, "\(trained.messages)")
      var right = 0
      for kind in 0...9 {
        let sampled = try graphc.run(
          "sample", "run", "--class", "\(kind)", "--count", "10", "--each", "of-\(kind)", "--seed", "1")
        #expect(sampled.status == 0, "\(sampled.messages)")
        let names = try RunFiles(folder: graphc.folder).names(in: "of-\(kind)").filter {
          $0.hasSuffix(".png")
        }
        #expect(names.count == 10)
        for name in names {
          let image = try Image(contentsOf: "\(graphc.folder)/of-\(kind)/\(name)")
          right += classifier.classify(image.pixels) == kind ? 1 : 0
        }
      }
      #expect(right >= 95, "\(right) of 100")
    }
  }
}
