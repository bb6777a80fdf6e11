import Diagnostics
import GraphIR
import ModelSpec

extension LayerDefinition {
  static let combinations = [
    LayerDefinition(
      Schema("add", "The sum of its inputs, which `from` names."), inputs: .twoOrMore
    ) { (context) throws(TypeRuleViolation) in
      var sum = context.inputs[0]
      for input in context.inputs.dropFirst() { sum = try context.emit(Binary(.add), sum, input) }
      return sum
    },
    LayerDefinition(
      Schema(
        "multiply",
        "The product of its inputs, which `from` names. A vector, or an image of one pixel, scales the channels "
          + "of the first input."), inputs: .twoOrMore
    ) { (context) throws(TypeRuleViolation) in
      var product = context.inputs[0]
      for factor in context.inputs.dropFirst() {
        let factor = try perChannel(factor, like: product, &context)
        product = try context.emit(Binary(.multiply), product, factor)
      }
      return product
    },
    LayerDefinition(
      Schema(
        "concat", "Its inputs, which `from` names, joined along an axis.", primary: "dim",
        [.init("dim", .int(1...3), .defaultsTo(.int(1)), "the axis; 1 is the channels")]),
      inputs: .twoOrMore
    ) { (context) throws(TypeRuleViolation) in
      try context.builder.tryEmit(Concat(axis: context.integer("dim")), context.inputs)[0]
    },
    LayerDefinition(
      Schema(
        "fade", "alpha · the first input + (1 − alpha) · the second, which `from` names.", primary: "alpha",
        [
          .init(
            "alpha", .number(0...1), .optional,
            "the share of the first; left out, what the stage's `fade` has come to: 0 when it begins, then 1")
        ]), inputs: .exactly(2)
    ) { (context) throws(TypeRuleViolation) in
      guard let alpha = context.layer.kind.number("alpha") else { return try faded(&context) }
      let first = try context.emit(Affine(scale: alpha), context.inputs[0])
      let second = try context.emit(Affine(scale: 1 - alpha), context.inputs[1])
      return try context.emit(Binary(.add), first, second)
    },
  ]

  /// The first input, brought in over the second as the stage's fade goes on.
  private static func faded(_ context: inout LayerContext) throws(TypeRuleViolation) -> ValueID {
    let (new, old) = (context.inputs[0], context.inputs[1])
    let shape = context.type(of: new)
    guard context.type(of: old) == shape else {
      throw TypeRuleViolation(
        .operandsDiffer,
        ["op": "fade", "first": shape.description, "second": context.type(of: old).description], operand: 1)
    }
    guard context.fades else { return new }
    let share = StepGraph.fade(in: &context.builder)
    let shares = try context.emit(Broadcast(axes: Array(shape.shape.indices), sizes: shape.shape), share)
    let difference = try context.emit(Binary(.subtract), new, old)
    return try context.emit(Binary(.add), old, context.emit(Binary(.multiply), difference, shares))
  }

  /// Parts and averages of one input.
  static let parts = [
    LayerDefinition(
      Schema(
        "mean", "The average over some axes, which the result lacks.", primary: "dim",
        [.init("dim", .ints(1...3), .required, "the axes, such as [2, 3] for the pixels")]),
      preservesRank: false
    ) { (context) throws(TypeRuleViolation) in
      guard let axes = context.layer.kind.ints("dim") else { preconditionFailure("`mean` without its axes") }
      return try context.emit(Reduce(axes: Set(axes).sorted(), mean: true), context.input)
    },
    LayerDefinition(
      Schema(
        "slice", "Some entries of one axis.",
        [
          .init("dim", .int(1...3), .defaultsTo(.int(1)), "the axis; 1 is the channels"),
          .init("start", .int(0...10_000_000), .defaultsTo(.int(0)), "the first of them"),
          .init("length", .int(1...10_000_000), .required, "how many"),
        ])
    ) { (context) throws(TypeRuleViolation) in
      try context.emit(
        Slice(
          axis: context.integer("dim"), start: context.integer("start"), count: context.integer("length")),
        context.input)
    },
    LayerDefinition(
      Schema(
        "chunk", "One of so many equal parts of an axis.",
        [
          .init("chunks", .int(1...10_000_000), .required, "how many parts there are"),
          .init("index", .int(0...10_000_000), .required, "which of them, from 0"),
          .init("dim", .int(1...3), .defaultsTo(.int(1)), "the axis; 1 is the channels"),
        ])
    ) { (context) throws(TypeRuleViolation) in
      let (axis, chunks, index) = (
        context.integer("dim"), context.integer("chunks"), context.integer("index")
      )
      let type = context.type(of: context.input)
      guard axis < type.rank else {
        throw TypeRuleViolation(
          .axisOutOfRange, ["op": "chunk", "axis": "\(axis)", "shape": type.description], operand: 0)
      }
      let extent = type.shape[axis].extent(batch: 1)
      for (attribute, value, isRight) in [
        ("chunks", chunks, extent % chunks == 0), ("index", index, index < chunks),
      ] where !isRight {
        throw TypeRuleViolation(
          .attributeOutOfRange, ["op": "chunk", "attribute": attribute, "value": "\(value)"])
      }
      let count = extent / chunks
      return try context.emit(Slice(axis: axis, start: index * count, count: count), context.input)
    },
  ]
}

/// A factor in the shape of a tensor: as it is, or a number a channel repeated over the pixels.
private func perChannel(
  _ factor: ValueID, like value: ValueID, _ context: inout LayerContext
) throws(TypeRuleViolation) -> ValueID {
  let (shape, wanted) = (context.type(of: factor).shape, context.type(of: value).shape)
  guard wanted.count == 4, shape != wanted, shape.count == 2 || shape.count == 4 && shape[2...] == [1, 1]
  else { return factor }
  let vector = try context.emit(Reshape(shape: Array(shape[..<2])), factor)
  return try context.spread(vector, to: wanted, along: [2, 3])
}
