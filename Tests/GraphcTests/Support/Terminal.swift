import Glibc
import Testing

/// A terminal that shows what a program writes to standard error. It says nothing of its size, for which
/// programs take 80 columns.
struct Terminal {
  private let leader: Int32
  /// Held open: what the program showed is gone with the last who has it open.
  private let follower: Int32
  private let path: String

  // `ioctl` requests of Linux's pseudo terminals, whose macros Swift cannot read: unlock, and tell the number.
  private static let setLock: UInt = 0x4004_5431
  private static let getNumber: UInt = 0x8004_5430

  init() throws {
    leader = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
    var isLocked: Int32 = 0
    var number: Int32 = 0
    try #require(leader >= 0)
    try #require(unsafe ioctl(leader, Self.setLock, &isLocked) == 0)
    try #require(unsafe ioctl(leader, Self.getNumber, &number) == 0)
    path = "/dev/pts/\(number)"
    follower = unsafe open(path, O_RDWR | O_NOCTTY)
    try #require(follower >= 0)
  }

  /// Runs the program to its end, and returns what it showed.
  func text(of graphc: GraphcBinary, _ arguments: [String]) throws -> String {
    let running = try graphc.start(arguments, standardError: path)
    var bytes: [UInt8] = []
    while running.isRunning {
      // A terminal that nobody reads holds a few thousand bytes, and then makes the program wait.
      read(into: &bytes)
      usleep(2000)
    }
    _ = try running.wait()
    read(into: &bytes)
    close(follower)
    close(leader)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads what is there.
  private func read(into bytes: inout [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe Glibc.read(leader, &buffer, buffer.count)
      guard count > 0 else { return }
      bytes += buffer[..<count]
    }
  }
}
