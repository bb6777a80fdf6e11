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
        "concat", "Its inputs, which `from` names, joined along an axis.", primary: "dim",
        [.init("dim", .int(1...3), .defaultsTo(.int(1)), "the axis; 1 is the channels")]),
      inputs: .twoOrMore
    ) { (context) throws(TypeRuleViolation) in
      try context.builder.tryEmit(Concat(axis: context.layer.kind.int("dim") ?? 1), context.inputs)[0]
    },
  ]
}
