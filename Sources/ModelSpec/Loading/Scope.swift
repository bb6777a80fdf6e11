import Diagnostics

/// What the names of an expression mean at one place of a model: the model's own numbers, the `let`
/// variables, the parameters of the block that is written out, and the indices of repetitions.
struct Scope {
  enum Value {
    case number(Number)
    case bool(Bool)

    var text: String {
      switch self {
      case .number(let number): number.text
      case .bool(let value): "\(value)"
      }
    }
  }

  /// Names of this place, the innermost last.
  private var locals: [(name: String, value: Value)] = []

  func lookup(_ name: String) -> Value? { locals.last { $0.name == name }?.value }

  func adding(_ name: String, _ value: Value) -> Scope {
    var scope = self
    scope.locals.append((name, value))
    return scope
  }

  var names: [String] { locals.map(\.name) }
}

/// The names that hold everywhere, computed when they are first asked for.
///
/// A `let` may name one that is written below it; one that needs itself is an error.
final class Globals {
  private struct Definition {
    let node: YAMLNode
    let keySpan: SourceSpan
    var isUsed = false
    var isBeingComputed = false
    var value: Number?
    /// Its mistake is reported once.
    var isBroken = false
  }

  private var order: [String] = []
  private var definitions: [String: Definition] = [:]
  private var builtIn: [String: Number] = [:]

  /// `image.height` and its kin.
  func define(_ name: String, _ value: Number) {
    if builtIn[name] == nil { order.append(name) }
    builtIn[name] = value
  }

  func define(_ name: String, from node: YAMLNode, keySpan: SourceSpan) {
    definitions[name] = Definition(node: node, keySpan: keySpan)
    order.append(name)
  }

  var names: [String] { order }

  /// The `let` variables that nothing read.
  var unused: [(name: String, span: SourceSpan)] {
    order.compactMap { name in
      guard let definition = definitions[name], !definition.isUsed else { return nil }
      return (name, definition.keySpan)
    }
  }

  func noteUse(_ name: String) { definitions[name]?.isUsed = true }

  enum Lookup {
    case value(Number)
    case missing
    case cycle
    /// Defined, but wrongly, which is already reported.
    case broken
  }

  func lookup(_ name: String, evaluate: (YAMLNode) -> Number?) -> Lookup {
    if let number = builtIn[name] { return .value(number) }
    guard var definition = definitions[name] else { return .missing }
    definition.isUsed = true
    definitions[name] = definition
    if let value = definition.value { return .value(value) }
    if definition.isBroken { return .broken }
    if definition.isBeingComputed { return .cycle }
    definitions[name]?.isBeingComputed = true
    let value = evaluate(definition.node)
    definitions[name]?.isBeingComputed = false
    definitions[name]?.value = value
    definitions[name]?.isBroken = value == nil
    return value.map(Lookup.value) ?? .broken
  }
}
