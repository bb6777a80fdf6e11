import Glibc
import Synchronization
import Testing
import Threads

@Suite struct ThreadsTests {
  @Test(arguments: [0, 1, 2, 17]) func eachNumberIsWorkedOnOnce(count: Int) {
    let calls = Guarded([Int](repeating: 0, count: count))
    performConcurrently(count) { number in calls.withLock { $0[number] += 1 } }
    #expect(calls.withLock { $0 } == Array(repeating: 1, count: count))
  }

  @Test func whatIsSignalledIsTakenOnce() throws {
    let semaphore = Semaphore()
    #expect(!semaphore.wait(milliseconds: 0))
    semaphore.signal()
    semaphore.signal()
    #expect(semaphore.wait())
    #expect(semaphore.wait(milliseconds: 1000))
    let clock = ContinuousClock()
    let began = clock.now
    #expect(!semaphore.wait(milliseconds: 30))
    #expect(clock.now - began >= .milliseconds(30))
    let thread = try #require(
      WorkerThread {
        usleep(20_000)
        semaphore.signal()
      })
    #expect(semaphore.wait())
    thread.join()
    thread.join()
  }

  @Test func whereTheSystemStartsNoThreadTheCallerDoesTheWork() async {
    await #expect(processExitsWith: .success) {
      // No room for one more stack.
      var usage = [CChar](repeating: 0, count: 256)
      let file = unsafe open("/proc/self/statm", O_RDONLY)
      _ = unsafe read(file, &usage, 255)
      close(file)
      let pages = usage.prefix { $0 != 32 }.reduce(0) { $0 * 10 + UInt($1 - 48) }
      var limit = rlimit(rlim_cur: pages * 4096, rlim_max: pages * 4096)
      #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
      #expect(WorkerThread {} == nil)
      let sum = Atomic(0)
      performConcurrently(8) { number in sum.add(number, ordering: .relaxed) }
      #expect(sum.load(ordering: .relaxed) == 28)
    }
  }
}
