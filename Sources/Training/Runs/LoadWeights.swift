import Files
import Interchange
import Runtime

extension TensorStore {
  /// Takes the parameters and statistics of those networks that a safetensors file holds, and leaves all
  /// else as it is: another network's weights, the optimisers' states.
  ///
  /// The file may be a checkpoint, or any `state_dict` whose names begin with the network's:
  /// `generator.0.weight`. Where none does, it may be one network's `state_dict` with anything before all names,
  /// if it fits one network alone. Spectral norm may have the names of PyTorch's older form, and what counts
  /// batches may be missing.
  ///
  /// - Returns: The names of the networks that were in the file.
  /// - Throws: `FileError` where the file cannot be read, holds no network of the store, or holds one
  ///   whose tensors are not exactly those of the store; the store is then as before.
  public func loadWeights(contentsOf path: String) throws(FileError) -> [String] {
    let stored = try SafetensorsFile(contentsOf: path)
    try stored.checkContents(path: path)
    var weights = slots.filter { $0.role == .parameter || $0.role == .statistic }
    let networks = Set(weights.compactMap(\.network)).sorted()
    let file = StateDictNames(weights).renaming(stored)
    // PyTorch forgives a `state_dict` that lacks them, and old ones do.
    weights.removeAll { $0.element == .i64 && file[$0.name] == nil }
    /// `generator.0.weight` of the file is of `generator`.
    func network(ofTensor name: String) -> String? { networks.first { name.hasPrefix("\($0).") } }
    let present = Set(file.tensors.compactMap { network(ofTensor: $0.name) })
    guard !present.isEmpty else { throw Self.noNetwork(of: networks, in: file, path: path) }
    try StoreReading(
      of: weights.filter { $0.network.map(present.contains) ?? false }, from: file, path: path
    ) { network(ofTensor: $0) != nil }.write(to: self)
    // What was averaged before goes on; else the averages begin with the weights.
    beginAverages(of: present.sorted())
    let averages = slots.filter { $0.role == .average && present.contains($0.network ?? "") }
    if !averages.isEmpty, averages.allSatisfy({ file[$0.name] != nil }) {
      try StoreReading(of: averages, from: file, path: path) { _ in false }.write(to: self)
    }
    return present.sorted()
  }

  private static func noNetwork(
    of networks: [String], in file: SafetensorsFile, path: String
  ) -> FileError {
    let prefixes = networks.map { "`\($0).`" }.joined(separator: " or ")
    guard let first = file.tensors.first?.name else {
      return FileError(path: path, reason: "holds no tensors")
    }
    return FileError(
      path: path,
      reason: "holds no tensor whose name begins with \(prefixes); its first is"
        + " \(quotedForDisplay(first)). The names of one network's state_dict need its prefix")
  }
}
