import Glibc
import Synchronization

/// A thread of the program's own, whose start may fail: a limit of threads or of memory is the system's answer, not
/// a bug.
@safe public final class WorkerThread: Sendable {
  /// What a thread is given: a reference that it owns.
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private let thread: pthread_t
  private let isJoined = Atomic(false)

  /// Decoders of images need a few hundred kilobytes; the usual 8 MB would fill a limited address space.
  public static let usualStackBytes = 1 << 20

  /// Starts a thread; nil where the system starts none.
  ///
  /// Signals go to the program's first thread, so that what it waits for is interrupted.
  public init?(stackBytes: Int = usualStackBytes, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    var (all, before) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let work = unsafe Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let code = unsafe pthread_create(
      &thread, &attributes,
      { work in
        unsafe Unmanaged<Work>.fromOpaque(work!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      unsafe work.release()
      return nil
    }
    self.thread = thread
  }

  /// Returns once the thread has ended.
  public func join() {
    if !isJoined.exchange(true, ordering: .relaxed) { pthread_join(thread, nil) }
  }
}

/// Calls the body once for each number below `count`, on as many threads, the caller's among them; what the system
/// starts no thread for is done on the caller's.
public func performConcurrently(
  _ count: Int, stackBytes: Int = WorkerThread.usualStackBytes, _ body: @escaping @Sendable (Int) -> Void
) {
  guard count > 0 else { return }
  var threads: [WorkerThread] = []
  var next = 1
  while next < count, let thread = WorkerThread(stackBytes: stackBytes, { [next] in body(next) }) {
    threads.append(thread)
    next += 1
  }
  body(0)
  while next < count {
    body(next)
    next += 1
  }
  for thread in threads { thread.join() }
}

/// The results of the body for each number below `count`, in their order, on up to so many threads: whoever is done
/// takes the next number.
public func mapConcurrently<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Result
) -> [Result] {
  let results = Guarded([Result?](repeating: nil, count: count))
  let next = Atomic(0)
  performConcurrently(min(threads, count)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let result = body(index)
      results.withLock { $0[index] = result }
    }
  }
  return results.withLock { results in
    results.map { result in
      guard let result else { preconditionFailure("a body was not called") }
      return result
    }
  }
}

/// Counts what is there to be taken, and lets threads wait for it. Its memory is touched under its mutex alone.
@safe public final class Semaphore: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private let count: UnsafeMutablePointer<Int>

  public init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe count = .allocate(capacity: 1)
    unsafe count.initialize(to: 0)
    unsafe pthread_mutex_init(mutex, nil)
    // A clock that nobody sets: a wait must not end hours late.
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
    unsafe count.deallocate()
  }

  /// One more is there.
  public func signal() {
    unsafe pthread_mutex_lock(mutex)
    unsafe count.pointee += 1
    unsafe pthread_cond_signal(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Takes one, and waits until there is one.
  ///
  /// - Parameter milliseconds: How long at most; nil waits for ever.
  /// - Returns: Whether one was taken.
  @discardableResult public func wait(milliseconds: Int? = nil) -> Bool {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    var end = timespec()
    if let milliseconds {
      unsafe clock_gettime(CLOCK_MONOTONIC, &end)
      let nanoseconds = end.tv_nsec + milliseconds % 1000 * 1_000_000
      end.tv_sec += milliseconds / 1000 + nanoseconds / 1_000_000_000
      end.tv_nsec = nanoseconds % 1_000_000_000
    }
    while unsafe count.pointee == 0 {
      if milliseconds == nil {
        unsafe pthread_cond_wait(condition, mutex)
      } else if unsafe pthread_cond_timedwait(condition, mutex, &end) == ETIMEDOUT, unsafe count.pointee == 0
      {
        return false
      }
    }
    unsafe count.pointee -= 1
    return true
  }
}

/// A value that one thread at a time can touch. Its memory is touched under its mutex alone.
///
/// The standard library's `Mutex` is a futex that the thread sanitizer does not see, and takes for none.
@safe public final class Guarded<Value>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  public init(_ value: sending Value) {
    unsafe mutex = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    self.value = value
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  /// Waits until no other thread touches the value.
  public func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
