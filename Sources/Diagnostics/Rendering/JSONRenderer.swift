/// Diagnostics as JSON, for scripts and editors.
public struct JSONRenderer: Sendable {
  public var sources: SourceMap

  public init(sources: SourceMap) { self.sources = sources }

  /// {code, severity, message, file, line, column, end_line, end_column, notes[], steps[], fixes[]}; lines and
  /// columns count from one, and are null where a diagnostic has no place.
  public func value(of diagnostic: Diagnostic) -> JSONValue {
    .object(
      [
        (key: "code", value: .string(diagnostic.kind.code)),
        (key: "severity", value: .string(diagnostic.kind.severity.rawValue)),
        (key: "message", value: .string(diagnostic.message)),
      ] + place(diagnostic.span) + [
        (
          key: "notes",
          value: .array(
            diagnostic.notes.map { .object([(key: "message", value: .string($0.text))] + place($0.span)) })
        ),
        (
          key: "steps",
          value: .array(
            diagnostic.steps.map { step in
              .object(
                [
                  (key: "input", value: .string(step.input)), (key: "output", value: .string(step.output)),
                  (key: "remark", value: step.remark.map { .string($0) } ?? .null),
                ] + place(step.span))
            })
        ),
        (key: "fixes", value: .array(diagnostic.fixes.map(value(of:)))),
      ])
  }

  private func value(of fix: FixIt) -> JSONValue {
    .object([
      "title": .string(fix.title), "leaves": .array(fix.leaves.map { .string($0) }),
      "edits": .array(
        fix.edits.map { .object(place($0.span) + [(key: "replacement", value: .string($0.replacement))]) }),
    ])
  }

  private func place(_ span: SourceSpan?) -> [(key: String, value: JSONValue)] {
    guard let span else {
      return ["file", "line", "column", "end_line", "end_column"].map { (key: $0, value: .null) }
    }
    let start = sources.start(of: span)
    let end = sources.end(of: span)
    return [
      (key: "file", value: .string(sources.name(of: span.source))), (key: "line", value: .int(start.line)),
      (key: "column", value: .int(start.column)), (key: "end_line", value: .int(end.line)),
      (key: "end_column", value: .int(end.column)),
    ]
  }
}
