import GraphIR
import ModelSpec

/// An optimiser of the language.
public struct OptimizerDefinition: Sendable {
  public var schema: Schema
  /// What it remembers of each parameter, as PyTorch's `state_dict` calls it, in the op's operand order.
  public var states: [String]
  /// The op, given the attributes.
  let op: @Sendable (Configured) -> any OpDefinition

  public static let all = [adam("adam", decoupled: false), adam("adamw", decoupled: true), sgd, rmsprop]

  static func named(_ name: String) -> OptimizerDefinition { all.first { $0.schema.name == name } ?? all[0] }

  private static let positive = AttributeSchema.Kind.number(0...1e38, isOpen: true)
  private static let notNegative = AttributeSchema.Kind.number(0...1e30)

  private static func rate(_ value: Double) -> AttributeSchema {
    .init("lr", positive, .defaultsTo(.number(value)), "the learning rate")
  }
  private static let schedule = AttributeSchema(
    "schedule", .choices(ScheduleDefinition.all.map(\.schema)), .optional,
    "how the rate goes: see [schedules](#schedules)")
  private static func decay(_ value: Double) -> AttributeSchema {
    .init("weight_decay", notNegative, .defaultsTo(.number(value)), "how strongly weights shrink")
  }

  private static func adam(_ name: String, decoupled: Bool) -> OptimizerDefinition {
    OptimizerDefinition(
      schema: Schema(
        name, decoupled ? "Adam with decoupled weight decay." : "Adam.", primary: "lr",
        [
          rate(0.0002),
          .init(
            "betas", .numbers(count: 2, 0...0.999_999_9), .defaultsTo(.numbers([0.5, 0.999])),
            "how long it remembers gradients and their squares"),
          .init("eps", positive, .defaultsTo(.number(1e-8)), "added to the root of the squares"),
          decay(decoupled ? 0.01 : 0),
          schedule,
        ]),
      states: ["exp_avg", "exp_avg_sq"]
    ) { given in
      let betas = given.numbers("betas") ?? [0.5, 0.999]
      return Adam(
        learningRate: given.number("lr") ?? 0.0002, beta1: betas[0], beta2: betas[1],
        eps: given.number("eps") ?? 1e-8, weightDecay: given.number("weight_decay") ?? 0,
        isDecoupled: decoupled)
    }
  }

  private static let sgd = OptimizerDefinition(
    schema: Schema(
      "sgd", "Stochastic gradient descent.", primary: "lr",
      [
        rate(0.01),
        .init(
          "momentum", .number(0...0.999_999_9), .defaultsTo(.number(0)),
          "the share of the last update that goes on"),
        .init("dampening", .number(0...1), .defaultsTo(.number(0)), "how much less a gradient counts in it"),
        decay(0),
        .init("nesterov", .bool, .defaultsTo(.bool(false)), "whether the momentum looks ahead"),
        schedule,
      ]),
    states: ["momentum_buffer"]
  ) { given in
    SGD(
      learningRate: given.number("lr") ?? 0.01, momentum: given.number("momentum") ?? 0,
      dampening: given.number("dampening") ?? 0, weightDecay: given.number("weight_decay") ?? 0,
      isNesterov: given.bool("nesterov") ?? false)
  }

  private static let rmsprop = OptimizerDefinition(
    schema: Schema(
      "rmsprop", "RMSprop.", primary: "lr",
      [
        rate(0.01),
        .init("alpha", .number(0...0.999_999_9), .defaultsTo(.number(0.99)), "how long it remembers squares"),
        .init("eps", positive, .defaultsTo(.number(1e-8)), "added to the root of the squares"),
        decay(0),
        .init(
          "momentum", .number(0...0.999_999_9), .defaultsTo(.number(0)),
          "the share of the last update that goes on"),
        .init("centered", .bool, .defaultsTo(.bool(false)), "whether the mean gradient is taken off"),
        schedule,
      ]),
    states: ["square_avg", "momentum_buffer", "grad_avg"]
  ) { given in
    RMSprop(
      learningRate: given.number("lr") ?? 0.01, alpha: given.number("alpha") ?? 0.99,
      eps: given.number("eps") ?? 1e-8, weightDecay: given.number("weight_decay") ?? 0,
      momentum: given.number("momentum") ?? 0, isCentered: given.bool("centered") ?? false)
  }
}
