import Files
import Synchronization
import Threads

/// The memory of one batch, which goes from hand to hand: the loader assigns it examples, a thread fills it,
/// the loader hands it on.
final class BatchSlot: Sendable {
  private struct Contents {
    var epoch = 0
    var indices: [Int] = []
    /// The values of each field, example after example.
    var buffers: [[Float]]
    var error: FileError?
  }

  private let dataset: Dataset
  private let fields: [Dataset.Field]
  private let contents: Guarded<Contents>
  private let ready = Semaphore()
  /// Whether the caller has seen that the slot is filled.
  private let isFilled = Atomic(false)
  private let isCancelled = Atomic(false)

  init(_ dataset: Dataset, fields: [Dataset.Field], batchSize: Int) {
    self.dataset = dataset
    self.fields = fields
    contents = Guarded(
      Contents(buffers: fields.map { Array(repeating: 0, count: batchSize * $0.valueCount) }))
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
        for (place, index) in contents.indices.enumerated() {
          if isCancelled.load(ordering: .relaxed) { break }
          try dataset.fill(fields, at: index, epoch: contents.epoch, into: &contents.buffers, place: place)
        }
      } catch {
        contents.error = error
      }
    }
    ready.signal()
  }

  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// Fills the slot on the caller's thread, unless it is filled.
  func prepareOnce() { if !isFilled.load(ordering: .relaxed) { prepare() } }

  func isReady(withinMilliseconds milliseconds: Int) -> Bool {
    if !isFilled.load(ordering: .relaxed), ready.wait(milliseconds: milliseconds) {
      isFilled.store(true, ordering: .relaxed)
    }
    return isFilled.load(ordering: .relaxed)
  }

  /// The caller has what it holds.
  func take() { isFilled.store(false, ordering: .relaxed) }

  /// Shows the values of each field; where filling failed, says so, now and ever after.
  func withValues(_ body: ([[Float]]) -> Void) throws(FileError) {
    try contents.withLock { contents throws(FileError) in
      if let error = contents.error { throw error }
      body(contents.buffers)
    }
  }
}
