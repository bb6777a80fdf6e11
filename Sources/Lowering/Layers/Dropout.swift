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
    // A mask depends on the number of its batch alone, which outlives an interruption.
    let counter = ParameterDefinition(
      name: "random.\(context.path).batches", shape: [], initializer: .constant(0), kind: .state)
    let count = context.store.value(counter, in: &context.builder)
    context.store.current[counter.name] = try context.emit(Affine(offset: 1), count)
    let mask = try context.emit(
      DropoutMask(
        rate: rate, seed: context.seed, stream: context.dropoutStream,
        shape: context.type(of: context.input).shape), count)
    context.dropoutStream += 1
    return try context.emit(Binary(.multiply), context.input, mask)
  }
}
