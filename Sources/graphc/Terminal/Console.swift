import Diagnostics
import Glibc

/// Text to the two standard streams: results to the one, messages to the other. Nothing else writes to them.
enum Console {
  /// Writes a result. Where it cannot be written the program ends: a script must not take half a result for
  /// a whole one. A reader that went away has read all that it wanted.
  static func print(_ text: DisplayText, terminator: StaticString = "\n") {
    guard let code = write(text.text + "\(terminator)", to: STDOUT_FILENO), code != EPIPE else { return }
    message("error: the output cannot be written: \(unsafe String(cString: strerror(code)))")
    exit(Exit.inputOutput.rawValue)
  }

  /// Writes a message; one that cannot be written is lost.
  static func message(_ text: DisplayText, terminator: StaticString = "\n") {
    _ = write(text.text + "\(terminator)", to: STDERR_FILENO)
  }

  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// The columns of the terminal behind standard error, or 80.
  static var width: Int {
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes all of it, whatever signals come between.
  ///
  /// - Returns: The `errno` of a failure.
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // Somebody made the stream non-blocking: wait for room.
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&request, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }

  static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
