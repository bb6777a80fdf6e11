@testable import Training

/// A row whose values follow from its step.
func sampleRow(_ step: Int) -> MetricsRow {
  MetricsRow(
    step: step, epoch: step / 10, lossD: 1 + 0.1 * Float(step % 7), lossG: 2 - 0.1 * Float(step % 5),
    dReal: 0.75, dFake: 0.1, imagesPerSecond: 812.5, dataWaitMilliseconds: 0.125)
}
