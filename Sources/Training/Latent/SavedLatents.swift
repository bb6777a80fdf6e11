import Files
import Interchange

/// Latent vectors by their names, as a safetensors file keeps them.
public struct SavedLatents: Sendable {
  /// In the file's order.
  public private(set) var vectors: [(name: String, values: [Float])] = []

  public init() {}

  /// Reads a file whose tensors have as many numbers as a model's latent vectors.
  ///
  /// - Throws: `FileError` where a tensor has another number, or one that is infinite or NaN.
  public init(contentsOf path: String, dimensions: Int) throws(FileError) {
    let file = try SafetensorsFile(contentsOf: path)
    for (name, tensor) in file.tensors {
      let values = tensor.floats
      guard values.count == dimensions else {
        throw FileError(
          path: path,
          reason: "`\(name)` has \(values.count) numbers, and the model's latent vectors have \(dimensions)")
      }
      guard values.allSatisfy(\.isFinite) else {
        throw FileError(path: path, reason: "`\(name)` holds a value that is infinite or NaN")
      }
      vectors.append((name, values))
    }
  }

  public subscript(name: String) -> [Float]? { vectors.first { $0.name == name }?.values }

  /// - Precondition: The name is new.
  public mutating func add(_ name: String, _ values: [Float]) {
    precondition(self[name] == nil, "each name once")
    vectors.append((name, values))
  }

  public func write(to path: String, replacing replacement: Replacement) throws(FileError) {
    try SafetensorsFile(
      tensors: vectors.map { ($0.name, .init(shape: [$0.values.count], floats: $0.values)) },
      metadata: ["format": "pt"]
    ).write(to: path, replacing: replacement)
  }
}
