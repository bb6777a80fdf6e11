import Diagnostics
import GraphIR
import ModelSpec

extension LayerDefinition {
  static let shapes = [
    LayerDefinition(Schema("flatten", "One row of values an image.")) { (context) throws(TypeRuleViolation) in
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
        ])
    ) { (context) throws(TypeRuleViolation) in
      let type = context.type(of: context.input)
      var extents = context.layer.kind.ints("shape") ?? []
      let count = TensorType(Array(type.shape.dropFirst())).elementCount(batch: 1)
      let known = extents.filter { $0 > 0 }.reduce(1, *)
      if let open = extents.firstIndex(of: -1), known > 0, count % known == 0 {
        extents[open] = count / known
      }
      guard extents.allSatisfy({ $0 > 0 }), extents.reduce(1, *) == count else {
        let written = (context.layer.kind.ints("shape") ?? []).map(String.init).joined(separator: "×")
        throw TypeRuleViolation(
          .elementCountMismatch,
          [
            "op": "reshape", "actual": type.userText, "actual_count": "\(count)", "expected": written,
            "expected_count": "\(known)",
          ], operand: 0)
      }
      return try context.emit(
        Reshape(shape: [type.shape[0]] + extents.map(Dimension.fixed)), context.input)
    },
    LayerDefinition(
      Schema(
        "upsample", "Each pixel repeated.", primary: "scale_factor",
        [
          .init("scale_factor", .size(1...1024), .required, "how often"),
          .init("mode", .choice(["nearest"]), .defaultsTo(.string("nearest")), "how pixels are filled in"),
        ]), input: .image
    ) { (context) throws(TypeRuleViolation) in
      let scale = context.layer.kind.size("scale_factor") ?? (1, 1)
      return try context.emit(UpsampleNearest(scale: Size2(scale.height, scale.width)), context.input)
    },
  ]
}
