import Diagnostics

/// An element of a list of layers: one kind, and what stands beside it.
struct LayerItem {
  /// The layer's or block's name.
  var kind: String
  var kindSpan: SourceSpan
  /// What follows the name.
  var value: YAMLNode?
  var name: Spanned<String>?
  var from: YAMLNode?
  var span: SourceSpan

  /// Nil, with a report, where it is not of that form.
  init?(_ node: YAMLNode, reader: ExpressionReader) {
    span = node.span
    if let kind = node.scalar, !node.isNull {
      (self.kind, kindSpan) = (kind, node.span)
      return
    }
    let entries = node.entries ?? []
    let kinds = entries.filter { !["name", "from"].contains($0.key) }
    guard kinds.count == 1 else {
      let found =
        node.entries == nil
        ? node.kindText
        : kinds.isEmpty ? "none" : kinds.map { "`\($0.key)`" }.joined(separator: " and ")
      reader.report(
        Diagnostic(
          .layerForm, at: kinds.count > 1 ? kinds[1].keySpan : node.span, ["count": found],
          notes: [.init("write a `-` before each layer, and attributes in braces after its name")],
          fixes: kinds.compactMap { entry in
            nearestName(to: entry.key, among: ["name", "from"]).map { near in
              FixIt("write `\(near)`", edits: [.init(span: entry.keySpan, replacement: near)])
            }
          }))
      return nil
    }
    kind = kinds[0].key
    kindSpan = kinds[0].keySpan
    value = kinds[0].value
    if let entry = entries.first(where: { $0.key == "name" }) {
      guard let text = entry.value.scalar, !entry.value.isNull else {
        reader.reportWrongType(entry.value, "`name`", "a name")
        return nil
      }
      name = Spanned(text, span: entry.value.span)
    }
    from = entries.first { $0.key == "from" }?.value
  }

  func rejectNameAndFrom(_ reader: ExpressionReader) {
    for (key, span) in [("name", name?.span), ("from", from?.span)] {
      if let span {
        reader.report(Diagnostic(.unknownKey, at: span, ["key": key, "context": "`repeat`"]))
      }
    }
  }
}

/// A block as its definition stands in the model.
struct BlockDefinition {
  var name: String
  var keySpan: SourceSpan
  var parameters: [Parameter]
  var layers: YAMLNode
  /// Whether its definition has mistakes, so that its uses cannot be judged.
  var isBroken = false

  struct Parameter {
    var name: String
    var span: SourceSpan
    /// Nil where the user of the block must give it.
    var defaultValue: YAMLNode?
  }
}
