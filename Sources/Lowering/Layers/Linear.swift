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
      ]), input: .vector
  ) { (context) throws(TypeRuleViolation) in
    let type = context.type(of: context.input)
    guard type.rank == 2, let features = type.shape[1].fixedExtent else {
      throw TypeRuleViolation(
        .rankMismatch, ["op": "linear", "expected": "2", "actual": type.description], operand: 0)
    }
    try checkDeclared("in_features", features, context)
    let output = context.layer.kind.int("out_features") ?? 1
    let bound = 1 / Double(features).squareRoot()
    let weight = try context.parameter("weight", [output, features], .uniform(bound: bound))
    let product = try context.emit(Matmul(transposeRight: true), context.input, weight)
    guard context.layer.kind.bool("bias") == true else { return product }
    let bias = try context.parameter("bias", [output], .uniform(bound: bound))
    return try context.emit(BiasAdd(), product, bias)
  }
}
