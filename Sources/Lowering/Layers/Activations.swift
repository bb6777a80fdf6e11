import GraphIR
import ModelSpec

private let anyNumber = AttributeSchema.Kind.number(-1e30...1e30)

extension LayerDefinition {
  static let activations: [LayerDefinition] = [
    activation(.relu, "max(x, 0)."),
    activation(
      .leakyReLU, "x above zero, slope · x below.", primary: "negative_slope",
      [.init("negative_slope", anyNumber, .defaultsTo(.number(0.01)), "the slope below zero")]),
    activation(.tanh, "The hyperbolic tangent, between -1 and 1."),
    activation(.sigmoid, "1 / (1 + e⁻ˣ), between 0 and 1."),
    activation(
      .elu, "x above zero, alpha · (eˣ − 1) below.", primary: "alpha",
      [.init("alpha", .number(0...1e30), .defaultsTo(.number(1)), "the size of the negative part")]),
    activation(
      .softplus, "log(1 + e^(beta · x)) / beta, a smooth ReLU.",
      [
        .init("beta", .number(0...1e30, isOpen: true), .defaultsTo(.number(1)), "how sharp the bend is"),
        .init("threshold", anyNumber, .defaultsTo(.number(20)), "above it, x itself"),
      ]),
    activation(.silu, "x · sigmoid(x)."),
    LayerDefinition(
      Schema(
        "gelu", "x · Φ(x), Φ being the normal distribution.", primary: "approximate",
        [
          .init(
            "approximate", .choice(["none", "tanh"]), .defaultsTo(.string("none")),
            "`tanh` for the usual approximation")
        ]), preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let isTanh = context.layer.kind.string("approximate") == "tanh"
      return try context.emit(Unary(UnaryFunction(.gelu, [isTanh ? 1 : 0])), context.input)
    },
    LayerDefinition(
      Schema(
        "prelu", "x above zero, a · x below, where a trains.",
        [
          .init(
            "num_parameters", .int(1...1_000_000), .defaultsTo(.int(1)),
            "1, or the number of channels, each of which then has its own"),
          .init("init", .number(-1e30...1e30), .defaultsTo(.number(0.25)), "what a begins as"),
        ]), preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let count = context.integer("num_parameters")
      let channels = try context.inputChannels("prelu")
      guard count == 1 || count == channels else {
        throw TypeRuleViolation(
          .attributeOutOfRange, ["op": "prelu", "attribute": "num_parameters", "value": "\(count)"])
      }
      // relu(x) + a·(x − relu(x)), whose derivative at 0 is a.
      let positive = try context.emit(Unary(.relu), context.input)
      let negative = try context.emit(Binary(.subtract), context.input, positive)
      var slope = try context.parameter("weight", [count], .constant(context.number("init")))
      var axes = context.allButChannels(context.input)
      if count == 1 {
        slope = try context.emit(Reshape(shape: []), slope)
        axes = Array(context.type(of: context.input).shape.indices)
      }
      return try context.emit(
        Binary(.add), positive, context.scale(negative, by: slope, along: axes))
    },
    formula("relu6", "x, at least 0 and at most 6.") { (x, context) throws(TypeRuleViolation) in
      try context.emit(Unary(UnaryFunction(.hardtanh, [0, 6])), x)
    },
    formula(
      "hardtanh", "x, at least min_val and at most max_val.",
      [
        .init("min_val", anyNumber, .defaultsTo(.number(-1)), "the least value"),
        .init("max_val", anyNumber, .defaultsTo(.number(1)), "the largest value"),
      ]
    ) { (x, context) throws(TypeRuleViolation) in
      let bounds = [context.number("min_val"), context.number("max_val")]
      guard bounds[0] < bounds[1] else {
        throw TypeRuleViolation(
          .attributeOutOfRange, ["op": "hardtanh", "attribute": "max_val", "value": "\(bounds[1])"])
      }
      return try context.emit(Unary(UnaryFunction(.hardtanh, bounds)), x)
    },
    formula("softsign", "x / (1 + |x|).") { (x, context) throws(TypeRuleViolation) in
      let size = try context.emit(Unary(UnaryFunction(.absolute)), x)
      return try context.emit(Binary(.divide), x, context.emit(Affine(offset: 1), size))
    },
    formula("log_sigmoid", "log(sigmoid(x)).") { (x, context) throws(TypeRuleViolation) in
      let smooth = try context.emit(Unary(UnaryFunction(.softplus)), context.emit(Affine(scale: -1), x))
      return try context.emit(Affine(scale: -1), smooth)
    },
    formula("mish", "x · tanh(softplus(x)).") { (x, context) throws(TypeRuleViolation) in
      let gate = try context.emit(Unary(.tanh), context.emit(Unary(UnaryFunction(.softplus)), x))
      return try context.emit(Binary(.multiply), x, gate)
    },
    formula("selu", "`elu` of alpha 1.6733, scaled by 1.0507.") { (x, context) throws(TypeRuleViolation) in
      let bent = try context.emit(Unary(UnaryFunction(.elu, [1.6732632423543772])), x)
      return try context.emit(Affine(scale: 1.0507009873554805), bent)
    },
    formula("hardsigmoid", "x/6 + 1/2, at least 0 and at most 1.") { (x, context) throws(TypeRuleViolation) in
      try hardSigmoid(x, &context)
    },
    formula("hardswish", "x · hardsigmoid(x).") { (x, context) throws(TypeRuleViolation) in
      try context.emit(Binary(.multiply), x, hardSigmoid(x, &context))
    },
  ]

  private static func hardSigmoid(
    _ x: ValueID, _ context: inout LayerContext
  ) throws(TypeRuleViolation) -> ValueID {
    let clipped = try context.emit(
      Unary(UnaryFunction(.hardtanh, [0, 6])), context.emit(Affine(offset: 3), x))
    return try context.emit(Affine(scale: 1.0 / 6), clipped)
  }

  /// An activation that other functions write out.
  private static func formula(
    _ name: String, _ summary: String, _ attributes: [AttributeSchema] = [],
    _ emit: @escaping @Sendable (ValueID, inout LayerContext) throws(TypeRuleViolation) -> ValueID
  ) -> LayerDefinition {
    LayerDefinition(Schema(name, summary, attributes), preservesShape: true) {
      (context) throws(TypeRuleViolation) in try emit(context.input, &context)
    }
  }

  /// An activation whose attributes are its function's parameters, in order.
  private static func activation(
    _ kind: UnaryKind, _ summary: String, primary: String? = nil, _ attributes: [AttributeSchema] = []
  ) -> LayerDefinition {
    LayerDefinition(
      Schema(kind.rawValue, summary, primary: primary, attributes), preservesShape: true
    ) { (context) throws(TypeRuleViolation) in
      let parameters = attributes.compactMap { context.layer.kind.number($0.name) }
      return try context.emit(Unary(UnaryFunction(kind, parameters)), context.input)
    }
  }
}
