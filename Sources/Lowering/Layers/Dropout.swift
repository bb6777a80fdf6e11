import GraphIR
import ModelSpec

extension LayerDefinition {
  static let dropout = LayerDefinition(
    Schema(
      "dropout", "Sets values to zero at random while training, and scales the others up.", primary: "p",
      [.init("p", .number(0...0.999_999), .defaultsTo(.number(0.5)), "the share of zeros")]),
    preservesShape: true
  ) { (context) throws(TypeRuleViolation) in
    let rate = context.layer.kind.number("p") ?? 0.5
    guard context.mode == .train, rate > 0 else { return context.input }
    // A mask depends on the layer and the number of its batch alone, which outlives an interruption.
    let count = try context.count("random.\(context.path).batches", role: .random)
    let mask = try context.emit(
      DropoutMask(
        rate: rate, seed: namedSeed(context.seed, context.path), stream: DropoutMask.stream,
        shape: context.type(of: context.input).shape), count)
    return try context.emit(Binary(.multiply), context.input, mask)
  }
}
