import Glibc
import ModelSpec

/// How a learning rate goes, as the language has it.
///
/// A schedule is a function of how many steps, or epochs, are done: nothing of it is kept between steps.
public struct ScheduleDefinition: Sendable {
  public var schema: Schema
  /// After how many steps or epochs it stays as it is; nil where it never does, so that nothing can follow.
  let length: @Sendable (AttributeValue.Choice) -> Int?
  /// The share of the rate at a time from zero, in the unit that the attributes are in.
  let factor: @Sendable (AttributeValue.Choice, Int) -> Double

  public static let all = [constant, linear, warmUp, cosine, steps, milestones, exponential]

  static func named(_ name: String) -> ScheduleDefinition {
    guard let found = all.first(where: { $0.schema.name == name }) else {
      preconditionFailure("no schedule `\(name)`")
    }
    return found
  }

  private static let counts = 1...(1 << 40)

  private static func schema(
    _ name: String, _ summary: String, over steps: String = "steps", _ epochs: String = "epochs",
    kind: AttributeSchema.Kind = .int(counts), what: String = "how long it goes on",
    adding attributes: [AttributeSchema] = []
  ) -> Schema {
    var schema = Schema(
      name, summary, primary: steps,
      [
        .init(steps, kind, .optional, "\(what), in steps"),
        .init(epochs, kind, .optional, "\(what), in epochs"),
      ] + attributes)
    schema.alternatives = [steps, epochs]
    return schema
  }

  private static func share(_ name: String, _ value: Double, _ summary: String) -> AttributeSchema {
    .init(name, .number(0...1e6), .defaultsTo(.number(value)), summary)
  }

  private static func ramp(_ choice: AttributeValue.Choice, to end: Double, at time: Int) -> Double {
    let (start, length) = (choice.number("from"), choice.count)
    return start + (end - start) * Double(min(time, length)) / Double(length)
  }

  private static let constant = ScheduleDefinition(
    schema: schema("constant", "The rate as it is, before something else follows."),
    length: \.count, factor: { _, _ in 1 })

  /// Source: PyTorch's `LinearLR`.
  private static let linear = ScheduleDefinition(
    schema: schema(
      "linear", "From one share of the rate to another along a line.",
      adding: [share("from", 1, "the share at the beginning"), share("to", 0, "the share at the end")]),
    length: \.count, factor: { ramp($0, to: $0.number("to"), at: $1) })

  private static let warmUp = ScheduleDefinition(
    schema: schema(
      "warm_up", "Up to the whole rate along a line.",
      adding: [share("from", 0, "the share at the beginning")]),
    length: \.count, factor: { ramp($0, to: 1, at: $1) })

  /// Source: PyTorch's `CosineAnnealingLR`, which rises again behind its end; here it stays unless told to begin
  /// anew.
  private static let cosine = ScheduleDefinition(
    schema: schema(
      "cosine", "Down along half a cosine.",
      adding: [
        share("to", 0, "the share at the end"),
        .init(
          "restart", .bool, .defaultsTo(.bool(false)),
          "whether it goes up again the same way behind its end, and so on"),
      ]),
    length: { $0.isSet("restart") ? nil : $0.count },
    factor: { choice, time in
      let (end, length) = (choice.number("to"), choice.count)
      let time = choice.isSet("restart") ? time : min(time, length)
      return end + (1 - end) * (1 + cos(Double.pi * Double(time) / Double(length))) / 2
    })

  /// Source: PyTorch's `StepLR`.
  private static let steps = ScheduleDefinition(
    schema: schema(
      "step", "Times a factor now and then.", over: "every", "every_epochs", what: "how long each stair is",
      adding: [share("factor", 0.1, "what the rate is multiplied by")]),
    length: { _ in nil }, factor: { pow($0.number("factor"), Double($1 / $0.count)) })

  /// Source: PyTorch's `MultiStepLR`.
  private static let milestones = ScheduleDefinition(
    schema: schema(
      "milestones", "Times a factor at each of some times.", over: "at", "at_epochs",
      kind: .ints(0...(1 << 40)), what: "when",
      adding: [share("factor", 0.1, "what the rate is multiplied by")]),
    length: { _ in nil },
    factor: { choice, time in pow(choice.number("factor"), Double(choice.times.count { $0 <= time })) })

  /// Source: PyTorch's `ExponentialLR`.
  private static let exponential = ScheduleDefinition(
    schema: schema(
      "exponential", "Times a factor within each of some times, bit by bit.", over: "every", "every_epochs",
      what: "within how long", adding: [share("factor", 0.1, "what the rate is multiplied by")]),
    length: { _ in nil }, factor: { pow($0.number("factor"), Double($1) / Double($0.count)) })
}

extension AttributeValue.Choice {
  private static let steps = ["steps", "every", "at"]
  private static let epochs = ["epochs", "every_epochs", "at_epochs"]

  fileprivate var isInEpochs: Bool { Self.epochs.contains { attributes[$0] != nil } }

  private var time: AttributeValue? { (Self.steps + Self.epochs).lazy.compactMap { attributes[$0] }.first }

  /// Its length, in steps or in epochs.
  fileprivate var count: Int {
    guard case .int(let count)? = time else { preconditionFailure("`\(name)` has no length") }
    return count
  }

  fileprivate var times: [Int] {
    guard case .ints(let times)? = time else { preconditionFailure("`\(name)` has no times") }
    return times
  }

  fileprivate func number(_ name: String) -> Double {
    switch attributes[name] {
    case .number(let value): value
    case .int(let value): Double(value)
    default: preconditionFailure("`\(self.name)` has no `\(name)`")
    }
  }

  fileprivate func isSet(_ name: String) -> Bool { attributes[name] == .bool(true) }
}

/// The share of a learning rate that is left at each step.
public struct RateSchedule: Hashable, Sendable {
  /// One after another; each begins when the one before has come to its end.
  private let parts: [AttributeValue.Choice]

  /// - Parameter parts: At least one.
  init(_ parts: [AttributeValue.Choice]) { self.parts = parts }

  /// What is wrong with the parts together, and what was expected; nil where nothing is.
  var mistake: (expected: String, actual: String)? {
    if Set(parts.map(\.isInEpochs)).count > 1 { return ("all parts in steps, or all in epochs", "both") }
    for part in parts.dropLast() where ScheduleDefinition.named(part.name).length(part) == nil {
      return ("parts that end, all but the last", "`\(part.name)`, which goes on for ever")
    }
    return nil
  }

  /// - Parameters:
  ///   - step: How many steps were made before.
  ///   - epoch: How many epochs of the data were gone through before.
  public func factor(step: Int, epoch: Int) -> Double {
    var time = parts[0].isInEpochs ? epoch : step
    for part in parts.dropLast() {
      let definition = ScheduleDefinition.named(part.name)
      guard let length = definition.length(part), time >= length else { return definition.factor(part, time) }
      time -= length
    }
    let last = parts[parts.count - 1]
    return ScheduleDefinition.named(last.name).factor(last, time)
  }
}
