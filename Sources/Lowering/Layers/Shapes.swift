import Diagnostics
import GraphIR
import ModelSpec

/// The extents of a shape of so many elements, with the one that is -1 computed; nil where there is none.
func filledExtents(_ written: [Int], count: Int) -> [Int]? {
  var known = 1
  for extent in written where extent != -1 {
    guard extent > 0, extent <= count / known else { return nil }
    known *= extent
  }
  switch written.count(where: { $0 == -1 }) {
  case 0: return known == count ? written : nil
  case 1: return count % known == 0 ? written.map { $0 == -1 ? count / known : $0 } : nil
  default: return nil
  }
}

extension LayerDefinition {
  static let shapes = [
    LayerDefinition(Schema("flatten", "One row of values an image."), preservesRank: false) {
      (context) throws(TypeRuleViolation) in
      let type = context.type(of: context.input)
      let count = TensorType(Array(type.shape.dropFirst())).elementCount(batch: 1)
      return try context.emit(Reshape(shape: [type.shape[0], .fixed(count)]), context.input)
    },
    LayerDefinition(
      Schema(
        "reshape", "The same values under another shape.", primary: "shape",
        [
          .init(
            "shape", .ints(-1...10_000_000), .required,
            "the extents of one image, such as [128, 4, 4]; one of them may be -1")
        ]), preservesRank: false
    ) { (context) throws(TypeRuleViolation) in
      let type = context.type(of: context.input)
      let written = context.layer.kind.ints("shape") ?? []
      let count = TensorType(Array(type.shape.dropFirst())).elementCount(batch: 1)
      guard let extents = filledExtents(written, count: count) else {
        let known = TensorType(written.map { .fixed(abs($0)) })
        throw TypeRuleViolation(
          .elementCountMismatch,
          [
            "op": "reshape", "actual": type.description, "actual_count": "\(count)",
            "expected": written.map(String.init).joined(separator: "×"),
            "expected_count": known.isAddressable ? "\(known.elementCount(batch: 1))" : "no such number of",
          ], operand: 0)
      }
      return try context.emit(
        Reshape(shape: [type.shape[0]] + extents.map(Dimension.fixed)), context.input)
    },
    LayerDefinition(
      Schema(
        "upsample", "A larger image: each pixel repeated, or pixels between pixels.", primary: "scale_factor",
        [
          .init("scale_factor", .size(1...1024), .required, "how often"),
          .init(
            "mode", .choice(["nearest", "bilinear"]), .defaultsTo(.string("nearest")),
            "how pixels are filled in"),
          .init(
            "align_corners", .bool, .optional,
            "with `bilinear`, whether the corners' pixels stay where they are"),
        ]), input: .image
    ) { (context) throws(TypeRuleViolation) in
      let scale = context.layer.kind.size("scale_factor") ?? (1, 1)
      guard context.layer.kind.string("mode") == "bilinear" else {
        return try context.emit(UpsampleNearest(scale: Size2(scale.height, scale.width)), context.input)
      }
      let (_, size) = try context.imageExtents()
      let corners = context.layer.kind.bool("align_corners") == true
      let rows = try context.emit(
        Interpolate(axis: 2, size: size.height * scale.height, alignsCorners: corners), context.input)
      return try context.emit(
        Interpolate(axis: 3, size: size.width * scale.width, alignsCorners: corners), rows)
    },
  ]
}
