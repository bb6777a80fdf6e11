import Diagnostics
import GraphIR
import ModelSpec

/// Arithmetic and moves of axes that no layer of networks stands for: what networks of other programs hold besides
/// layers.
extension LayerDefinition {
  static let elementary: [LayerDefinition] =
    [
      function(.exp, "eˣ."), function(.log, "The natural logarithm."), function(.sqrt, "The square root."),
      function(.rsqrt, "One over the square root."), function(.square, "x²."),
      function(.reciprocal, "1 / x."), function(.absolute, "|x|."),
      function(.sign, "-1 below zero, 1 above, 0 at zero."),
      pair(.subtract, "The first input minus the second, which `from` names."),
      pair(.divide, "The first input over the second, which `from` names."),
      pair(.maximum, "The larger of two inputs, which `from` names, number by number."),
      pair(.minimum, "The smaller of two inputs, which `from` names, number by number."),
      LayerDefinition(
        Schema(
          "affine", "scale · x + offset, with numbers that stay.",
          [
            .init("scale", anyNumber, .defaultsTo(.number(1)), "what its input is multiplied by"),
            .init("offset", anyNumber, .defaultsTo(.number(0)), "what is added"),
          ]), preservesShape: true
      ) { (context) throws(TypeRuleViolation) in
        try context.emit(
          Affine(scale: context.number("scale"), offset: context.number("offset")), context.input)
      },
      LayerDefinition(
        Schema(
          "scale", "Its input times numbers that train and begin at one.", primary: "dim", [weightAxes]),
        preservesShape: true
      ) { (context) throws(TypeRuleViolation) in
        let (weight, axes) = try axisWeight("weight", beginning: 1, &context)
        return try context.scale(context.input, by: weight, along: axes)
      },
      LayerDefinition(
        Schema(
          "shift", "Its input plus numbers that train and begin at zero.", primary: "dim", [weightAxes]),
        preservesShape: true
      ) { (context) throws(TypeRuleViolation) in
        let (bias, axes) = try axisWeight("bias", beginning: 0, &context)
        return try context.shift(context.input, by: bias, along: axes)
      },
      LayerDefinition(
        Schema(
          "matmul",
          "The product of two inputs, which `from` names, as matrices of their last two axes, a product an image.",
          [
            .init("transpose_left", .bool, .defaultsTo(.bool(false)), "whether the first is transposed"),
            .init("transpose_right", .bool, .defaultsTo(.bool(false)), "whether the second is"),
          ]), inputs: .exactly(2)
      ) { (context) throws(TypeRuleViolation) in
        for index in 0..<2 { try context.checkRank(3, ofInput: index) }
        return try context.emit(
          Matmul(
            transposeLeft: context.layer.kind.bool("transpose_left") == true,
            transposeRight: context.layer.kind.bool("transpose_right") == true), context.inputs[0],
          context.inputs[1])
      },
      LayerDefinition(
        Schema(
          "permute", "The axes of each image in another order.", primary: "dims",
          [.init("dims", .ints(1...7), .required, "all axes, such as [2, 3, 1] for channels last")])
      ) { (context) throws(TypeRuleViolation) in
        try context.emit(Permute(order: [0] + context.list("dims")), context.input)
      },
      LayerDefinition(
        Schema("sum", "The sum over some axes, which the result lacks.", primary: "dim", [reducedAxes]),
        preservesRank: false
      ) { (context) throws(TypeRuleViolation) in
        try context.emit(Reduce(axes: Set(context.list("dim")).sorted(), mean: false), context.input)
      },
      LayerDefinition(
        Schema(
          "repeat_along", "Its input repeated along new axes.",
          [
            .init(
              "dim", .ints(1...7), .required, "where the new axes stand in the result, in ascending order"),
            .init("size", .ints(1...65_536), .required, "how often along each"),
          ]), preservesRank: false
      ) { (context) throws(TypeRuleViolation) in
        let (axes, sizes) = (context.list("dim"), context.list("size"))
        let rank = context.type(of: context.input).rank + axes.count
        guard axes.count == sizes.count, axes == Set(axes).sorted(), axes.allSatisfy({ $0 < rank }) else {
          throw TypeRuleViolation(
            .attributeOutOfRange, ["op": "repeat_along", "attribute": "dim", "value": "\(axes)"])
        }
        return try context.emit(Broadcast(axes: axes, sizes: sizes.map(Dimension.fixed)), context.input)
      },
    ]

  private static let anyNumber = AttributeSchema.Kind.number(-1e30...1e30)

  private static let reducedAxes = AttributeSchema(
    "dim", .ints(1...7), .required, "the axes, such as [2, 3] for the pixels")

  private static let weightAxes = AttributeSchema(
    "dim", .ints(1...7), .required,
    "the axes along which the numbers differ: [1] for a number a channel, [1, 2, 3] for one a value")

  private static func function(_ kind: UnaryKind, _ summary: String) -> LayerDefinition {
    LayerDefinition(Schema(kind.rawValue, summary), preservesShape: true) {
      (context) throws(TypeRuleViolation) in
      try context.emit(Unary(UnaryFunction(kind)), context.input)
    }
  }

  private static func pair(_ kind: Binary.Kind, _ summary: String) -> LayerDefinition {
    LayerDefinition(Schema(kind.rawValue, summary), inputs: .exactly(2)) {
      (context) throws(TypeRuleViolation) in
      try context.emit(Binary(kind), context.inputs[0], context.inputs[1])
    }
  }

  /// Numbers along the axes that `dim` names, and the other axes.
  private static func axisWeight(
    _ name: String, beginning: Double, _ context: inout LayerContext
  ) throws(TypeRuleViolation) -> (weight: ValueID, others: [Int]) {
    let type = context.type(of: context.input)
    let axes = context.list("dim")
    guard axes == Set(axes).sorted(), axes.allSatisfy({ $0 < type.rank }) else {
      throw TypeRuleViolation(
        .axisOutOfRange,
        ["op": context.layer.kind.name.value, "axis": "\(axes)", "shape": type.description], operand: 0)
    }
    let weight = try context.parameter(
      name, axes.map { type.shape[$0].extent(batch: 1) }, .constant(beginning))
    return (weight, type.shape.indices.filter { !axes.contains($0) })
  }
}

extension LayerContext {
  /// An attribute that its schema requires.
  fileprivate func list(_ name: String) -> [Int] {
    guard let values = layer.kind.ints(name) else {
      preconditionFailure("`\(layer.kind.name.value)` without its `\(name)`")
    }
    return values
  }
}
