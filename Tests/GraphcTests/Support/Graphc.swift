import Foundation
import Glibc
import Testing

/// The program as its users have it: the binary that was built beside the tests, run in a folder.
struct GraphcBinary {
  /// What a run of the program left.
  struct Outcome {
    /// The exit code, or 128 and the signal that ended it, as shells count.
    var status: Int
    /// What it wrote to standard output.
    var output: String
    /// What it wrote to standard error.
    var messages: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// Where it runs; paths in arguments are relative to it.
  var folder: String
  var environment: [String: String] = [:]

  static let path: String = {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = tests.map { URL(filePath: $0).deletingLastPathComponent().path } ?? "."
    return "\(folder)/graphc"
  }()

  /// Runs the program to its end.
  func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  func run(_ arguments: [String]) throws -> Outcome { try start(arguments).wait() }

  /// Runs a line of the shell in which `$G` is the program: limits, closed streams, ignored signals.
  func shell(_ line: String) throws -> Outcome {
    try start(["-c", line], program: "/bin/bash", variables: ["G": Self.path]).wait()
  }

  func startShell(_ line: String) throws -> RunningProgram {
    try start(["-c", line], program: "/bin/bash", variables: ["G": Self.path])
  }

  /// Runs the program, and sends it a signal once it says that it has made a step.
  func run(_ arguments: String..., sending signal: Int32) throws -> Outcome {
    let running = try start(arguments)
    try running.waitUntil { $0.contains(/step \d+\//) }
    kill(running.process, signal)
    return try running.wait()
  }

  /// Starts the program with its streams in files: no pipe can fill up.
  ///
  /// - Parameters:
  ///   - standardOutput: A path to write to in place of the file.
  ///   - standardError: So too.
  func start(
    _ arguments: [String], program: String = Self.path, variables: [String: String] = [:],
    standardOutput: String? = nil, standardError: String? = nil
  ) throws -> RunningProgram {
    let streams = NSTemporaryDirectory() + "graphc-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: streams, withIntermediateDirectories: true)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, standardOutput ?? "\(streams)/output", flags, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, standardError ?? "\(streams)/messages", flags, 0o600)
    // The test's thread may block signals; the program must not inherit that.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var process = pid_t()
    let code = unsafe Self.withTexts(["env", "-C", folder, program] + arguments) { arguments in
      unsafe Self.withTexts(environment.merging(variables) { $1 }.map { "\($0)=\($1)" }) { environment in
        unsafe posix_spawn(&process, "/usr/bin/env", &actions, &attributes, arguments, environment)
      }
    }
    try #require(code == 0, "\(Self.path) cannot be started")
    return RunningProgram(process: process, streams: streams)
  }

  /// Calls the body with C's form of a list of texts.
  private static func withTexts<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
  }
}

/// A program at work.
final class RunningProgram {
  let process: pid_t
  private let streams: String
  /// As `waitpid` tells it; nil while the program runs.
  private var waitStatus: Int32?

  fileprivate init(process: pid_t, streams: String) {
    self.process = process
    self.streams = streams
  }

  var isRunning: Bool {
    var status: Int32 = 0
    if waitStatus == nil, unsafe waitpid(process, &status, WNOHANG) == process { waitStatus = status }
    return waitStatus == nil
  }

  private func text(_ stream: String) -> String {
    String(decoding: FileManager.default.contents(atPath: "\(streams)/\(stream)") ?? Data(), as: UTF8.self)
  }

  func waitUntil(_ messagesAre: (String) -> Bool) throws {
    while isRunning, !messagesAre(text("messages")) { usleep(2000) }
  }

  func wait() throws -> GraphcBinary.Outcome {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(120)
    while isRunning {
      usleep(1000)
      // A program that hangs must not hang the tests.
      if clock.now > deadline { kill(process, SIGKILL) }
    }
    defer { try? FileManager.default.removeItem(atPath: streams) }
    let status = waitStatus ?? 0
    let signal = Int(status & 0x7F)
    return .init(
      status: signal == 0 ? Int(status >> 8 & 0xFF) : 128 + signal, output: text("output"),
      messages: text("messages"))
  }
}

/// Runs with the program in a new folder that holds the model as `model.yaml`.
func withGraphc(model: String = TinyModel.text, _ body: (GraphcBinary) throws -> Void) throws {
  let folder = NSTemporaryDirectory() + "graphc-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try Data(model.utf8).write(to: URL(filePath: "\(folder)/model.yaml"))
  try body(GraphcBinary(folder: folder))
}
