import ArgumentParser

struct Anomaly: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell abnormal images from normal ones, by a generator that was trained on normal ones.",
    discussion: """
      What the generator cannot draw is abnormal: each image is reconstructed, and scored by what is left. \
      `fit` learns from normal images that the training has not seen which scores are normal; `score` judges.
      """,
    subcommands: [AnomalyFit.self, AnomalyScore.self])
}
