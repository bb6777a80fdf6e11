import Diagnostics

/// Attributes of the optimiser or of the loss that stand beside it, or where it should be: `lr: 0.0002` in `train`.
extension Translator {
  /// The choice that stands at the end of a path.
  static func choice(at path: [String]) -> ChoiceKind? {
    guard path.count == 2, path[0] == "train", path[1] != ChoiceKind.data.rawValue else { return nil }
    return ChoiceKind(rawValue: path[1])
  }

  /// What a choice is: as a stray entry says it, as `train` does, or what holds where nobody does.
  private func chosen(_ kind: ChoiceKind, among strays: [Stray], _ root: YAMLNode) -> YAMLNode? {
    for stray in strays {
      if case .path(let path) = stray.target, Self.choice(at: path) == kind {
        return texts(stray).first?.value
      }
    }
    return Self.node(at: ["train", kind.rawValue], in: root)
  }

  private func schema(_ node: YAMLNode?, _ kind: ChoiceKind) -> Schema? {
    let named = node?.scalar ?? node?.entries?.first?.key
    let name = named.flatMap { choiceName($0, kind) } ?? kind.standard
    return schemas(kind).first { $0.name == name }
  }

  /// Which losses have the attribute that a stray entry is, where the chosen one has not; nil where it has.
  func homeElsewhere(_ stray: Stray, among strays: [Stray], _ root: YAMLNode) -> String? {
    guard case .attribute(.loss, let name) = stray.target,
      let loss = schema(chosen(.loss, among: strays, root), .loss),
      !loss.attributes.contains(where: { $0.name == name })
    else { return nil }
    let others = schemas(.loss).filter { schema in schema.attributes.contains { $0.name == name } }
    let list = others.map { "`\($0.name)`" }.joined(separator: ", ")
    return "it is `\(name)` of \(list); `\(loss.name)` has none"
  }

  /// Those among the entries that are attributes of a choice, as it has them.
  func attributeTexts(_ strays: [Stray], _ root: YAMLNode) -> [(
    path: [String], text: String, value: YAMLNode
  )] {
    [ChoiceKind.loss, .optimizer].flatMap { kind in
      let given = strays.compactMap { stray -> AttributeTranslator.Given? in
        guard case .attribute(kind, let name) = stray.target else { return nil }
        return .init(name: name, value: Self.value(stray.entry.value), entry: stray.entry)
      }
      // Of other optimisers' attributes, only those of Adam's are put together of two.
      let isAdams = given.contains { $0.name.hasPrefix("beta") }
      guard !given.isEmpty,
        let schema = isAdams
          ? schemas(kind).first(where: { $0.name == kind.standard })
          : schema(chosen(kind, among: strays, root), kind)
      else { return [] as [(path: [String], text: String, value: YAMLNode)] }
      let result = AttributeTranslator(schema: schema, isLayer: false, origin: nil).translate(given)
      return zip(given, result.outcomes).compactMap { argument, outcome in
        let (name, value): (String, PythonValue)
        switch outcome {
        case .kept, .unknown: (name, value) = (argument.name, argument.value)
        case .attribute(let attribute, let translated): (name, value) = (attribute, translated)
        case .leftOut, .activation, .refused: return nil
        }
        guard let yaml = value.yaml, let span = argument.entry?.value.span else { return nil }
        return (["train", kind.rawValue, name], "\(name): \(yaml)", Self.node(value, span))
      }
    }
  }

  /// `optimizer: {adam: {lr: 0.0002}}`
  func choiceText(_ strays: [Stray], _ kind: ChoiceKind, _ root: YAMLNode) -> String? {
    let node = chosen(kind, among: strays, root)
    guard let schema = schema(node, kind) else { return nil }
    var parts: [String] = []
    // What it has already: a mapping of attributes, or the value of the one that may stand alone.
    if let own = node?.entries?.first?.value {
      if let entries = own.entries {
        parts = entries.map { Self.text($0.key, $0.value, edits) }
      } else if let value = own.scalar, !own.isNull {
        guard let primary = schema.primary else { return nil }
        parts = ["\(primary): \(value)"]
      }
    }
    parts += attributeTexts(strays, root).filter { $0.path[1] == kind.rawValue }.map(\.text)
    return "\(kind.rawValue): {\(schema.name): {\(parts.joined(separator: ", "))}}"
  }

  /// Takes the entries out of their place and puts them into their choice, which is in `train`.
  func choiceFix(_ strays: [Stray], _ kind: ChoiceKind, _ root: YAMLNode) -> FixIt? {
    guard let text = choiceText(strays, kind, root) else { return nil }
    let there = Self.node(at: ["train", kind.rawValue], in: root)
    if let there, !there.isNull {
      guard let removal = removal(strays) else { return nil }
      let attributes = attributeTexts(strays, root).map(\.text)
      if let own = there.entries?.first(where: { entry in schemas(kind).contains { $0.name == entry.key } }) {
        guard own.value.entries != nil else { return nil }
        let separator =
          edits.isFlow(own.value) ? ", " : "\n" + String(repeating: " ", count: column(of: own.value))
        guard let addition = edits.add(attributes.joined(separator: separator), to: own.value) else {
          return nil
        }
        return FixIt(
          "write `\(attributes.joined(separator: ", "))` in `\(own.key)` under `train.\(kind.rawValue)`",
          edits: removal + [addition])
      }
      guard there.scalar != nil else { return nil }
      let value = String(text.dropFirst(kind.rawValue.count + 2))
      return FixIt("write `\(text)`", edits: removal + [edits.replace(there.span, by: value)])
    }
    let title = "write `\(text)` under `train`"
    if strays[0].place == ["train"] {
      guard let removal = removal(Array(strays.dropFirst())) else { return FixIt(title) }
      return FixIt(title, edits: [edits.replace(edits.span(of: strays[0].entry), by: text)] + removal)
    }
    guard let train = Self.node(at: ["train"], in: root), let insertion = edits.add(text, to: train) else {
      return nil
    }
    guard let removal = removal(strays) else { return FixIt(title) }
    return FixIt(title, edits: [insertion] + removal)
  }
}

extension Translator.Stray {
  func isAttribute(of kind: Translator.ChoiceKind) -> Bool {
    if case .attribute(kind, _) = target { true } else { false }
  }
}
