import Diagnostics
import GraphIR
import ModelSpec

extension LayerDefinition {
  static let linear = LayerDefinition(
    Schema(
      "linear", "A matrix product: every output depends on every input.", primary: "out_features",
      [
        .init("out_features", .int(1...10_000_000), .required, "the number of values that it makes"),
        .init("bias", .bool, .defaultsTo(.bool(true)), "whether a number a value is added"),
        .init(
          "in_features", .int(1...10_000_000), .optional,
          "the values of its input, which are inferred and here only checked"),
      ] + weightAttributes), input: .vector
  ) { (context) throws(TypeRuleViolation) in
    let type = context.type(of: context.input)
    guard type.rank == 2, let features = type.shape[1].fixedExtent else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": "linear", "expected": "2", "actual": type.description], operand: 0)
    }
    try checkDeclared("in_features", features, context)
    let output = context.layer.kind.int("out_features") ?? 1
    let shape = [output, features]
    let weight = try context.weight(shape, context.weightInitializer(shape))
    let product = try context.emit(Matmul(transposeRight: true), context.input, weight)
    guard context.layer.kind.bool("bias") == true else { return product }
    return try context.emit(BiasAdd(), product, context.bias(output, context.biasInitializer(shape)))
  }
}
