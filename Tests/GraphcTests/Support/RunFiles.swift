import Foundation
import Testing

/// What a run's folder holds, as a reader of it sees it.
struct RunFiles {
  let folder: String

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(path)") }

  func data(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: "\(folder)/\(path)")) }

  func text(_ path: String) throws -> String { String(decoding: try data(path), as: UTF8.self) }

  func names(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(path)").sorted()
  }

  /// The rows of `metrics.jsonl`.
  func metrics() throws -> [[String: Double]] {
    try text("metrics.jsonl").split(separator: "\n").map {
      // What is no number: the events of a step.
      try #require(JSON(String($0)).value as? [String: Any]).compactMapValues { $0 as? Double }
    }
  }

  /// The rows without what depends on the machine.
  func results() throws -> [[String: Double]] {
    try metrics().map { $0.filter { !["images_per_second", "data_wait_ms"].contains($0.key) } }
  }

  func latestCheckpoint() throws -> Data {
    let name = try text("checkpoints/latest").trimmingCharacters(in: .newlines)
    return try data("checkpoints/\(name)")
  }
}

/// A JSON text that was read by Foundation.
struct JSON {
  let value: Any

  init(_ text: String) throws {
    value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }

  private init(value: Any) { self.value = value }

  subscript(key: String) -> JSON { JSON(value: (value as? [String: Any])?[key] ?? NSNull()) }
  subscript(index: Int) -> JSON { JSON(value: (value as? [Any]).map { $0[index] } ?? NSNull()) }

  var keys: Set<String> { Set((value as? [String: Any])?.keys.map { $0 } ?? []) }
  var array: [JSON] { (value as? [Any])?.map { JSON(value: $0) } ?? [] }
  var string: String? { value as? String }
  var number: Double? { (value as? NSNumber)?.doubleValue }
  var int: Int? { number.flatMap { Int(exactly: $0) } }
  var ints: [Int] { array.compactMap(\.int) }
}
