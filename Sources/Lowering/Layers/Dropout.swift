import GraphIR
import ModelSpec

private let rate = AttributeSchema(
  "p", .number(0...0.999_999), .defaultsTo(.number(0.5)), "the share of zeros")

extension LayerDefinition {
  static let dropouts = [
    LayerDefinition(
      Schema(
        "dropout", "Sets values to zero at random while training, and scales the others up.", primary: "p",
        [rate]), preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let shape = context.type(of: context.input).shape
      guard let mask = try dropoutMask(&context, shape: shape) else { return context.input }
      return try context.emit(Binary(.multiply), context.input, mask)
    },
    LayerDefinition(
      Schema(
        "dropout2d",
        "Sets whole channels of images to zero at random while training, and scales the others up.",
        primary: "p", [rate]), input: .image, preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      try context.checkRank(4)
      let shape = context.type(of: context.input).shape
      guard let mask = try dropoutMask(&context, shape: Array(shape[..<2])) else { return context.input }
      return try context.scale(context.input, by: mask, along: [2, 3])
    },
  ]
}

/// Zeros and scales at random; nil where nothing is dropped.
private func dropoutMask(
  _ context: inout LayerContext, shape: [Dimension]
) throws(TypeRuleViolation) -> ValueID? {
  let rate = context.number("p")
  guard context.mode == .train, rate > 0 else { return nil }
  let (seed, step) = try context.randomStream()
  return try context.emit(
    DropoutMask(rate: rate, seed: seed, stream: DropoutMask.stream, shape: shape), step)
}
