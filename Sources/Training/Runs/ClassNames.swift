import Diagnostics
import Files
import Interchange

extension RunFolder {
  /// Writes `classes.json`: the names of the classes in the order of their indices.
  public func writeClassNames(_ names: [String]) throws(FileError) {
    try writeFileAtomically(Self.text(names), to: paths.classNames)
  }

  /// Holds the classes of the data against those that the run began with.
  ///
  /// - Throws: `FileError` where they differ: the networks would take one class for another.
  public func checkClassNames(_ names: [String]) throws(FileError) {
    let stored = try readFile(at: paths.classNames, limit: 1 << 24)
    guard stored != Self.text(names) else { return }
    throw FileError(
      path: paths.classNames,
      reason:
        "names other classes than the data has now: \(listedNames(names)). A run goes on with"
        + " the classes that it began with, in their order")
  }

  private static func text(_ names: [String]) -> [UInt8] {
    Array((JSONValue.array(names.map { .string($0) }).text() + "\n").utf8)
  }
}
