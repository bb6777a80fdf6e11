import Glibc

/// A program that runs beside this one, whose output is read as it comes. It ends when the value does.
///
/// It reads nothing, and signals act in it as they do in a program that a shell starts.
package struct RunningProgram: ~Copyable {
  /// How a program ended, and what it said of it.
  package struct End {
    /// The exit code; 128 and the number of a signal that ended it, as shells count.
    package let code: Int32
    /// What it wrote to its standard error.
    package let message: String
  }

  private let process: pid_t
  private let output: OpenFile
  private let errors: OpenFile
  private var hasEnded = false

  /// Starts a program, which is looked for as a shell does; nil where there is none of this name.
  ///
  /// - Throws: `FileError` where the system starts none.
  package static func start(_ name: String, _ arguments: [String]) throws(FileError) -> RunningProgram? {
    let output = try Pipe(for: name)
    let errors = try Pipe(for: name)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output.writing.descriptor, STDOUT_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors.writing.descriptor, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    unsafe sigemptyset(&defaults)
    for number in [SIGPIPE, SIGXFSZ] { unsafe sigaddset(&defaults, number) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    // The thread that starts it may have signals blocked.
    var blocked = sigset_t()
    unsafe sigemptyset(&blocked)
    unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var process: pid_t = 0
    var words: [UnsafeMutablePointer<CChar>?] = unsafe ([name] + arguments).map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    let code = unsafe posix_spawnp(&process, name, &actions, &attributes, &words, environ)
    guard code == 0 else {
      if code == ENOENT { return nil }
      throw .starting(name, code: code)
    }
    // The writing ends are closed here, or reading would never come to an end.
    return RunningProgram(process, output: output.takeReading(), errors: errors.takeReading())
  }

  private init(_ process: pid_t, output: consuming OpenFile, errors: consuming OpenFile) {
    self.process = process
    self.output = output
    self.errors = errors
  }

  deinit {
    guard !hasEnded else { return }
    kill(process, SIGKILL)
    _ = Self.wait(for: process)
  }

  /// The next bytes that it writes, at most 64 KiB; none where it has ended, nil where none came for a tenth of a
  /// second.
  package func read() throws(FileError) -> [UInt8]? {
    var state = pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&state, 1, 100) > 0 else { return nil }
    return try output.readSome(limit: 1 << 16)
  }

  /// Waits for its end, once all is read.
  package consuming func end() throws(FileError) -> End {
    // A message of a few lines, which fits what a pipe holds.
    let message = try errors.read(count: 1 << 14, of: UInt8.self)
    hasEnded = true
    return End(code: Self.wait(for: process), message: String(decoding: message, as: UTF8.self))
  }

  private static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }
}

/// A pipe's two ends, neither of which a program inherits that is started.
private struct Pipe: ~Copyable {
  private let reading: OpenFile
  let writing: OpenFile

  init(for name: String) throws(FileError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw .starting(name, code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    reading = OpenFile(adopting: ends[0], path: name, reportedAs: name)
    writing = OpenFile(adopting: ends[1], path: name, reportedAs: name)
  }

  /// Closes the writing end.
  consuming func takeReading() -> OpenFile { reading }
}
