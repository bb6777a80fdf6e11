/// How much a diagnostic weighs: an error stops the command, a warning does not.
public enum Severity: String, Sendable {
  case error, warning
}

/// What a kind of mistake is about: the first part of its code.
public enum DiagnosticArea: String, Sendable, CaseIterable {
  case yaml, spec, expression, shape, agreement, program, advice

  /// Mistakes of one phase keep the next from being looked for.
  public var phase: Int {
    switch self {
    case .yaml: 0
    case .spec, .expression: 1
    case .shape: 2
    case .agreement: 3
    case .program: 4
    case .advice: 5
    }
  }
}

/// One kind of mistake: its stable code and its one sentence.
///
/// Every kind is a `static let` in `Catalog/`, and has a page `docs/errors/<code>.md`. Names in
/// braces are replaced by the diagnostic's arguments: `"unknown key `{key}` in {context}"`.
public struct DiagnosticKind: Hashable, Sendable {
  /// `area/what-is-wrong`, stable across releases.
  public let code: String
  public let severity: Severity
  public let template: String

  public init(_ code: String, _ template: String, severity: Severity = .error) {
    self.code = code
    self.severity = severity
    self.template = template
  }

  public var area: DiagnosticArea {
    let name = code.prefix { $0 != "/" }
    guard let area = DiagnosticArea(rawValue: String(name)) else { preconditionFailure("no area `\(name)`") }
    return area
  }

  /// The template with `{name}` replaced by the argument of that name.
  public func message(_ arguments: [(name: String, value: String)]) -> String {
    pieces.reduce(into: "") { message, piece in
      switch piece {
      case .text(let text): message += text
      case .argument(let name):
        message += arguments.first { $0.name == name }.map { Self.clipped($0.value) } ?? "{\(name)}"
      }
    }
  }

  /// The names of the arguments that the template asks for.
  public var argumentNames: Set<String> {
    Set(pieces.compactMap { if case .argument(let name) = $0 { String(name) } else { nil } })
  }

  private enum Piece {
    case text(Substring)
    case argument(Substring)
  }

  private var pieces: [Piece] {
    var pieces: [Piece] = []
    var rest = Substring(template)
    while let open = rest.utf8.firstIndex(of: UInt8(ascii: "{")),
      let close = rest[open...].utf8.firstIndex(of: UInt8(ascii: "}"))
    {
      pieces.append(.text(rest[..<open]))
      pieces.append(.argument(rest[rest.utf8.index(after: open)..<close]))
      rest = rest[rest.utf8.index(after: close)...]
    }
    return pieces + [.text(rest)]
  }

  /// What a user wrote may be a page long; a sentence quotes its beginning.
  private static func clipped(_ value: String) -> String {
    value.utf8.count <= 200 ? value : value.prefix(200) + "…"
  }
}

/// One replacement of source text that mends a mistake.
public struct FixIt: Sendable {
  /// What the fix does, as an imperative: "set `kernel_size` to 8".
  public var title: String
  /// Edits of the sources; empty where the fix can only be told, not applied.
  public var edits: [Edit]
  /// The errors that are left with it, each as a sentence; none where everything is right then.
  public var leaves: [String] = []

  public struct Edit: Hashable, Sendable {
    public var span: SourceSpan
    public var replacement: String

    public init(span: SourceSpan, replacement: String) {
      self.span = span
      self.replacement = replacement
    }
  }

  public init(_ title: String, edits: [Edit] = []) {
    self.title = title
    self.edits = edits
  }
}

/// A mistake as data. `Rendering` turns it into text.
public struct Diagnostic: Sendable {
  /// A remark on a line that led to the mistake: "128 channels are produced here".
  public struct Note: Sendable {
    public var text: String
    public var span: SourceSpan?

    public init(_ text: String, at span: SourceSpan? = nil) {
      self.text = text
      self.span = span
    }
  }

  /// A line of the model on the way to the mistake, and what it makes of what it gets.
  public struct Step: Sendable {
    public var span: SourceSpan
    public var input: String
    public var output: String
    /// What is to be known of it; nil for most.
    public var remark: String?

    public init(span: SourceSpan, input: String, output: String, remark: String? = nil) {
      self.span = span
      self.input = input
      self.output = output
      self.remark = remark
    }
  }

  public var kind: DiagnosticKind
  public var span: SourceSpan?
  public var arguments: [(name: String, value: String)]
  /// Text beside the caret, where the sentence alone does not say it.
  public var label: String?
  public var notes: [Note]
  /// The way that led here, line by line; empty where one line says it.
  public var steps: [Step] = []
  public var fixes: [FixIt]

  public init(
    _ kind: DiagnosticKind, at span: SourceSpan?, _ arguments: KeyValuePairs<String, String> = [:],
    label: String? = nil, notes: [Note] = [], fixes: [FixIt] = []
  ) {
    self.kind = kind
    self.span = span
    self.arguments = arguments.map { (name: $0.key, value: $0.value) }
    self.label = label
    self.notes = notes
    self.fixes = fixes
  }

  public var message: String { kind.message(arguments) }
}

extension Diagnostic {
  /// The same, with the stage of the training in which it shows.
  ///
  /// - Parameter index: From zero.
  public func inStage(_ index: Int, of count: Int, at span: SourceSpan) -> Diagnostic {
    var diagnostic = self
    diagnostic.notes.append(.init("in stage \(index + 1) of \(count), which begins here", at: span))
    return diagnostic
  }
}

/// The diagnostics of one run, in the order in which they were found.
public struct DiagnosticBag: Sendable {
  public private(set) var diagnostics: [Diagnostic] = []

  public init() {}

  public mutating func report(_ diagnostic: Diagnostic) {
    diagnostics.append(diagnostic)
    if diagnostic.kind.severity == .error { hasErrors = true }
  }

  /// Adds a diagnostic, unless the same is there of the same text.
  public mutating func reportOnce(_ diagnostic: Diagnostic) {
    for other in diagnostics[indexedCount...] { indexed.insert(Content(other)) }
    indexedCount = diagnostics.count
    if !indexed.contains(Content(diagnostic)) { report(diagnostic) }
  }

  /// What makes two diagnostics the same.
  private struct Content: Hashable {
    var code: String
    var span: SourceSpan?
    var message: String

    init(_ diagnostic: Diagnostic) {
      (code, span, message) = (diagnostic.kind.code, diagnostic.span, diagnostic.message)
    }
  }

  /// Those of the first `indexedCount` diagnostics.
  private var indexed: Set<Content> = []
  private var indexedCount = 0

  /// Whether there are more than anybody reads: what is found from here on need not say how it is mended.
  public var isCrowded: Bool { diagnostics.count >= 100 }

  public private(set) var hasErrors = false
}
