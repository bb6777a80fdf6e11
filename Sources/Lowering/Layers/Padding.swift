import Diagnostics
import GraphIR
import ModelSpec

/// What fills the rows and columns around an image.
enum PaddingMode: String, CaseIterable {
  case zeros, reflect, replicate, circular

  static let choices = AttributeSchema.Kind.choice(allCases.map(\.rawValue))
}

extension LayerDefinition {
  static let padding = LayerDefinition(
    Schema(
      "pad", "Rows and columns added around images.", primary: "padding",
      [
        .init(
          "padding", .ints(0...65_536), .required,
          "how many: [all], [left and right, top and bottom] or [left, right, top, bottom]"),
        .init("mode", PaddingMode.choices, .defaultsTo(.string("zeros")), "what they hold"),
      ]), input: .image
  ) { (context) throws(TypeRuleViolation) in
    _ = try context.imageExtents()
    guard let written = context.layer.kind.ints("padding"),
      let mode = context.layer.kind.string("mode").flatMap(PaddingMode.init)
    else { preconditionFailure("`pad` without its attributes") }
    let sides: [Int]
    switch written.count {
    case 1: sides = Array(repeating: written[0], count: 4)
    case 2: sides = [written[0], written[0], written[1], written[1]]
    case 4: sides = written
    default:
      throw TypeRuleViolation(
        .attributeOutOfRange, ["op": "pad", "attribute": "padding", "value": "\(written)"])
    }
    let columns = try context.padded(
      context.input, axis: 3, before: sides[0], after: sides[1], mode: mode)
    return try context.padded(columns, axis: 2, before: sides[2], after: sides[3], mode: mode)
  }
}

extension LayerContext {
  /// A tensor with entries added at both ends of an axis.
  ///
  /// Source: PyTorch `nn/functional.py`, `pad`.
  mutating func padded(
    _ value: ValueID, axis: Int, before: Int, after: Int, mode: PaddingMode
  ) throws(TypeRuleViolation) -> ValueID {
    if before == 0, after == 0 { return value }
    let extent = type(of: value).shape[axis].extent(batch: 1)
    let limit =
      switch mode {
      case .zeros, .replicate: Int.max
      case .reflect: extent - 1
      case .circular: extent
      }
    for amount in [before, after] where amount > limit {
      throw TypeRuleViolation(
        .attributeOutOfRange,
        ["op": layer.kind.name.value, "attribute": "\(mode.rawValue) padding", "value": "\(amount)"])
    }
    func part(_ start: Int, _ count: Int, _ context: inout LayerContext) throws(TypeRuleViolation) -> ValueID
    {
      try context.emit(Slice(axis: axis, start: start, count: count), value)
    }
    func parts(_ starts: [Int], _ context: inout LayerContext) throws(TypeRuleViolation) -> [ValueID] {
      var parts: [ValueID] = []
      for start in starts { parts.append(try part(start, 1, &context)) }
      return parts
    }
    var pieces: [ValueID]
    switch mode {
    case .zeros: return try emit(Pad(axis: axis, before: before, after: after), value)
    case .reflect:
      pieces = try parts((0..<before).map { before - $0 }, &self) + [value]
      pieces += try parts((0..<after).map { extent - 2 - $0 }, &self)
    case .replicate:
      pieces = try parts(Array(repeating: 0, count: before), &self) + [value]
      pieces += try parts(Array(repeating: extent - 1, count: after), &self)
    case .circular:
      pieces = before > 0 ? [try part(extent - before, before, &self), value] : [value]
      if after > 0 { pieces.append(try part(0, after, &self)) }
    }
    return try builder.tryEmit(Concat(axis: axis), pieces)[0]
  }
}
