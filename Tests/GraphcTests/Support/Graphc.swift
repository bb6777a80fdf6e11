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
  /// Besides `PATH`.
  var environment: [String: String] = [:]

  private static let path: String = {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = tests.map { URL(filePath: $0).deletingLastPathComponent().path } ?? "."
    return "\(folder)/graphc"
  }()

  /// Runs the program to its end.
  func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  func run(_ arguments: [String]) throws -> Outcome {
    try start(arguments).wait()
  }

  /// Runs the program, and sends it a signal once it says that it has made a step.
  func run(_ arguments: String..., sending signal: Int32) throws -> Outcome {
    let running = try start(arguments)
    try running.waitUntil { $0.contains("step 1/") }
    kill(running.process.processIdentifier, signal)
    return try running.wait()
  }

  /// Starts the program with its streams in files: no pipe can fill up.
  func start(_ arguments: [String], standardError: FileHandle? = nil) throws -> Running {
    let streams = FileManager.default.temporaryDirectory.appending(path: "graphc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(filePath: Self.path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file(streams.appending(path: "output"))
    process.standardError = try standardError ?? Self.file(streams.appending(path: "messages"))
    try process.run()
    return Running(process: process, streams: streams)
  }

  private static func file(_ url: URL) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    return try FileHandle(forWritingTo: url)
  }
}

/// A program at work.
struct Running {
  let process: Process
  fileprivate let streams: URL

  private func text(_ stream: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: streams.appending(path: stream).path) else {
      return ""
    }
    return String(decoding: data, as: UTF8.self)
  }

  func waitUntil(_ messagesAre: (String) -> Bool) throws {
    while process.isRunning, !messagesAre(try text("messages")) { usleep(2000) }
  }

  func wait() throws -> GraphcBinary.Outcome {
    process.waitUntilExit()
    defer { try? FileManager.default.removeItem(at: streams) }
    let status = Int(process.terminationStatus)
    return .init(
      status: process.terminationReason == .uncaughtSignal ? 128 + status : status,
      output: try text("output"),
      messages: try text("messages"))
  }
}

/// Runs with the program in a new folder that holds the model as `model.yaml`.
func withGraphc(model: String = TinyModel.text, _ body: (GraphcBinary) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "graphc-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try Data(model.utf8).write(to: folder.appending(path: "model.yaml"))
  try body(GraphcBinary(folder: folder.path))
}
