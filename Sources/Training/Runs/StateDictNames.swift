import Interchange
import Runtime

/// What the tensors of somebody's `state_dict` are called here.
struct StateDictNames {
  private let slots: [TensorStore.Slot]

  /// - Parameter slots: The parameters and statistics of a model.
  init(_ slots: [TensorStore.Slot]) { self.slots = slots }

  /// The file's tensors under the names of the slots that they are for, where those are known.
  func renaming(_ file: SafetensorsFile) -> SafetensorsFile {
    var tensors = file.tensors.map { (name: Self.parametrized($0.name) ?? $0.name, tensor: $0.tensor) }
    let names = Set(tensors.map(\.name))
    // Two names may not become one; such a file keeps its own.
    guard names.count == tensors.count else { return file }
    let networks = Set(slots.compactMap(\.network)).sorted()
    if !names.contains(where: { name in networks.contains { name.hasPrefix("\($0).") } }) {
      let found = networks.flatMap { network in
        prefixes(of: network, among: names).map { (network: network, prefix: $0) }
      }
      // What fits several networks is meant for the one that takes all of it, or could be meant for any.
      let whole = found.count == 1 ? found : found.filter { takesAll(names, $0.prefix, of: $0.network) }
      guard whole.count == 1, let one = whole.first else { return file }
      for index in tensors.indices where tensors[index].name.hasPrefix(one.prefix) {
        tensors[index].name = "\(one.network).\(tensors[index].name.dropFirst(one.prefix.count))"
      }
    }
    return SafetensorsFile(tensors: tensors, metadata: file.metadata)
  }

  /// What stands before the names of a network in a file that holds all of it.
  private func prefixes(of network: String, among names: Set<String>) -> [String] {
    let suffixes = slots.filter { $0.network == network && $0.element == .f32 }.map {
      String($0.name.dropFirst(network.count + 1))
    }
    guard let first = suffixes.first else { return [] }
    let candidates = names.filter { $0.hasSuffix(first) }.map { String($0.dropLast(first.count)) }
    return candidates.filter { prefix in
      (prefix.isEmpty || prefix.hasSuffix(".")) && suffixes.allSatisfy { names.contains(prefix + $0) }
    }.sorted()
  }

  /// Whether each of the names behind a prefix is one of a network's.
  private func takesAll(_ names: Set<String>, _ prefix: String, of network: String) -> Bool {
    let own = Set(
      slots.filter { $0.network == network }.map { prefix + $0.name.dropFirst(network.count + 1) })
    return names.allSatisfy { !$0.hasPrefix(prefix) || own.contains($0) }
  }

  /// `0.weight_orig` of the older form as `0.parametrizations.weight.original`; nil for any other name.
  private static func parametrized(_ name: String) -> String? {
    for (ending, part) in [("weight_orig", "original"), ("weight_u", "0._u"), ("weight_v", "0._v")]
    where name == ending || name.hasSuffix(".\(ending)") {
      return "\(name.dropLast(ending.count))parametrizations.weight.\(part)"
    }
    return nil
  }
}
