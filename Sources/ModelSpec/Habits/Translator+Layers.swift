import Diagnostics

extension Translator {
  private static let beside = ["name", "from"]
  /// Keys under which they write a layer that has no numbers of its own.
  private static let activationKeys = ["activation", "act", "nonlinearity", "nonlin"]
  /// Keys under which other configurations write a layer's or a choice's name.
  static let typeKeys = [
    "type", "op", "layer", "class", "class_name", "kind", "_target_", "module", "fn", "layer_type",
    "algorithm",
    "method", "name",
  ]
  /// Keys under which they write its arguments.
  static let argumentKeys = [
    "args", "kwargs", "params", "config", "attributes", "options", "parameters", "init_args",
  ]

  // MARK: Names

  struct Name {
    var layer: String
    var origin: LayerHabit.Origin?
    var positions: [String]
    var defaults: [(name: String, value: String)]
  }

  /// What a name means here; nil where nobody knows it.
  func resolve(_ written: String, _ context: ListContext) -> Name? {
    let names = catalog.layers.map(\.schema.name)
    if names.contains(written) { return native(written, origin: nil) }
    let parts = written.split(separator: ".").map(String.init)
    guard let last = parts.last, last.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" })
    else {
      return nil
    }
    if parts.count > 1, names.contains(last) { return native(last, origin: .pyTorch) }
    let hint: LayerHabit.Origin? =
      parts.dropLast().contains { ["keras", "layers", "tf", "tfl", "tensorflow"].contains($0) }
      ? .keras
      : parts.dropLast().contains { ["nn", "torch", "F", "functional"].contains($0) } ? .pyTorch : nil
    let known = LayerHabit.all.filter { layerName($0.layer, context, among: names) != nil }
    func best(_ isMeant: (LayerHabit) -> Bool) -> LayerHabit? {
      let meant = known.filter(isMeant)
      let first: LayerHabit.Origin = hint ?? (prefersKeras ? .keras : .pyTorch)
      return meant.first { $0.origin == first } ?? meant.first
    }
    if let habit = best({ $0.spellings.contains(last) }) { return name(of: habit, context, names) }
    let plain = LayerHabit.plain(last)
    if let layer = plainLayers[plain] { return native(layer, origin: .pyTorch) }
    return best { $0.plainSpellings.contains(plain) }.flatMap {
      name(of: $0, context, names)
    }
  }

  private func native(_ layer: String, origin: LayerHabit.Origin?) -> Name {
    let habit = LayerHabit.all.first { $0.origin == .pyTorch && $0.layer == layer }
    let primary = catalog.layers.first { $0.schema.name == layer }?.schema.primary
    return Name(
      layer: layer, origin: origin, positions: habit?.positions ?? primary.map { [$0] } ?? [], defaults: [])
  }

  private func layerName(_ layer: String, _ context: ListContext, among names: [String]) -> String? {
    let name =
      layer == LayerHabit.batchNormOfPlace ? (context.isVector ? "batch_norm1d" : "batch_norm2d") : layer
    return names.contains(name) ? name : nil
  }

  private func name(of habit: LayerHabit, _ context: ListContext, _ names: [String]) -> Name? {
    layerName(habit.layer, context, among: names).map {
      Name(layer: $0, origin: habit.origin, positions: habit.positions, defaults: habit.defaults)
    }
  }

  private func schema(_ layer: String) -> Schema? { catalog.layers.first { $0.schema.name == layer }?.schema }

  private func joins(_ layer: String) -> Bool {
    if case .twoOrMore? = catalog.layers.first(where: { $0.schema.name == layer })?.inputs {
      true
    } else {
      false
    }
  }

  private func isKnown(_ name: String) -> Bool {
    blocks.contains(name) || NetworkLoader.structure.contains(name) || schema(name) != nil
  }

  // MARK: Calls

  /// A layer that a call makes, as the text and the node of an item each; nil where something has no counterpart, which
  /// is then among the refused.
  private struct Made {
    var items: [(text: String, node: YAMLNode)] = []
    var remarks: [String] = []
    var refused: [String] = []
  }

  private func made(_ call: PythonCall, _ span: SourceSpan, _ context: inout ListContext) -> Made? {
    var made = Made()
    if call.name.split(separator: ".").last == "Sequential" {
      let parts = call.arguments.flatMap { $0.value.list ?? [$0.value] }
      for part in parts {
        guard case .call(let inner) = part.content, let item = self.made(inner, span, &context) else {
          return nil
        }
        made.items += item.items
        made.remarks += item.remarks
        made.refused += item.refused
      }
      return made
    }
    var call = call
    // `Activation('relu')`
    if Self.isCall(call, of: "activation"),
      call.arguments.count == 1, case .text(let text) = call.arguments[0].value.content
    {
      call = PythonCall(name: text, arguments: [])
    }
    // `spectral_norm(nn.Conv2d(…))`
    if Self.isCall(call, of: "spectralnorm"),
      let first = call.arguments.first, case .call(let inner) = first.value.content
    {
      let flag = PythonValue(content: .formula("true"), range: first.value.range)
      call = PythonCall(
        name: inner.name, arguments: inner.arguments + [.init(name: "spectral_norm", value: flag)])
    }
    guard let name = resolve(call.name, context), let schema = schema(name.layer) else { return nil }
    var given: [AttributeTranslator.Given] = []
    for (place, argument) in call.arguments.enumerated() {
      if let key = argument.name {
        if key == "name" { continue }
        given.append(.init(name: key, value: argument.value))
      } else if name.positions.indices.contains(place) {
        // What Upsample gets first is a size, which most mean as a factor, and as such write by name.
        if case .none = argument.value.content { continue }
        given.append(.init(name: name.positions[place], value: argument.value))
      } else if name.layer == "reshape" {
        continue
      } else {
        made.refused.append("argument \(place + 1) of `\(call.name)`")
      }
    }
    if name.layer == "reshape", name.positions.isEmpty { given = shape(of: call) }
    fill(name, schema, given, span, &context, &made)
    return made
  }

  /// Whether a call, which may stand with its module, is of a plain name.
  private static func isCall(_ call: PythonCall, of name: String) -> Bool {
    call.name.split(separator: ".").last.map { LayerHabit.plain(String($0)) == name } ?? false
  }

  /// `view(-1, 128, 4, 4)`: all but the batch.
  private func shape(of call: PythonCall) -> [AttributeTranslator.Given] {
    var extents = call.arguments.filter { $0.name == nil }.map(\.value)
    if extents.count == 1, let list = extents[0].list { extents = list }
    if extents.count > 3 || extents.first?.yaml == "-1" || extents.first?.yaml?.contains("size(0)") == true {
      extents = Array(extents.dropFirst())
    }
    return [.init(name: "shape", value: PythonValue(content: .list(extents), range: 0..<0))]
  }

  private func fill(
    _ name: Name, _ schema: Schema, _ given: [AttributeTranslator.Given], _ span: SourceSpan,
    _ context: inout ListContext, _ made: inout Made
  ) {
    let result = AttributeTranslator(schema: schema, isLayer: true, origin: name.origin).translate(given)
    var attributes: [(name: String, value: PythonValue)] = []
    var after: [PythonValue] = []
    for (argument, outcome) in zip(given, result.outcomes) {
      switch outcome {
      case .kept: attributes.append((argument.name, argument.value))
      case .attribute(let name, let value): attributes.append((name, value))
      case .leftOut(let why): made.remarks.append("`\(argument.name)` is left out: \(why)")
      case .activation(let value): after.append(value)
      case .refused(let what): made.refused.append(what)
      case .unknown: made.refused.append("`\(argument.name)` of `\(name.layer)`")
      }
    }
    attributes += result.added
    for (key, value) in name.defaults where !attributes.contains(where: { $0.name == key }) {
      attributes.append((key, PythonValue(content: .formula(value), range: 0..<0)))
    }
    let values = attributes.compactMap { attribute in
      attribute.value.yaml.map { (attribute.name, $0, attribute.value) }
    }
    if values.count < attributes.count { made.refused.append("a call as the value of an attribute") }
    made.items.append(
      (
        Self.text(name.layer, values.map { ($0.0, $0.1) }, primary: schema.primary),
        Self.node(name.layer, values.map { ($0.0, $0.2) }, span)
      ))
    context.pass(name.layer)
    for activation in after {
      let inner: Made?
      switch activation.content {
      case .text(let text), .formula(let text):
        inner = self.made(PythonCall(name: text, arguments: []), span, &context)
      case .call(let call): inner = self.made(call, span, &context)
      default: inner = nil
      }
      if let inner {
        made.items += inner.items
        made.refused += inner.refused
      } else {
        made.refused.append("the activation `\(activation.yaml ?? "…")`")
      }
    }
  }

  private static func text(
    _ layer: String, _ attributes: [(name: String, text: String)], primary: String?
  ) -> String {
    if attributes.isEmpty { return layer }
    if attributes.count == 1, attributes[0].name == primary { return "\(layer): \(attributes[0].text)" }
    return "\(layer): {\(attributes.map { "\($0.name): \($0.text)" }.joined(separator: ", "))}"
  }

  private static func node(
    _ layer: String, _ attributes: [(name: String, value: PythonValue)], _ span: SourceSpan
  ) -> YAMLNode {
    if attributes.isEmpty { return YAMLNode(.scalar(layer, isPlain: true), span: span) }
    let entries = attributes.map { YAMLNode.Entry(key: $0.name, keySpan: span, value: node($0.value, span)) }
    return YAMLNode(
      .mapping([.init(key: layer, keySpan: span, value: YAMLNode(.mapping(entries), span: span))]), span: span
    )
  }

  static func node(_ value: PythonValue, _ span: SourceSpan) -> YAMLNode {
    if let list = value.list { return YAMLNode(.sequence(list.map { node($0, span) }), span: span) }
    return YAMLNode(.scalar(value.yaml ?? "", isPlain: true), span: span)
  }

  // MARK: Items

  /// A call in place of a whole list: `nn.Sequential(…)`, or layers one behind the other.
  func sequentialItems(_ text: String, _ span: SourceSpan) -> [(text: String, node: YAMLNode)]? {
    var context = ListContext(isFlow: false)
    guard let call = PythonReader.call(text), let made = made(call, span, &context), made.refused.isEmpty,
      !made.items.isEmpty
    else { return nil }
    return made.items
  }

  mutating func sequential(_ text: String, _ node: YAMLNode, _ keySpan: SourceSpan) -> YAMLNode? {
    guard let items = sequentialItems(text, node.span) else { return nil }
    let column = edits.sources.start(of: keySpan).column - 1
    let indent = "\n" + String(repeating: " ", count: column + 2) + "- "
    let isFirst = edits.indent(keySpan.range.lowerBound, keySpan.source) != nil
    let list = "[\(items.map(\.text).joined(separator: ", "))]"
    report(
      Diagnostic(
        .otherSpelling, at: node.span,
        ["written": edits.text(node.span), "here": list],
        fixes: [
          FixIt(
            "write a list of \(items.count) layers",
            edits: [edits.replace(node.span, by: isFirst ? items.map { indent + $0.text }.joined() : list)])
        ]))
    return YAMLNode(.sequence(items.map(\.node)), span: node.span)
  }

  mutating func item(_ node: YAMLNode, _ context: inout ListContext) -> [YAMLNode] {
    if let text = node.scalar, !node.isNull { return scalarItem(text, node, &context) }
    guard let entries = node.entries else { return [node] }
    if let typed = typedItem(entries, node, &context) { return typed }
    let kinds = entries.filter { !Self.beside.contains($0.key) }
    if let nested = nestedItem(kinds, node, &context) { return nested }
    guard kinds.count == 1 else { return [node] }
    return mappingItem(kinds[0], node, &context)
  }

  private mutating func scalarItem(
    _ text: String, _ node: YAMLNode, _ context: inout ListContext
  ) -> [YAMLNode] {
    if isKnown(text) {
      context.pass(text)
      return [node]
    }
    let call = PythonReader.call(text) ?? PythonCall(name: text, arguments: [])
    if blocks.contains(call.name) || NetworkLoader.structure.contains(call.name) { return [node] }
    guard let made = made(call, node.span, &context), !made.items.isEmpty else {
      guard refuseUnknown(call.name, node.span) else { return [node] }
      return []
    }
    if !made.refused.isEmpty {
      report(
        Diagnostic(
          .noCounterpart, at: node.span, ["what": made.refused.joined(separator: " and ")],
          notes: [.init("the rest is `\(made.items.map(\.text).joined(separator: "`, `"))`")]))
      return made.items.map(\.node)
    }
    let separator = context.isFlow ? ", " : "\n" + dashed(node)
    let here = made.items.map(\.text)
    report(
      Diagnostic(
        .otherSpelling, at: node.span, ["written": text, "here": here.joined(separator: "`, `")],
        notes: made.remarks.map { .init($0) },
        fixes: [
          FixIt(
            "write `\(here.joined(separator: "`, `"))`",
            edits: [edits.replace(node.span, by: here.joined(separator: separator))])
        ]))
    return made.items.map(\.node)
  }

  /// The blanks and the dash in front of an item.
  private func dashed(_ node: YAMLNode) -> String {
    String(repeating: " ", count: max(0, edits.sources.start(of: node.span).column - 3)) + "- "
  }

  /// Reports a layer of other programs that is not here. False where nobody knows the name.
  private mutating func refuseUnknown(_ name: String, _ span: SourceSpan) -> Bool {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    let plain = LayerHabit.plain(last)
    guard let known = LayerHabit.knownElsewhere.first(where: { $0.name == plain }) else { return false }
    report(
      Diagnostic(
        .noCounterpart, at: span, ["what": "the layer `\(last)`"], notes: [.init(known.remark)],
        fixes: known.nearest.map { [FixIt("write `\($0)`", edits: [edits.replace(span, by: $0)])] } ?? []))
    return true
  }

  // MARK: Mappings

  private mutating func mappingItem(
    _ kind: YAMLNode.Entry, _ node: YAMLNode, _ context: inout ListContext
  ) -> [YAMLNode] {
    if blocks.contains(kind.key) { return [node] }
    if NetworkLoader.structure.contains(kind.key) {
      var node = node
      node.content = .mapping(
        (node.entries ?? []).map { entry in
          var entry = entry
          if entry.keySpan == kind.keySpan { entry.value = network(entry.value, keySpan: entry.keySpan) }
          return entry
        })
      return [node]
    }
    // `activation: relu`
    if resolve(kind.key, context) == nil, Self.activationKeys.contains(LayerHabit.plain(kind.key)),
      let text = kind.value.scalar, node.entries?.count == 1,
      let name = resolve(PythonReader.call(text)?.name ?? text, context)
    {
      let call = PythonReader.call(text) ?? PythonCall(name: text, arguments: [])
      if let made = made(call, node.span, &context), made.refused.isEmpty, made.items.count == 1 {
        let here = made.items[0].text
        report(
          Diagnostic(
            .otherSpelling, at: kind.keySpan, ["written": edits.text(node.span), "here": here],
            fixes: [FixIt("write `\(here)`", edits: [edits.replace(node.span, by: here)])]))
        context.pass(name.layer)
        return made.items.map(\.node)
      }
    }
    guard let name = resolve(kind.key, context), let schema = schema(name.layer) else {
      return refuseUnknown(kind.key, kind.keySpan) ? [] : [node]
    }
    context.pass(name.layer)
    var change = TranslatedItem(schema: schema, node: node, key: kind)
    if kind.key != name.layer {
      change.record(kind.keySpan, kind.key, name.layer, edits.replace(kind.keySpan, by: name.layer))
    }
    if let entries = kind.value.entries {
      translate(joined(entries), origin: name.origin, &change, &context)
    } else if let elements = kind.value.elements, !elements.isEmpty, joins(name.layer),
      node.entry("from") == nil, let made = joining(elements, name, node, context)
    {
      return [made]
    } else if let elements = kind.value.elements, schema.primary == nil {
      positional(elements.map { (edits.text($0.span), $0) }, name, &change)
    } else if let text = kind.value.plainScalar, text.contains(","), !edits.isOverride(kind.value.span),
      let list = PythonReader.value("(\(text))")?.list
    {
      listed(list, name, &change)
    } else if kind.value.scalar != nil, !kind.value.isNull {
      alone(name, &change)
    }
    if kind.key != name.layer {
      for (key, value) in name.defaults where !change.entries.contains(where: { $0.key == key }) {
        change.added.append((key, PythonValue(content: .formula(value), range: 0..<0)))
      }
    }
    return [finish(change, name.layer)] + change.after.map(\.node)
  }

  /// One value behind a name whose layer has no attribute that it could be.
  private func alone(_ name: Name, _ change: inout TranslatedItem) {
    let value = change.key.value
    if change.schema.primary != nil { return }
    if value.plainScalar.flatMap(YAMLScalar.bool) == true {
      let whole = SourceSpan(
        source: value.span.source, range: change.key.keySpan.range.upperBound..<value.span.range.upperBound)
      change.record(
        value.span, "\(change.key.key): \(edits.text(value.span))", change.key.key,
        edits.replace(whole, by: ""))
      change.value = YAMLNode(.scalar("", isPlain: true), span: value.span)
    } else if name.positions.first == "num_features" {
      let text = "{num_features: \(edits.text(value.span))}"
      change.record(
        value.span, "\(change.key.key): \(edits.text(value.span))", "\(name.layer): \(text)",
        edits.replace(value.span, by: text))
      change.value = YAMLNode(
        .mapping([.init(key: "num_features", keySpan: value.span, value: value)]), span: value.span)
    }
  }

  /// `concat: [image, plane]`: what a layer joins stands in `from`.
  private mutating func joining(
    _ elements: [YAMLNode], _ name: Name, _ node: YAMLNode, _ context: ListContext
  ) -> YAMLNode? {
    let names = elements.compactMap(\.plainScalar).filter { $0.first?.isLetter == true }
    guard names.count == elements.count, let entries = node.entries,
      let kind = entries.first(where: { !Self.beside.contains($0.key) })
    else { return nil }
    let from = "from: [\(names.joined(separator: ", "))]"
    let isBlock = !edits.isFlow(node) && !edits.isOverride(node.span)
    let column = edits.sources.start(of: kind.keySpan).column - 1
    let value = SourceSpan(
      source: kind.keySpan.source, range: kind.keySpan.range.upperBound..<kind.value.span.range.upperBound)
    let text = isBlock ? ":\n" + String(repeating: " ", count: column) + from : ": , \(from)"
    report(
      Diagnostic(
        .otherSpelling, at: kind.value.span,
        ["written": "\(kind.key): \(edits.text(kind.value.span))", "here": "\(name.layer):` and `\(from)"],
        fixes: [
          FixIt("write `\(name.layer):` and `\(from)`", edits: [edits.replace(value, by: text)])
        ]))
    var node = node
    node.content = .mapping(
      entries.map { entry in
        var entry = entry
        if entry.keySpan == kind.keySpan {
          entry.key = name.layer
          entry.value = YAMLNode(.scalar("", isPlain: true), span: kind.value.span)
        }
        return entry
      } + [
        .init(
          key: "from", keySpan: kind.value.span, value: YAMLNode(.sequence(elements), span: kind.value.span))
      ])
    return node
  }

  /// `reshape: 256, 4, 4`: a list without its brackets, or arguments as PyTorch orders them.
  private func listed(_ list: [PythonValue], _ name: Name, _ change: inout TranslatedItem) {
    let span = change.key.value.span
    let parts = list.compactMap { value in value.yaml.map { ($0, Self.node(value, span)) } }
    guard parts.count == list.count else { return }
    let primary = change.schema.attributes.first { $0.name == change.schema.primary }
    if case .ints? = primary?.kind {
      let text = "[\(parts.map(\.0).joined(separator: ", "))]"
      change.record(
        span, "\(change.key.key): \(edits.text(span))", "\(name.layer): \(text)",
        edits.replace(span, by: text))
      change.value = YAMLNode(.sequence(parts.map(\.1)), span: span)
    } else {
      positional(parts, name, &change)
    }
  }

  /// `conv2d: [3, 64, 4, 2, 1]`, as PyTorch orders them. Fewer of a convolution's could be another order.
  private func positional(
    _ elements: [(text: String, node: YAMLNode)], _ name: Name, _ change: inout TranslatedItem
  ) {
    guard elements.count >= (name.positions.first == "in_channels" ? 5 : 2),
      elements.count <= name.positions.count
    else { return }
    let parts = zip(name.positions, elements).map { "\($0): \($1.text)" }
    let text = "{\(parts.joined(separator: ", "))}"
    let span = change.key.value.span
    change.record(
      span, "\(change.key.key): \(edits.text(span))", "\(name.layer): \(text)", edits.replace(span, by: text))
    change.value = YAMLNode(
      .mapping(zip(name.positions, elements).map { .init(key: $0, keySpan: $1.node.span, value: $1.node) }),
      span: span)
  }

  private mutating func translate(
    _ entries: [YAMLNode.Entry], origin: LayerHabit.Origin?, _ change: inout TranslatedItem,
    _ context: inout ListContext
  ) {
    for activation in translate(entries, origin: origin, isLayer: true, &change) {
      let text: String
      switch activation.value.content {
      case .text(let name), .formula(let name): text = name
      default: text = ""
      }
      let call = PythonReader.call(text) ?? PythonCall(name: text, arguments: [])
      guard let entry = activation.entry else { continue }
      if let made = made(call, change.node.span, &context), made.refused.isEmpty, !made.items.isEmpty {
        change.after += made.items
        change.remove(entry, "`\(made.items.map(\.text).joined(separator: "`, `"))` behind it")
        let end = change.node.span.range.upperBound
        let separator = context.isFlow ? ", " : "\n" + dashed(change.node)
        let place = SourceSpan(source: change.node.span.source, range: end..<end)
        change.insertions.append(
          edits.replace(place, by: made.items.map { separator + $0.text }.joined()))
      } else {
        report(Diagnostic(.noCounterpart, at: entry.keySpan, ["what": "the activation `\(text)`"]))
      }
    }
  }

  // MARK: Other forms of an item

  /// `{type: Conv2d, out_channels: 8}`
  private mutating func typedItem(
    _ entries: [YAMLNode.Entry], _ node: YAMLNode, _ context: inout ListContext
  ) -> [YAMLNode]? {
    if entries.contains(where: { isKnown($0.key) }) { return nil }
    for key in Self.typeKeys {
      guard let type = entries.first(where: { $0.key == key }), let text = type.value.scalar,
        let name = resolve(text, context)
          ?? (blocks.contains(text) ? Name(layer: text, positions: [], defaults: []) : nil)
      else { continue }
      let rest = flattened(entries.filter { $0.keySpan != type.keySpan })
      let beside = rest.filter { Self.beside.contains($0.key) && key != "name" }
      let attributes = rest.filter { entry in !beside.contains { $0.keySpan == entry.keySpan } }
      let value = YAMLNode(.mapping(attributes), span: node.span)
      let kind = YAMLNode.Entry(key: name.layer, keySpan: type.value.span, value: value)
      let made = YAMLNode(.mapping([kind] + beside), span: node.span)
      var trial = self
      let items = trial.item(made, &context)
      let refused = trial.bag.diagnostics.dropFirst(bag.diagnostics.count).filter {
        $0.kind == .noCounterpart
      }
      let texts = items.map(Self.itemText)
      let whole = texts.joined(separator: "`, `")
      let isWritable = !edits.hasComment(node.span) && !edits.isOverride(node.span) && refused.isEmpty
      let separator = context.isFlow ? ", " : "\n" + dashed(node)
      for diagnostic in refused { report(diagnostic) }
      report(
        Diagnostic(
          .otherSpelling, at: type.keySpan, ["written": edits.text(node.span), "here": whole],
          fixes: [
            FixIt(
              "write `\(whole)`",
              edits: isWritable ? [edits.replace(node.span, by: texts.joined(separator: separator))] : [])
          ]))
      return items
    }
    return nil
  }

  /// The entries, with those under `args` and the like among them.
  func flattened(_ entries: [YAMLNode.Entry]) -> [YAMLNode.Entry] {
    entries.flatMap { entry in
      Self.argumentKeys.contains(entry.key) ? entry.value.entries ?? [entry] : [entry]
    }
  }

  /// A layer's attributes beside its name instead of below it.
  private mutating func nestedItem(
    _ kinds: [YAMLNode.Entry], _ node: YAMLNode, _ context: inout ListContext
  ) -> [YAMLNode]? {
    guard kinds.count > 1, let kind = kinds.first, kind.value.isNull,
      let name = resolve(kind.key, context), let schema = schema(name.layer)
    else { return nil }
    let attributes = Array(kinds.dropFirst())
    let known = schema.attributes.map(\.name)
    guard
      attributes.allSatisfy({
        known.contains($0.key) || ArgumentHabits.find($0.key, of: schema.name, isLayer: true) != nil
      })
    else { return nil }
    let made = YAMLNode(
      .mapping(
        [.init(key: kind.key, keySpan: kind.keySpan, value: YAMLNode(.mapping(attributes), span: node.span))]
          + (node.entries ?? []).filter { Self.beside.contains($0.key) }), span: node.span)
    var changes: [FixIt.Edit] = []
    for entry in attributes {
      let lines =
        edits.sources.start(of: entry.keySpan).line...edits.sources.end(of: edits.span(of: entry)).line
      guard edits.indent(entry.keySpan.range.lowerBound, entry.keySpan.source) != nil else { return nil }
      for line in lines {
        let start = edits.sources.lineRange(line, of: entry.keySpan.source).lowerBound
        changes.append(
          edits.replace(SourceSpan(source: entry.keySpan.source, range: start..<start), by: "  "))
      }
    }
    report(
      Diagnostic(
        .yamlIndentation, at: attributes[0].keySpan,
        ["what": "`\(attributes[0].key)` is an attribute of `\(kind.key)`, and stands beside it"],
        fixes: [FixIt("indent the attributes of `\(kind.key)` by 2 more", edits: changes)]))
    return item(made, &context)
  }
}
