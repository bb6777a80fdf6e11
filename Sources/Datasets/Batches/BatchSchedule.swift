import GraphIR

/// Which images each training step sees: a function of the seed and the step alone, so that a run which
/// is resumed goes on as if it had never stopped.
///
/// Every epoch goes through all images once, in an order of its own. Steps and epochs count from zero.
public struct BatchSchedule: Hashable, Sendable {
  public let imageCount: Int
  public let batchSize: Int
  public let dropsLast: Bool
  public let seed: Int
  /// At least one.
  public let stepsPerEpoch: Int

  /// - Parameter dropsLast: Whether the images are left out that do not fill an epoch's last batch; else
  ///   that batch is smaller.
  /// - Returns: Nil where no epoch would have a step: there are no images, or fewer than a batch while
  ///   `dropsLast`.
  /// - Precondition: `batchSize` ≥ 1.
  public init?(imageCount: Int, batchSize: Int, dropsLast: Bool, seed: Int) {
    precondition(batchSize >= 1, "a batch has images")
    self.imageCount = imageCount
    self.batchSize = batchSize
    self.dropsLast = dropsLast
    self.seed = seed
    stepsPerEpoch = imageCount / batchSize + (dropsLast || imageCount % batchSize == 0 ? 0 : 1)
    if stepsPerEpoch == 0 { return nil }
  }

  /// A step's images by their places in its epoch's order.
  public func batch(at step: Int) -> (epoch: Int, places: Range<Int>) {
    let (epoch, number) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
    let start = number * batchSize
    return (epoch, start..<min(start + batchSize, imageCount))
  }

  /// The indices of all images in the order in which an epoch goes through them.
  ///
  /// Source: R. Durstenfeld, "Algorithm 235: Random permutation" (CACM 1964), after Fisher and Yates.
  public func order(ofEpoch epoch: Int) -> [Int] {
    let random = RandomSource(seed: seed, stream: .dataOrder, step: epoch)
    var order = Array(0..<imageCount)
    for last in stride(from: imageCount - 1, to: 0, by: -1) {
      order.swapAt(last, random.integer(last, below: last + 1))
    }
    return order
  }

  /// The epoch of a step, and the indices of its images.
  ///
  /// - Complexity: O(`imageCount`); those who need many steps keep their epoch's order.
  public func images(at step: Int) -> (epoch: Int, indices: [Int]) {
    let (epoch, places) = batch(at: step)
    return (epoch, Array(order(ofEpoch: epoch)[places]))
  }
}
