import Glibc
import Synchronization

/// Notes that the user or the system asked to stop, so that the loop can end after its step and save.
///
/// | signal | until `install` | while training |
/// |---|---|---|
/// | INT, TERM, HUP, USR1, USR2, XCPU | ends the program | the step is finished, the state saved; exit code 128 + number |
/// | INT, half a second or more after the first of these | | ends the program, once a checkpoint in hand is whole |
/// | XFSZ, PIPE | is ignored: what cannot be written is an error of that file | so too |
///
/// One that was ignored when the program started stays ignored: a shell starts what it runs in the background of a
/// script with INT ignored, and `nohup` with HUP. Batch systems signal a process and its group, so that two come at
/// once: only a person's second Ctrl-C is one that counts.
enum StopSignals {
  private static let numbers = [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU]

  /// How long after the first signal an interrupt is another one, in milliseconds.
  private static let deliberateAfter: Int64 = 500

  /// The time of the first signal in milliseconds, and in the last byte its number; zero before.
  private static let first = Atomic<Int64>(0)
  private static let isSaving = Atomic(false)
  private static let leavesAfterSaving = Atomic(false)
  /// A training in stages installs them for each.
  private static let isInstalled = Atomic(false)

  /// Ignores the signals whose cause is an error of the system call that met it.
  static func ignoreErrors() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
  }

  /// Takes the signals from now on.
  static func install() {
    if isInstalled.exchange(true, ordering: .relaxed) { return }
    // The handler must find the variables made.
    first.store(0, ordering: .relaxed)
    isSaving.store(false, ordering: .relaxed)
    leavesAfterSaving.store(false, ordering: .relaxed)
    var taken = sigset_t()
    unsafe sigemptyset(&taken)
    for number in numbers where !isIgnored(number) {
      unsafe sigaddset(&taken, number)
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { StopSignals.note($0) }
      action.sa_flags = SA_RESTART
      unsafe sigemptyset(&action.sa_mask)
      unsafe sigaction(number, &action, nil)
    }
    // Whoever started the program may have left them blocked.
    unsafe sigprocmask(SIG_UNBLOCK, &taken, nil)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    unsafe sigaction(number, nil, &action)
    let handler = unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    let ignoring = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
    return handler == ignoring
  }

  /// What the handler does: nothing that takes a lock or memory.
  private static func note(_ number: Int32) {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    let milliseconds = Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    let (isFirst, before) = first.compareExchange(
      expected: 0, desired: milliseconds << 8 | Int64(number), ordering: .sequentiallyConsistent)
    if isFirst || number != SIGINT || milliseconds - before >> 8 < deliberateAfter { return }
    leavesAfterSaving.store(true, ordering: .sequentiallyConsistent)
    if !isSaving.load(ordering: .sequentiallyConsistent) { _exit(128 + SIGINT) }
  }

  /// The first signal that came, or nil.
  static var pending: Int32? {
    let word = first.load(ordering: .relaxed)
    return word == 0 ? nil : Int32(word & 0xFF)
  }

  /// A checkpoint is begun: no signal ends the program until it is whole.
  static func willSave() { isSaving.store(true, ordering: .sequentiallyConsistent) }

  static func didSave() {
    isSaving.store(false, ordering: .sequentiallyConsistent)
    if leavesAfterSaving.load(ordering: .sequentiallyConsistent) { _exit(128 + SIGINT) }
  }
}
