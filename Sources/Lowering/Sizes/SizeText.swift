import Diagnostics
import ModelSpec

/// What to write where, so that a chain has other numbers.
struct SizeText {
  let sources: SourceMap

  /// A part of a fix: what it does, and the edits.
  struct Piece: Sendable {
    /// Where it is made.
    enum Place: Equatable, Sendable {
      /// The title says it.
      case told
      case line(Int)
      /// In lines that another part of the fix writes.
      case new
    }

    var title: String
    var edits: [FixIt.Edit]
    var place = Place.told

    /// What it does, for a person who looks at a line.
    func title(seenFrom line: Int?) -> String {
      switch place {
      case .told: title
      case .line(let own): own == line ? title : "\(title) in line \(own)"
      case .new: "\(title) there"
      }
    }
  }

  /// Nil where the text cannot be changed so.
  func pieces(for shared: SharedChange?, in chain: SizeChain, _ changes: SizeChanges) -> [Piece]? {
    var pieces: [Piece] = []
    if let shared {
      guard let edit = set(shared.attribute.rawValue, to: "\(shared.value)", in: shared.layer) else {
        return nil
      }
      pieces.append(
        Piece(
          title: "set `\(shared.attribute.rawValue)` to \(shared.value)", edits: [edit],
          place: .line(sources.start(of: edit.span).line)))
    }
    for (key, value) in changes.values.sorted(by: { $0.key < $1.key }) {
      let layer = chain.steps[key.step].layer
      guard let edit = set(key.attribute.rawValue, to: value.attributeText, in: layer) else { return nil }
      pieces.append(
        Piece(
          title: "set `\(key.attribute.rawValue)` to \(value.attributeText)", edits: [edit],
          place: .line(sources.start(of: edit.span).line)))
    }
    for (index, size) in changes.constants.sorted(by: { $0.key < $1.key }) {
      guard let piece = reshape(chain.steps[index].layer, to: size, in: chain) else {
        return nil
      }
      pieces.append(piece)
    }
    return pieces
  }

  // MARK: Attributes

  /// Writes an attribute's value in the place of the one that stands there, or beside the others.
  func set(_ attribute: String, to value: String, in layer: LayerSpec) -> FixIt.Edit? {
    if let span = layer.kind.attributes[attribute]?.span {
      return isFile(span) ? FixIt.Edit(span: span, replacement: value) : nil
    }
    let written = layer.kind.attributes.values.compactMap(\.span).filter {
      $0.source == layer.span.source && $0.range.upperBound <= layer.span.range.upperBound
    }
    guard let last = written.max(by: { $0.range.upperBound < $1.range.upperBound }), isFile(last) else {
      return nil
    }
    let text = sources.sources[last.source.index].text
    let end = last.range.upperBound
    let after = SourceSpan(source: last.source, range: end..<end)
    guard let key = key(before: last) else { return nil }
    if key == layer.kind.name.value {
      // `max_pool2d: 2` has its first attribute alone.
      guard let primary = LayerDefinition.byName[key]?.schema.schema.primary else { return nil }
      let old = String(decoding: text[last.range], as: UTF8.self)
      return FixIt.Edit(span: last, replacement: "{\(primary): \(old), \(attribute): \(value)}")
    }
    let next = text[end...].first { $0 != UInt8(ascii: " ") }
    if next == UInt8(ascii: "}") || next == UInt8(ascii: ",") {
      return FixIt.Edit(span: after, replacement: ", \(attribute): \(value)")
    }
    let line = sources.line(sources.start(of: last).line, of: last.source)
    let indent = line.prefix { $0 == " " }
    guard line.dropFirst(indent.count).hasPrefix(key) else { return nil }
    let lineEnd = sources.lineRange(sources.end(of: last).line, of: last.source).upperBound
    return FixIt.Edit(
      span: SourceSpan(source: last.source, range: lineEnd..<lineEnd),
      replacement: "\n\(indent)\(attribute): \(value)")
  }

  private func isFile(_ span: SourceSpan) -> Bool { !sources.sources[span.source.index].isOverride }

  /// The key that a value stands behind.
  private func key(before value: SourceSpan) -> String? {
    let text = sources.sources[value.source.index].text
    var before = text[..<value.range.lowerBound]
    while before.last == UInt8(ascii: " ") { before.removeLast() }
    guard before.popLast() == UInt8(ascii: ":") else { return nil }
    let start = before.lastIndex { " {,-\n".utf8.contains($0) }.map { $0 + 1 } ?? before.startIndex
    return String(decoding: before[start...], as: UTF8.self)
  }

  // MARK: reshape

  /// A reshape to another size, and the linear layer before it that makes so many values.
  private func reshape(_ layer: LayerSpec, to size: Axes<Int>, in chain: SizeChain) -> Piece? {
    guard let span = layer.kind.attributes["shape"]?.span, isFile(span),
      let channels = chain.steps.first?.channels
    else { return nil }
    let elements = self.elements(span)
    guard elements.count == 3 else { return nil }
    let new = "[\(elements[0]), \(size.height), \(size.width)]"
    var piece = Piece(
      title: "set `shape` to \(new)", edits: [.init(span: span, replacement: new)],
      place: .line(sources.start(of: span).line))
    let count = channels * size.height * size.width
    guard let head = chain.head, head.kind.int("out_features") != count else { return piece }
    guard let features = features(of: head, elements[0], size, count) else { return nil }
    piece.title += " and `out_features` of the `linear` before it to \(features.replacement)"
    piece.edits.append(features)
    return piece
  }

  /// As many values as the reshape takes.
  func values(of chain: SizeChain) -> Piece? {
    guard let missing = chain.missingValues, let head = chain.head, let step = chain.steps.first,
      case .constant(let height) = step.maps.height, case .constant(let width) = step.maps.width,
      let span = step.layer.kind.attributes["shape"]?.span
    else { return nil }
    let elements = self.elements(span)
    let area = height * width
    // Where the linear layer spells the sides, the channels are what is wrong.
    let factors = head.kind.attributes["out_features"]?.span.map { self.factors($0) } ?? []
    if elements.count == 3, isFile(span), missing.given % area == 0,
      factors.contains("\(missing.given / area)")
    {
      let new = "[\(missing.given / area), \(elements[1]), \(elements[2])]"
      return Piece(
        title: "set `shape` to \(new)", edits: [.init(span: span, replacement: new)],
        place: .line(sources.start(of: span).line))
    }
    guard let edit = features(of: head, elements.first ?? "", Axes(height, width), missing.needed) else {
      return nil
    }
    return Piece(
      title: "set `out_features` to \(edit.replacement)", edits: [edit],
      place: .line(sources.start(of: edit.span).line))
  }

  private func elements(_ list: SourceSpan) -> [String] {
    sources.text(of: list).dropFirst().dropLast().split(separator: ",").map(\.trimmed)
  }

  private func factors(_ span: SourceSpan) -> [String] {
    sources.text(of: span).split(separator: "*", omittingEmptySubsequences: false).map(\.trimmed)
  }

  /// `25 * 25 * 8` with other sides, where it is the product of the shape's three extents, else the number.
  private func features(of head: LayerSpec, _ channels: String, _ size: Axes<Int>, _ count: Int) -> FixIt
    .Edit?
  {
    guard let span = head.kind.attributes["out_features"]?.span, isFile(span) else { return nil }
    let factors = self.factors(span)
    var text = "\(count)"
    if factors.count == 3, factors[0] == channels { text = "\(channels) * \(size.height) * \(size.width)" }
    if factors.count == 3, factors[2] == channels { text = "\(size.height) * \(size.width) * \(channels)" }
    return FixIt.Edit(span: span, replacement: text)
  }
}

extension SourceMap {
  func text(of span: SourceSpan) -> String {
    String(decoding: sources[span.source.index].text[span.range], as: UTF8.self)
  }

  /// Whether a number stands there, or two in a list, and no expression.
  func isNumber(_ span: SourceSpan) -> Bool {
    text(of: span).utf8.allSatisfy { (48...57).contains($0) || "[], ".utf8.contains($0) }
  }
}

extension Substring {
  var trimmed: String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
