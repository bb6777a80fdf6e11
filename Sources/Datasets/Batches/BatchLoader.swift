import Files
import Interchange
import Synchronization
import Threads

/// Prepares the batches of the coming training steps on threads of its own while a step computes; where the system
/// starts none, each when it is asked for.
///
/// A batch is a function of its step (`BatchSchedule`, `Dataset.fill`): when the threads get to it changes
/// nothing. After the first few batches nothing is allocated for one whose images are kept in memory.
public final class BatchLoader {
  /// What a batch holds, and what it cost.
  public struct Batch: Hashable, Sendable {
    public var step: Int
    public var epoch: Int
    /// How many examples there are; fewer than a batch's size only in an epoch's last one.
    public var count: Int
    /// How long the caller stood still because the batch was not ready.
    public var secondsWaited: Double
  }

  private let schedule: BatchSchedule
  private let fields: [Dataset.Field]
  /// Batch k lies in the slot k modulo their number.
  private let slots: [BatchSlot]
  private let assignments = Assignments()
  /// Those that the system started, as many as there are slots at most.
  private let threads: [WorkerThread]
  /// How long the caller has waited for the next batch, in seconds.
  private var secondsWaited = 0.0
  /// The step of the next batch that the caller gets, and of the next that a thread is to prepare.
  private var nextStep: Int
  private var nextPrepared: Int
  /// The order of the examples in the epoch of the batch that was given to a thread last.
  private var order: [Int] = []
  private var orderEpoch: Int?
  private var isStopped = false

  /// One batch for the step to come and two in reserve for images that take longer.
  public static let defaultDepth = 3

  /// Starts to prepare batches.
  ///
  /// - Parameters:
  ///   - fields: Those of the data set that batches are to have.
  ///   - schedule: For as many examples as the data set has.
  ///   - step: The first step; steps count from zero.
  ///   - depth: How many batches are prepared ahead, each by a thread.
  public init(
    _ dataset: Dataset, fields: [Dataset.Field], schedule: BatchSchedule, startingAt step: Int,
    depth: Int = defaultDepth
  ) {
    precondition(schedule.imageCount == dataset.count, "the schedule is one for other images")
    precondition(step >= 0 && depth >= 1, "steps count from zero, and a batch needs a slot")
    self.schedule = schedule
    self.fields = fields
    slots = (0..<depth).map { _ in BatchSlot(dataset, fields: fields, batchSize: schedule.batchSize) }
    var threads: [WorkerThread] = []
    while threads.count < depth, let thread = WorkerThread({ [assignments] in assignments.work() }) {
      threads.append(thread)
    }
    self.threads = threads
    nextStep = step
    nextPrepared = step
    for _ in slots { prepareNext() }
  }

  deinit { stop() }

  /// Ends the threads' work, and returns once none of them works any more.
  public func stop() {
    isStopped = true
    for slot in slots { slot.cancel() }
    assignments.close(threads.count)
    for thread in threads { thread.join() }
  }

  /// Waits for the next batch.
  ///
  /// - Parameter isInterrupted: Is asked now and then, at least ten times a second.
  /// - Returns: Whether `next` has the batch at once; false where the wait was interrupted.
  /// - Precondition: `stop()` was not called.
  public func waitForNext(unless isInterrupted: () -> Bool) -> Bool {
    precondition(!isStopped, "a loader that was stopped has no batches")
    let slot = slots[nextStep % slots.count]
    let start = ContinuousClock.now
    defer { secondsWaited += (ContinuousClock.now - start) / .seconds(1) }
    if threads.isEmpty { slot.prepareOnce() }
    while !slot.isReady(withinMilliseconds: 50) {
      if isInterrupted() { return false }
    }
    return true
  }

  /// Gives the next step's batch, field by field.
  ///
  /// - Parameter take: Is called for each field with its values for all examples of the batch, those of an
  ///   example together: `[count, height, width, channels]`, or `[count]` for labels. They are there during
  ///   the call alone.
  /// - Throws: `FileError` where one of the step's images cannot be decoded; then again at every call.
  /// - Precondition: `stop()` was not called.
  public func next(_ take: (_ field: Dataset.Field, _ values: Span<Float>) -> Void) throws(FileError) -> Batch
  {
    _ = waitForNext(unless: { false })
    let slot = slots[nextStep % slots.count]
    let (epoch, places) = schedule.batch(at: nextStep)
    try slot.withValues { buffers in
      for (number, field) in fields.enumerated() {
        let buffer = buffers[number]
        take(field, buffer.span.extracting(first: places.count * field.valueCount))
      }
    }
    let batch = Batch(step: nextStep, epoch: epoch, count: places.count, secondsWaited: secondsWaited)
    secondsWaited = 0
    slot.take()
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
    if !threads.isEmpty { assignments.add(slot) }
  }
}

/// The slots that are to be filled, in their order, and the threads' way to them.
private final class Assignments: Sendable {
  private let slots = Guarded<[BatchSlot]>([])
  private let count = Semaphore()
  private let isClosed = Atomic(false)

  func add(_ slot: BatchSlot) {
    slots.withLock { $0.append(slot) }
    count.signal()
  }

  /// Lets so many threads end.
  func close(_ threads: Int) {
    if isClosed.exchange(true, ordering: .releasing) { return }
    for _ in 0..<threads { count.signal() }
  }

  /// What a thread does: it fills slots until there will be none.
  func work() {
    while true {
      count.wait()
      if isClosed.load(ordering: .acquiring) { return }
      slots.withLock { $0.removeFirst() }.prepare()
    }
  }
}
