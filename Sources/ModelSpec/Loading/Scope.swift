import Diagnostics

/// What the names of an expression mean at one place of a model: the model's own numbers, the `let`
/// variables, the parameters of the block that is written out, and the indices of repetitions.
struct Scope {
  /// Where only the model's own names hold.
  static let global = Scope()

  enum Value {
    case number(Number)
    case bool(Bool)
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
  /// How many variables may each need the next.
  static let chainLimit = 64

  private struct Definition {
    /// Nil where the model lacks it, which is reported elsewhere.
    let node: YAMLNode?
    let keySpan: SourceSpan?
    /// `image.height` and its kin, which nobody needs to read.
    let isBuiltIn: Bool
    var isUsed = false
    var isBeingComputed = false
    var value: Scope.Value?
    /// Its mistake is reported once.
    var isBroken = false
  }

  private var order: [String] = []
  private var definitions: [String: Definition] = [:]
  private var chain = 0

  /// `image.height` and its kin; no node where the model lacks it.
  func defineBuiltIn(_ name: String, from node: YAMLNode?) {
    define(name, Definition(node: node, keySpan: nil, isBuiltIn: true, isBroken: node == nil))
  }

  func define(_ name: String, from node: YAMLNode, keySpan: SourceSpan) {
    define(name, Definition(node: node, keySpan: keySpan, isBuiltIn: false))
  }

  private func define(_ name: String, _ definition: Definition) {
    if definitions[name] == nil { order.append(name) }
    definitions[name] = definition
  }

  var names: [String] { order }

  /// The `let` variables that nothing read.
  var unused: [(name: String, span: SourceSpan, node: YAMLNode)] {
    order.compactMap { name in
      guard let definition = definitions[name], !definition.isUsed, !definition.isBuiltIn,
        let span = definition.keySpan, let node = definition.node
      else { return nil }
      return (name, span, node)
    }
  }

  /// Counts a name as read, which a mistake kept from being read.
  func markUsed(_ name: String) { definitions[name]?.isUsed = true }

  enum Lookup {
    case value(Scope.Value)
    case missing
    case cycle
    /// At the end of too many variables that each need the next.
    case tooDeep
    /// Defined, but wrongly, which is already reported.
    case broken
  }

  func lookup(_ name: String, evaluate: (YAMLNode) -> Scope.Value?) -> Lookup {
    guard let definition = definitions[name] else { return .missing }
    definitions[name]?.isUsed = true
    if let value = definition.value { return .value(value) }
    guard !definition.isBroken, let node = definition.node else { return .broken }
    if definition.isBeingComputed { return .cycle }
    if chain == Self.chainLimit { return .tooDeep }
    definitions[name]?.isBeingComputed = true
    chain += 1
    let value = evaluate(node)
    chain -= 1
    definitions[name]?.isBeingComputed = false
    definitions[name]?.value = value
    definitions[name]?.isBroken = value == nil
    return value.map(Lookup.value) ?? .broken
  }
}
