import Files
import Interchange
import Synchronization
import Threads

/// Encodes images and writes them to files on threads of its own, while the caller makes the next ones. No more
/// than a few wait at once.
public final class PNGWriters: Sendable {
  private struct Job: Sendable {
    var image: Image
    var path: String
  }

  private final class Shared: Sendable {
    let jobs = Guarded<[Job]>([])
    let failure = Guarded<FileError?>(nil)
    let filled = Semaphore()
    let free = Semaphore()
    let replacement: Replacement

    init(_ replacement: Replacement) { self.replacement = replacement }

    /// Writes what waits, until the end is announced.
    func work() {
      while true {
        filled.wait()
        guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
        write(job)
        free.signal()
      }
    }

    func write(_ job: Job) {
      guard failure.withLock({ $0 == nil }) else { return }
      do throws(FileError) {
        let writer = try AtomicFileWriter(path: job.path, replacing: replacement)
        try writer.write(job.image.encodedPNG())
        try writer.commit(isDurable: false)
      } catch {
        failure.withLock { if $0 == nil { $0 = error } }
      }
    }
  }

  private let shared: Shared
  private let threads: [WorkerThread]

  /// - Parameter threads: How many; where the system starts none, the caller's thread does the work.
  public init(threads count: Int, replacing replacement: Replacement) {
    let shared = Shared(replacement)
    self.shared = shared
    var threads: [WorkerThread] = []
    while threads.count < count, let thread = WorkerThread({ shared.work() }) { threads.append(thread) }
    self.threads = threads
    for _ in 0..<threads.count * 8 { shared.free.signal() }
  }

  /// Hands an image over; waits while too many do.
  ///
  /// - Throws: The first error of any file that was handed over before.
  public func write(_ image: Image, to path: String) throws(FileError) {
    let job = Job(image: image, path: path)
    if threads.isEmpty {
      shared.write(job)
    } else {
      shared.free.wait()
      shared.jobs.withLock { $0.append(job) }
      shared.filled.signal()
    }
    if let failure = shared.failure.withLock({ $0 }) { throw failure }
  }

  /// Waits until all is written. Must be called once, last, also after an error.
  public func finish() throws(FileError) {
    for _ in threads { shared.filled.signal() }
    for thread in threads { thread.join() }
    if let failure = shared.failure.withLock({ $0 }) { throw failure }
  }
}
