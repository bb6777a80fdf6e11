import Dispatch
import Interchange
import Synchronization

/// Prepares the batches of the coming training steps on threads of its own while a step computes.
///
/// A batch is a function of its step (`BatchSchedule`, `Dataset.fill`): when the threads get to it changes
/// nothing. After the first few batches nothing is allocated for one whose images are kept in memory.
public final class BatchLoader {
  /// What a batch holds, and what it cost.
  public struct Batch: Hashable, Sendable {
    public var step: Int
    public var epoch: Int
    /// How many images there are; fewer than a batch's size only in an epoch's last one.
    public var count: Int
    /// How long the caller stood still because the batch was not ready.
    public var secondsWaited: Double
  }

  private let schedule: BatchSchedule
  private let imageSize: Int
  /// Batch k lies in the slot k modulo their number.
  private let slots: [BatchSlot]
  /// Runs one task for each batch that is not ready.
  private let queue = DispatchQueue(label: "graphc.data", attributes: .concurrent)
  private let tasks = DispatchGroup()
  /// The step of the next batch that the caller gets, and of the next that a thread is to prepare.
  private var nextStep: Int
  private var nextPrepared: Int
  /// The order of the images in the epoch of the batch that was given to a thread last.
  private var order: [Int] = []
  private var orderEpoch: Int?
  private var isStopped = false

  /// One batch for the step to come and two in reserve for images that take longer.
  public static let defaultDepth = 3

  /// Starts to prepare batches.
  ///
  /// - Parameters:
  ///   - schedule: For as many images as the data set has.
  ///   - step: The first step; steps count from zero.
  ///   - depth: How many batches are prepared ahead, each by a thread.
  public init(_ dataset: Dataset, schedule: BatchSchedule, startingAt step: Int, depth: Int = defaultDepth) {
    precondition(schedule.imageCount == dataset.count, "the schedule is one for other images")
    precondition(step >= 0 && depth >= 1, "steps count from zero, and a batch needs a slot")
    self.schedule = schedule
    imageSize = dataset.imageSize
    slots = (0..<depth).map { _ in BatchSlot(dataset, batchSize: schedule.batchSize) }
    nextStep = step
    nextPrepared = step
    for _ in slots { prepareNext() }
  }

  deinit { stop() }

  /// Ends the threads' work, and returns once none of them works any more.
  public func stop() {
    isStopped = true
    for slot in slots { slot.cancel() }
    tasks.wait()
  }

  /// Copies the next step's images to the beginning of a span: `[count, height, width, channels]`.
  ///
  /// - Parameter span: At least a batch's size times `Dataset.imageSize` floats.
  /// - Throws: `FileError` where one of the step's images cannot be decoded; then again at every call.
  /// - Precondition: `stop()` was not called.
  public func next(into span: inout MutableSpan<Float>) throws(FileError) -> Batch {
    precondition(!isStopped, "a loader that was stopped has no batches")
    let slot = slots[nextStep % slots.count]
    let start = ContinuousClock.now
    slot.waitUntilReady()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let (epoch, places) = schedule.batch(at: nextStep)
    try slot.copy(places.count * imageSize, to: &span)
    let batch = Batch(step: nextStep, epoch: epoch, count: places.count, secondsWaited: seconds)
    nextStep += 1
    prepareNext()
    return batch
  }

  /// Has a thread prepare the next batch, whose slot is free.
  private func prepareNext() {
    let (epoch, places) = schedule.batch(at: nextPrepared)
    if orderEpoch != epoch {
      order = schedule.order(ofEpoch: epoch)
      orderEpoch = epoch
    }
    let slot = slots[nextPrepared % slots.count]
    slot.assign(order[places], epoch: epoch)
    nextPrepared += 1
    queue.async(group: tasks) { slot.prepare() }
  }
}

/// The memory of one batch, which goes from hand to hand: the loader assigns it images, a thread fills it,
/// the loader copies it.
private final class BatchSlot: Sendable {
  private struct Contents {
    var epoch = 0
    var indices: [Int] = []
    var values: [Float]
    var error: FileError?
  }

  private let dataset: Dataset
  private let contents: Mutex<Contents>
  private let ready = DispatchSemaphore(value: 0)
  private let isCancelled = Atomic(false)

  init(_ dataset: Dataset, batchSize: Int) {
    self.dataset = dataset
    contents = Mutex(Contents(values: Array(repeating: 0, count: batchSize * dataset.imageSize)))
  }

  func assign(_ indices: ArraySlice<Int>, epoch: Int) {
    contents.withLock { contents in
      contents.epoch = epoch
      contents.indices.removeAll(keepingCapacity: true)
      contents.indices += indices
    }
  }

  /// Fills the slot, and says that it is ready.
  func prepare() {
    contents.withLock { contents in
      do throws(FileError) {
        let (indices, epoch) = (contents.indices, contents.epoch)
        var span = contents.values.mutableSpan
        for (place, index) in indices.enumerated() {
          if isCancelled.load(ordering: .relaxed) { break }
          try dataset.fill(index, epoch: epoch, into: &span, at: place * dataset.imageSize)
        }
      } catch {
        contents.error = error
      }
    }
    ready.signal()
  }

  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  func waitUntilReady() { ready.wait() }

  /// Copies the first values; where filling failed, says so, now and ever after.
  func copy(_ count: Int, to span: inout MutableSpan<Float>) throws(FileError) {
    try contents.withLock { contents throws(FileError) in
      if let error = contents.error {
        ready.signal()
        throw error
      }
      for index in 0..<count { span[index] = contents.values[index] }
    }
  }
}
