import Diagnostics

/// Keys that stand at another level, or under another name.
extension Translator {
  /// An entry of the root or of `train`, and what it is here.
  struct Stray {
    var entry: YAMLNode.Entry
    var target: KeyHabit.Target
    /// `train`, or nothing.
    var place: [String]
    /// What stands there, all such entries included.
    var mapping: YAMLNode
  }

  /// More keys of other programs stand in no file that somebody wrote: the rest are unknown keys.
  private static let mostStrays = 64

  mutating func placed(_ root: YAMLNode) -> YAMLNode {
    var root = root
    var strays: [Stray] = []
    for (place, keys) in [([], ModelLoader.keys + ["extends"]), (["train"], TrainLoader.keys)] {
      let node = place.isEmpty ? root : root.entry("train")?.value
      for entry in node?.entries ?? [] where !keys.contains(entry.key) {
        if strays.count == Self.mostStrays { break }
        guard let habit = KeyHabit.find(entry.key), nearestName(to: entry.key, among: keys) == nil else {
          continue
        }
        strays.append(Stray(entry: entry, target: habit.target, place: place, mapping: node ?? root))
      }
    }
    let all = strays
    for index in strays.indices {
      if let how = homeElsewhere(strays[index], among: all, root) { strays[index].target = .told(how) }
    }
    if strays.isEmpty { return root }
    let words = root.wordsAndKeys
    for stray in strays { root = without(stray, in: root) }
    let original = root
    let hasTrain = root.entry("train") != nil
    var done: Set<SourceSpan> = []
    for var stray in strays where !done.contains(stray.entry.keySpan) {
      if case .variable = stray.target, !words.contains(stray.entry.key) || !isRead(stray.entry.key, in: root)
      {
        stray.target = .needless("no layer reads it")
      }
      // What goes to one place goes there with one fix; what only gets another name is renamed alone.
      let place = Self.group(stray, among: strays, hasTrain: hasTrain)
      let together =
        place == nil || Self.parent(stray, among: strays) == stray.place
        ? [stray]
        : strays.filter {
          Self.group($0, among: strays, hasTrain: hasTrain) == place && $0.place == stray.place
            && Self.parent($0, among: strays) != $0.place
        }
      for other in together { done.insert(other.entry.keySpan) }
      move(together, in: original, to: &root)
    }
    return root
  }

  private func isRead(_ name: String, in root: YAMLNode) -> Bool {
    (root.entries ?? []).contains { $0.value.words.contains(name) }
  }

  /// The mapping that a fix adds to: `train` itself where the model has none yet.
  private static func group(_ stray: Stray, among strays: [Stray], hasTrain: Bool) -> [String]? {
    guard let parent = parent(stray, among: strays) else { return nil }
    return !hasTrain && parent.first == "train" ? ["train"] : parent
  }

  private func without(_ stray: Stray, in root: YAMLNode) -> YAMLNode {
    var root = root
    func removed(_ node: YAMLNode) -> YAMLNode {
      var node = node
      node.content = .mapping((node.entries ?? []).filter { $0.keySpan != stray.entry.keySpan })
      return node
    }
    if stray.place.isEmpty { return removed(root) }
    root.content = .mapping(
      (root.entries ?? []).map { entry in
        var entry = entry
        if entry.key == "train" { entry.value = removed(entry.value) }
        return entry
      })
    return root
  }

  /// The mapping that the key belongs to; nil where it belongs nowhere. A choice goes with its attributes.
  private static func parent(_ stray: Stray, among strays: [Stray]) -> [String]? {
    switch stray.target {
    case .path(let path):
      if let kind = choice(at: path),
        strays.contains(where: { $0.isAttribute(of: kind) && $0.place == stray.place })
      {
        return path
      }
      return Array(path.dropLast())
    case .attribute(let kind, _): return ["train", kind.rawValue]
    case .variable: return ["let"]
    case .flag, .needless, .told: return nil
    }
  }

  // MARK: One place

  private mutating func move(_ strays: [Stray], in original: YAMLNode, to root: inout YAMLNode) {
    guard let first = strays.first else { return }
    switch first.target {
    case .flag(let flag):
      leaveOut(first, "it is a flag of the command: `graphc \(flag)`")
      return
    case .needless(let why):
      leaveOut(first, why)
      return
    case .told(let how):
      report(
        Diagnostic(
          .noCounterpart, at: first.entry.keySpan,
          ["what": "the key `\(first.entry.key)` of \(first.place.isEmpty ? "the model" : "`train`")"],
          notes: [.init(how)]))
      return
    default: break
    }
    guard let parent = Self.parent(first, among: strays) else { return }
    var texts = strays.flatMap { self.texts($0) } + attributeTexts(strays, original)
    if texts.isEmpty { return }
    let path = (self.texts(first) + attributeTexts([first], original)).first?.path ?? texts[0].path
    if parent == ["image"], original.entry("image") == nil,
      !texts.contains(where: { $0.path.last == "channels" })
    {
      let channels = YAMLNode(
        .scalar("\(channels(of: original))", isPlain: true), span: first.entry.value.span)
      texts.insert((["image", "channels"], "channels: \(channels.scalar ?? "")", channels), at: 0)
    }
    // What stands there already says something else, or the same once more.
    if !edits.isOverride(first.entry.keySpan),
      let taken = texts.first(where: { Self.node(at: $0.path, in: original) != nil }),
      let other = Self.node(at: taken.path, in: original)
    {
      let isSame = edits.text(other.span) == edits.text(taken.value.span)
      var diagnostic = misplaced(first, taken.path)
      diagnostic.notes = [.init("`\(taken.path.joined(separator: "."))` stands here already", at: other.span)]
      if let removal = removal(strays) {
        if !isSame, strays.count == 1, !edits.isOverride(other.span) {
          let value = edits.text(taken.value.span)
          diagnostic.fixes = [
            FixIt(
              "set `\(taken.path.joined(separator: "."))` to \(value), and leave `\(first.entry.key)` out",
              edits: removal + [edits.replace(other.span, by: value)])
          ]
        }
        diagnostic.fixes.append(FixIt("leave `\(first.entry.key)` out", edits: removal))
      }
      report(diagnostic)
      return
    }
    var diagnostic = misplaced(first, path)
    for stray in strays.dropFirst() {
      diagnostic.notes.append(.init("so is `\(stray.entry.key)`", at: stray.entry.keySpan))
    }
    diagnostic.fixes = fixes(strays, parent, texts, original)
    report(diagnostic)
    for (path, _, value) in texts {
      let keys = path.map { Override.Key(name: $0, span: first.entry.keySpan) }
      var setter = OverrideSetter(catalog: catalog, value: value, root: root)
      root = setter.set(keys[...], in: root)
    }
  }

  private func misplaced(_ stray: Stray, _ path: [String]) -> Diagnostic {
    let key = stray.entry.key
    if path.dropLast() == stray.place[...], let last = path.last {
      return Diagnostic(.otherSpelling, at: stray.entry.keySpan, ["written": key, "here": last])
    }
    return Diagnostic(
      .misplacedKey, at: stray.entry.keySpan,
      [
        "key": key, "context": stray.place.isEmpty ? "the model" : "`train`",
        "path": path.joined(separator: "."),
      ])
  }

  private mutating func leaveOut(_ stray: Stray, _ why: String) {
    let mapping = stray.place.isEmpty ? nil : "`train`"
    var diagnostic = Diagnostic(
      .needlessKey, at: stray.entry.keySpan,
      ["key": stray.entry.key, "context": mapping ?? "the model", "why": why])
    let title = "leave `\(stray.entry.key)` out"
    // Without a removal the title alone tells what to do.
    diagnostic.fixes = [removal([stray]).map { FixIt(title, edits: $0) } ?? FixIt(title)]
    report(diagnostic)
  }

  /// The lines of an entry of a block mapping.
  private func lineRemoval(_ entry: YAMLNode.Entry) -> [FixIt.Edit] {
    let source = entry.keySpan.source
    guard !edits.isOverride(entry.keySpan), edits.indent(entry.keySpan.range.lowerBound, source) != nil else {
      return []
    }
    let start = edits.lineStart(entry.keySpan.range.lowerBound, source)
    let end = edits.lineEnd(edits.end(of: entry), source)
    let text = edits.bytes(source)
    let behind = end < text.count ? end + (text[end] == UInt8(ascii: "\r") ? 2 : 1) : end
    return [edits.replace(SourceSpan(source: source, range: start..<min(behind, text.count)), by: "")]
  }

  /// Takes entries out of where they stand, which is one mapping; nil where that cannot be.
  func removal(_ strays: [Stray]) -> [FixIt.Edit]? {
    guard let first = strays.first else { return [] }
    // Entries in braces share their commas, and go together.
    if edits.isFlow(first.mapping) {
      if strays.count == first.mapping.entries?.count { return [edits.replace(first.mapping.span, by: "{}")] }
      return edits.remove(Set(strays.map(\.entry.keySpan)), of: first.mapping)
    }
    let all = strays.map { lineRemoval($0.entry) }
    return all.contains(where: \.isEmpty) ? nil : all.flatMap { $0 }
  }

  static func node(at path: [String], in root: YAMLNode) -> YAMLNode? {
    path.reduce(root as YAMLNode?) { $0?.entry($1)?.value }
  }

  // MARK: Texts

  /// What an entry is where it belongs.
  func texts(_ stray: Stray) -> [(path: [String], text: String, value: YAMLNode)] {
    let value = stray.entry.value
    let written = edits.text(value.span)
    switch stray.target {
    case .path(let path):
      // `optimizer: Adam(…)`, or one network's.
      let isOfNetwork = path.count == 3 && Self.choice(at: Array(path.dropLast())) != nil
      if let kind = ChoiceKind(rawValue: path[isOfNetwork ? 1 : path.count - 1]), path.first == "train",
        path.count == 2 || isOfNetwork
      {
        var trial = self
        let node = trial.choice(.init(key: kind.rawValue, keySpan: stray.entry.keySpan, value: value), kind)
        let text = Self.text("", node, edits)
        let key = path[path.count - 1]
        return [(path, "\(key)\(text.hasPrefix(":") ? "" : ": ")\(text)", node)]
      }
      // Two numbers are height and width, three are channels, too.
      let list = Self.value(value).list
      if path == ["image", "size"], let list, (2...3).contains(list.count) {
        let names = list.count == 2 ? ["height", "width"] : ["height", "width", "channels"]
        return zip(names, list).compactMap { name, size in
          size.yaml.map { (["image", name], "\(name): \($0)", Self.node(size, value.span)) }
        }
      }
      return [(path, "\(path.last ?? ""): \(written)", value)]
    case .variable: return [(["let", stray.entry.key], "\(stray.entry.key): \(written)", value)]
    case .attribute, .flag, .needless, .told: return []
    }
  }

  // MARK: Fixes

  private func fixes(
    _ strays: [Stray], _ parent: [String], _ texts: [(path: [String], text: String, value: YAMLNode)],
    _ original: YAMLNode
  ) -> [FixIt] {
    guard let first = strays.first else { return [] }
    if edits.isOverride(first.entry.keySpan) { return overrideFixes(first, texts) }
    // The same place under another name.
    if parent == first.place, strays.count == texts.count {
      let name = texts[0].path.last ?? ""
      if texts[0].text == "\(name): \(edits.text(first.entry.value.span))" {
        return [FixIt("write `\(name)`", edits: [edits.replace(first.entry.keySpan, by: name)])]
      }
      return [
        FixIt(
          "write `\(texts[0].text)`", edits: [edits.replace(edits.span(of: first.entry), by: texts[0].text)])
      ]
    }
    return [fix(strays, parent, texts.map(\.text), original)].compactMap { $0 }
  }

  private func overrideFixes(
    _ stray: Stray, _ texts: [(path: [String], text: String, value: YAMLNode)]
  ) -> [FixIt] {
    guard texts.count == 1, let path = texts.first?.path,
      let value = texts.first?.text.split(separator: ":", maxSplits: 1).last
    else { return [] }
    let span = stray.entry.keySpan
    let whole = SourceSpan(source: span.source, range: 0..<edits.bytes(span.source).count)
    let text = "\(path.joined(separator: "."))=\(String(value).trimmingBlanks)"
    return [FixIt("write `--set \(text)`", edits: [edits.replace(whole, by: text)])]
  }

  /// Takes the entries out of their place and puts them where they belong.
  private func fix(_ strays: [Stray], _ parent: [String], _ texts: [String], _ original: YAMLNode) -> FixIt? {
    if original.entry("train") == nil, parent.first == "train" { return wholeTrain(strays, original) }
    if let kind = Self.choice(at: parent), strays.contains(where: { $0.isAttribute(of: kind) }) {
      return choiceFix(strays, kind, original)
    }
    let list = texts.joined(separator: ", ")
    let title: String
    var insertion: FixIt.Edit?
    /// What stands in the first entry's place, if it belongs there.
    var inPlace: String?
    let target = Self.node(at: parent, in: original)
    if parent.count > 2 {
      return nil
    } else if let target, target.entries != nil {
      title =
        "write `\(list)` \(parent.isEmpty ? "beside `train`" : "under `\(parent.joined(separator: "."))`")"
      let separator =
        edits.isFlow(target)
        ? ", " : "\n" + String(repeating: " ", count: max(0, column(of: target)))
      insertion = edits.add(texts.joined(separator: separator), to: target)
      if insertion == nil { return nil }
    } else if target == nil || target?.isNull == true {
      let text = parent.isEmpty ? list : "\(parent[parent.count - 1]): {\(list)}"
      title = "write `\(text)`"
      if target != nil { return nil }
      let container = Array(parent.dropLast())
      if strays[0].place == container {
        inPlace = text
      } else {
        insertion = Self.node(at: container, in: original).flatMap { edits.add(text, to: $0) }
        if insertion == nil { return nil }
      }
    } else {
      return nil
    }
    var all: [FixIt.Edit] = insertion.map { [$0] } ?? []
    if let inPlace { all.append(edits.replace(edits.span(of: strays[0].entry), by: inPlace)) }
    guard let removal = removal(Array(strays.dropFirst(inPlace == nil ? 0 : 1))) else {
      return FixIt(title)
    }
    return FixIt(title, edits: insertion == nil && inPlace == nil ? [] : all + removal)
  }

  /// A `train` in the place of the first of all that belongs to it.
  private func wholeTrain(_ strays: [Stray], _ original: YAMLNode) -> FixIt? {
    guard strays.allSatisfy({ $0.place.isEmpty }), let removals = removal(Array(strays.dropFirst()))
    else {
      return nil
    }
    // By the key under `train`: what it is, or what it has.
    var keys: [String] = []
    var parts: [String: (whole: String?, entries: [String])] = [:]
    func put(_ key: String, whole: String? = nil, _ entries: [String] = []) {
      if parts[key] == nil { keys.append(key) }
      parts[key, default: (nil, [])].entries += entries
      if let whole { parts[key]?.whole = whole }
    }
    for stray in strays {
      for part in texts(stray) {
        switch part.path.count {
        case 2: put(part.path[1], whole: part.text)
        case 3: put(part.path[1], [part.text])
        // A rate of one network: `{generator: {adam: {lr: 0.0001}}}`
        default:
          guard let kind = Self.choice(at: Array(part.path.prefix(2))), let name = kind.standard else {
            return nil
          }
          put(part.path[1], ["\(part.path[2]): {\(name): {\(part.text)}}"])
        }
      }
    }
    for kind in [ChoiceKind.loss, .optimizer] where strays.contains(where: { $0.isAttribute(of: kind) }) {
      guard parts[kind.rawValue]?.entries.isEmpty != false, let text = choiceText(strays, kind, original)
      else {
        return nil
      }
      put(kind.rawValue, whole: text)
    }
    let list = keys.compactMap { key in
      parts[key].map { $0.whole ?? "\(key): {\($0.entries.joined(separator: ", "))}" }
    }
    let text = "train: {\(list.joined(separator: ", "))}"
    return FixIt(
      "write `\(text)`", edits: [edits.replace(edits.span(of: strays[0].entry), by: text)] + removals)
  }

  /// The channels of the images, as the generator's last layer makes them; else those of coloured pictures.
  func channels(of root: YAMLNode) -> Int {
    let maker = root.entry(NetworkPreset.maker.name)?.value
    let layers = maker?.elements ?? maker?.entry("layers")?.value.elements ?? []
    for layer in layers.reversed() {
      let attributes = layer.entries?.first?.value
      for key in ["out_channels", "filters"] {
        if let count = attributes?.entry(key)?.value.scalar.flatMap(YAMLScalar.int), (1...4).contains(count) {
          return count
        }
      }
      if attributes?.entry("out_channels") != nil { break }
    }
    return 3
  }

  func column(of mapping: YAMLNode) -> Int {
    (mapping.entries ?? []).map { edits.sources.start(of: $0.keySpan).column - 1 }.min() ?? 0
  }
}
