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
  ]

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
