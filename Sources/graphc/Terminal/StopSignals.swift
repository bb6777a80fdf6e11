import Glibc
import Synchronization

/// Notes that the user or the system asked to stop, so that the loop can end after its step.
///
/// A second signal ends the program at once.
enum StopSignals {
  private static let received = Atomic<Int32>(0)

  /// Takes SIGINT and SIGTERM from now on.
  static func install() {
    // The handler must find the variable made.
    received.store(0, ordering: .relaxed)
    // Whoever started the program may have left them blocked.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGINT)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigprocmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if StopSignals.received.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
      }
    }
  }

  /// The signal that came, or nil.
  static var pending: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}
