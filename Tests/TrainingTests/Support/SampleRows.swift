@testable import Training

/// A row whose values follow from its step.
func sampleRow(_ step: Int) -> MetricsRow {
  MetricsRow(
    step: step, epoch: step / 10,
    metrics: [
      .init("loss_d", 1 + 0.1 * Float(step % 7)), .init("loss_g", 2 - 0.1 * Float(step % 5)),
      .init("d_real", 0.75), .init("d_fake", 0.1),
    ], imagesPerSecond: 812.5, dataWaitMilliseconds: 0.125)
}
