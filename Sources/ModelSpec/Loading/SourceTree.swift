import Diagnostics
import Glibc

/// The YAML of a model with everything that it extends merged in and the `--set` overrides applied.
struct SourceTree {
  var root: YAMLNode
  /// The folder that paths in a text are relative to; empty is where the program runs.
  var bases: [SourceID: String]

  func base(of node: YAMLNode) -> String { bases[node.span.source] ?? "" }
}

/// Builds a `SourceTree`.
struct SourceTreeLoader {
  var sources: SourceMap
  var bag = DiagnosticBag()
  private var bases: [SourceID: String] = [:]

  init(sources: SourceMap) { self.sources = sources }

  /// Mappings whose keys are set one by one; every other value replaces what it overrides whole.
  private static let mergedKeys = ["image", "let", "blocks", "train"]
  /// Mappings that hold one choice with its attributes.
  private static let choices = ["data", "loss", "optimizer", "generator", "discriminator"]

  mutating func load(name: String, text: [UInt8], base: String, overrides: [String]) -> SourceTree? {
    let id = sources.add(name: name, text: text)
    bases[id] = base
    guard var root = YAMLParser.parse(text, source: id, into: &bag) else { return nil }
    guard root.entries != nil else {
      bag.report(
        Diagnostic(
          .wrongType, at: root.span,
          ["what": "a model", "expected": "a mapping with `generator:` and `discriminator:`", "actual": root.kindText]))
      return nil
    }
    guard let extended = extend(root, base: base, visited: [name]) else { return nil }
    root = extended
    for override in overrides { apply(override, to: &root) }
    return SourceTree(root: root, bases: bases)
  }

  /// The bytes of a file, or the reason in words.
  static func read(_ path: String) -> Result<[UInt8], FileFailure> {
    guard let file = unsafe fopen(path, "rb") else {
      return .failure(FileFailure(reason: unsafe String(cString: strerror(errno))))
    }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= YAMLParser.Limit.bytes {
      let count = unsafe fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    if unsafe ferror(file) != 0 {
      return .failure(FileFailure(reason: unsafe String(cString: strerror(errno))))
    }
    return .success(bytes)
  }

  struct FileFailure: Error {
    var reason: String
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  // MARK: extends

  private mutating func extend(_ node: YAMLNode, base: String, visited: [String]) -> YAMLNode? {
    guard let entry = node.entry("extends") else { return node }
    var child = node
    child.content = .mapping((node.entries ?? []).filter { $0.key != "extends" })
    guard let path = entry.value.scalar, !entry.value.isNull else {
      bag.report(
        Diagnostic(
          .wrongType, at: entry.value.span,
          ["what": "`extends`", "expected": "a path", "actual": entry.value.kindText]))
      return nil
    }
    if path.hasPrefix("/") || path.split(separator: "/").contains("..") {
      bag.report(Diagnostic(.pathOutside, at: entry.value.span, ["path": path]))
      return nil
    }
    let full = base.isEmpty ? path : base + "/" + path
    if visited.contains(full) {
      bag.report(Diagnostic(.extendsCycle, at: entry.value.span, ["path": path]))
      return nil
    }
    switch Self.read(full) {
    case .failure(let failure):
      bag.report(
        Diagnostic(.fileUnreadable, at: entry.value.span, ["path": full, "reason": failure.reason]))
      return nil
    case .success(let bytes):
      let id = sources.add(name: full, text: bytes)
      bases[id] = Self.folder(of: full)
      guard let parsed = YAMLParser.parse(bytes, source: id, into: &bag), parsed.entries != nil,
        let parent = extend(parsed, base: Self.folder(of: full), visited: visited + [full])
      else { return nil }
      return Self.merge(child, over: parent, keys: Self.mergedKeys)
    }
  }

  private static func merge(_ child: YAMLNode, over parent: YAMLNode, keys: [String]) -> YAMLNode {
    guard var entries = parent.entries, let overrides = child.entries else { return child }
    for override in overrides {
      guard let index = entries.firstIndex(where: { $0.key == override.key }) else {
        entries.append(override)
        continue
      }
      entries[index].keySpan = override.keySpan
      entries[index].value =
        keys.contains(override.key)
        ? merge(override.value, over: entries[index].value, keys: []) : override.value
    }
    return YAMLNode(.mapping(entries), span: child.span)
  }

  // MARK: --set

  private mutating func apply(_ override: String, to root: inout YAMLNode) {
    let id = sources.add(name: "--set", text: Array(override.utf8))
    bases[id] = ""
    let whole = SourceSpan(source: id, range: 0..<override.utf8.count)
    guard let equals = override.firstIndex(of: "="), equals != override.startIndex else {
      bag.report(Diagnostic(.badOverride, at: whole, ["text": override]))
      return
    }
    let path = override[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let valueText = String(override[override.index(after: equals)...])
    guard !path.contains("") else {
      bag.report(Diagnostic(.badOverride, at: whole, ["text": override]))
      return
    }
    // The key is blanked out, so that positions in the value are positions in the argument.
    let keyLength = override[...equals].utf8.count
    let padded = Array(repeating: UInt8(ascii: " "), count: keyLength) + Array(valueText.utf8)
    guard let value = YAMLParser.parse(padded, source: id, into: &bag) else { return }
    let node = valueText.trimmingBlanks.isEmpty ? YAMLNode(.scalar("", isPlain: true), span: whole) : value
    let keySpan = SourceSpan(source: id, range: 0..<keyLength - 1)
    root = Self.set(node, at: path[...], keySpan: keySpan, in: root, parent: nil)
  }

  private static func set(
    _ value: YAMLNode, at path: ArraySlice<String>, keySpan: SourceSpan, in node: YAMLNode, parent: String?
  ) -> YAMLNode {
    guard let key = path.first else { return value }
    let rest = path.dropFirst()
    if let elements = node.elements, let index = Int(key), elements.indices.contains(index) {
      var changed = elements
      changed[index] = set(value, at: rest, keySpan: keySpan, in: elements[index], parent: nil)
      return YAMLNode(.sequence(changed), span: node.span)
    }
    var entries: [YAMLNode.Entry]
    if let scalar = node.scalar, !node.isNull, scalar == key {
      // `optimizer: adam` as `{adam: …}`, to set one of its attributes.
      entries = [.init(key: key, keySpan: node.span, value: YAMLNode(.mapping([]), span: node.span))]
    } else {
      entries = node.entries ?? []
    }
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].value = set(
        value, at: rest, keySpan: keySpan, in: entries[index].value, parent: key)
      if rest.isEmpty { entries[index].keySpan = keySpan }
    } else {
      // Another choice (`train.data.folder`) takes the place of the one that stands there.
      let isSibling = ["generator", "discriminator"].contains(key) && parent == "optimizer"
      if let parent, choices.contains(parent), !isSibling { entries = [] }
      let empty = YAMLNode(.mapping([]), span: keySpan)
      entries.append(
        .init(
          key: key, keySpan: keySpan,
          value: set(value, at: rest, keySpan: keySpan, in: empty, parent: key)))
    }
    return YAMLNode(.mapping(entries), span: node.span)
  }
}
