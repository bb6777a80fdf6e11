/// A node of an ONNX file that graphc has no form for.
public struct ImportProblem: Error, Sendable, CustomStringConvertible {
  /// The node's name, or what it makes where it has none.
  public var node: String
  /// `Conv`, with its domain where that is not the standard one.
  public var operation: String
  /// Why, as the rest of a sentence that begins with the node.
  public var reason: String

  public init(node: String, operation: String, reason: String) {
    self.node = node
    self.operation = operation
    self.reason = reason
  }

  public var description: String {
    "the \(operation) node \(quotedForDisplay(node)) \(reason)"
  }
}

/// All that keeps an ONNX file from being imported.
public struct ImportFailure: Error, Sendable, CustomStringConvertible {
  public var problems: [ImportProblem]

  public init(_ problems: [ImportProblem]) { self.problems = problems }

  public var description: String {
    let limit = 20
    var lines = problems.prefix(limit).map(\.description)
    if problems.count > limit { lines.append("and \(problems.count - limit) more") }
    return "cannot be imported:" + lines.map { "\n  \($0)" }.joined()
  }
}
