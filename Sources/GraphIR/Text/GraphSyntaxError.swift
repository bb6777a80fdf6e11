import Diagnostics

/// A text that is not a graph, and the place where it ceases to be one.
public struct GraphSyntaxError: Error, Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case unexpectedCharacter(Character)
    case unterminatedString
    case unknownEscape(Character)
    /// A number that no 64-bit integer or float holds.
    case numberOutOfRange(String)
    case expected(String, found: String)
    case unknownOp(String, nearest: String?)
    case wrongParameters(op: String)
    case unknownAttribute(String, op: String, nearest: String?)
    case invalidAttribute(String, op: String)
    case duplicateAttribute(String)
    case undefinedValue(String, nearest: String?)
    case duplicateValue(String)
    case typeCount(results: Int, types: Int)
    case nestedTooDeeply(limit: Int)
  }

  public var kind: Kind
  public var location: SourceLocation

  public init(_ kind: Kind, at location: SourceLocation) {
    self.kind = kind
    self.location = location
  }
}

extension GraphSyntaxError: CustomStringConvertible {
  public var description: String { "\(location.line):\(location.column): \(kind.message)" }
}

extension GraphSyntaxError.Kind {
  var message: String {
    switch self {
    case .unexpectedCharacter(let character): "`\(character)` has no meaning here"
    case .unterminatedString: "the string does not end on its line"
    case .unknownEscape(let character): "`\\\(character)` stands for no character"
    case .numberOutOfRange(let text): "\(text) is too large"
    case .expected(let expected, let found): "expected \(expected), but found \(found)"
    case .unknownOp(let name, let nearest): "no op is named `\(name)`" + suggestion(nearest)
    case .wrongParameters(let op): "`\(op)` does not have these parameters"
    case .unknownAttribute(let name, let op, let nearest):
      "`\(op)` has no attribute `\(name)`" + suggestion(nearest)
    case .invalidAttribute(let name, let op): "`\(name)` of `\(op)` cannot have this value"
    case .duplicateAttribute(let name): "`\(name)` is given twice"
    case .undefinedValue(let name, let nearest):
      "`%\(name)` is not defined before this" + suggestion(nearest.map { "%\($0)" })
    case .duplicateValue(let name): "`%\(name)` is defined already"
    case .typeCount(let results, let types): "\(results) results, but \(types) types"
    case .nestedTooDeeply(let limit): "lists nest more than \(limit) deep"
    }
  }

  private func suggestion(_ nearest: String?) -> String {
    nearest.map { "; did you mean `\($0)`?" } ?? ""
  }
}
