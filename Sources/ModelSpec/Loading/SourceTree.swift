import Diagnostics
import Files

/// The YAML of a model with everything that it extends merged in and the `--set` overrides applied.
struct SourceTree {
  var root: YAMLNode
  /// The folder that paths in a text are relative to; empty is where the program runs.
  var bases: [SourceID: String]
  /// The texts that the user edits: the model's own and the overrides, not those that it extends.
  var own: Set<SourceID>

  func isOwn(_ source: SourceID) -> Bool { own.contains(source) }
}

/// Builds a `SourceTree`.
struct SourceTreeLoader {
  static let extendsLimit = 16

  var sources = SourceMap()
  var bag = DiagnosticBag()
  let catalog: SpecCatalog
  /// Texts that are read in place of the files of these names.
  let texts: [String: [UInt8]]
  private var bases: [SourceID: String] = [:]
  private var own: Set<SourceID> = []

  init(catalog: SpecCatalog, texts: [String: [UInt8]]) {
    self.catalog = catalog
    self.texts = texts
  }

  /// Mappings whose keys are set one by one; every other value replaces what it overrides whole.
  private static let mergedKeys = ["image", "let", "blocks", "networks", "train"]

  mutating func load(name: String, text: [UInt8], base: String, overrides: [String]) -> SourceTree? {
    let id = sources.add(name: name, text: text)
    bases[id] = base
    own.insert(id)
    guard let root = YAMLParser.parse(text, source: id, into: &bag) else { return nil }
    guard root.entries != nil else {
      bag.report(
        Diagnostic(
          .wrongType, at: root.span,
          [
            "what": "a model", "expected": "a mapping with `generator:` and `discriminator:`",
            "actual": root.kindText,
          ]))
      return nil
    }
    guard var tree = extend(root, base: base, visited: [realPath(name) ?? name]) else { return nil }
    for override in overrides { apply(override, to: &tree) }
    return SourceTree(root: tree, bases: bases, own: own)
  }

  // MARK: extends

  /// - Parameter visited: The files that extend this text, the model's own first.
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
    guard let full = FilePath.inside(base, path) else {
      bag.report(Diagnostic(.pathOutside, at: entry.value.span, ["path": path]))
      return nil
    }
    let real = realPath(full) ?? full
    if visited.contains(real) {
      bag.report(Diagnostic(.extendsCycle, at: entry.value.span, ["path": path]))
      return nil
    }
    if visited.count > Self.extendsLimit {
      bag.report(
        Diagnostic(
          .yamlTooLarge, at: entry.value.span,
          ["what": "too many files extend each other", "limit": "\(Self.extendsLimit)"]))
      return nil
    }
    switch texts[full].map(Result.success) ?? FilePath.read(full, mayWait: false) {
    case .failure(let failure):
      bag.report(
        Diagnostic(.fileUnreadable, at: entry.value.span, ["path": full, "reason": failure.reason]))
      return nil
    case .success(let bytes):
      let id = sources.add(name: full, text: bytes)
      let folder = FilePath.folder(of: full)
      bases[id] = folder
      guard let parsed = YAMLParser.parse(bytes, source: id, into: &bag) else { return nil }
      guard parsed.entries != nil else {
        bag.report(
          Diagnostic(
            .wrongType, at: parsed.span,
            ["what": "a model", "expected": "a mapping", "actual": parsed.kindText],
            notes: [.init("it is extended here", at: entry.value.span)]))
        return nil
      }
      guard let parent = extend(parsed, base: folder, visited: visited + [real]) else { return nil }
      return Self.merge(child, over: parent, keys: Self.mergedKeys)
    }
  }

  private static func merge(_ child: YAMLNode, over parent: YAMLNode, keys: [String]) -> YAMLNode {
    guard var entries = parent.entries, let overrides = child.entries else { return child }
    for override in overrides { drop(from: &entries, replacedBy: override.key) }
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

  /// Keys of `train` that say in another way what a key says: a child's loss takes the place of its parent's
  /// updates, and the other way round.
  private static let alternatives = ["loss": ["updates", "values"], "updates": ["loss", "real_label"]]

  private static func drop(from entries: inout [YAMLNode.Entry], replacedBy key: String) {
    guard let others = alternatives[key] else { return }
    entries.removeAll { others.contains($0.key) }
  }

  // MARK: Stages

  /// A model with what a stage sets.
  mutating func applying(_ settings: [YAMLNode.Entry], to root: YAMLNode) -> YAMLNode {
    var root = root
    for entry in settings {
      guard let override = Override(path: entry.key, at: entry.keySpan) else {
        bag.report(Diagnostic(.badOverride, at: entry.keySpan, ["text": entry.key]))
        continue
      }
      set(override.path, to: entry.value, in: &root)
    }
    return root
  }

  // MARK: --set

  private mutating func apply(_ text: String, to root: inout YAMLNode) {
    let id = sources.add(name: "--set", text: Array(text.utf8), isOverride: true)
    bases[id] = ""
    own.insert(id)
    guard let override = Override(text, source: id) else {
      let whole = SourceSpan(source: id, range: 0..<text.utf8.count)
      bag.report(Diagnostic(.badOverride, at: whole, ["text": text]))
      return
    }
    guard let value = override.parseValue(into: &bag) else { return }
    set(override.path, to: value, in: &root)
  }

  private mutating func set(_ path: [Override.Key], to value: YAMLNode, in root: inout YAMLNode) {
    var setter = OverrideSetter(catalog: catalog, value: value, root: root)
    let changed = setter.set(path[...], in: root)
    if let mistake = setter.mistake {
      bag.report(mistake)
      return
    }
    root = changed
    if path.count >= 2, path[0].name == "train",
      let index = root.entries?.firstIndex(where: { $0.key == "train" }), var train = root.entries?[index],
      var entries = train.value.entries, var all = root.entries
    {
      Self.drop(from: &entries, replacedBy: path[1].name)
      train.value.content = .mapping(entries)
      all[index] = train
      root.content = .mapping(all)
    }
  }
}
