import Diagnostics

/// What a program did when, as Chrome's `chrome://tracing`, Perfetto and speedscope show it.
///
/// Source: "Trace Event Format", the Chromium project; complete events (`ph: "X"`).
public struct ChromeTrace: Sendable {
  /// A piece of work from its beginning to its end.
  public struct Event: Sendable {
    public var name: String
    /// Events of one category can be shown alone.
    public var category: String
    /// In seconds, from the trace's beginning.
    public var start: Double
    public var duration: Double
    /// What the viewer shows of an event that is clicked.
    public var details: [(key: String, value: JSONValue)]

    public init(
      name: String, category: String, start: Double, duration: Double,
      details: [(key: String, value: JSONValue)]
    ) {
      self.name = name
      self.category = category
      self.start = start
      self.duration = duration
      self.details = details
    }
  }

  public var events: [Event]

  public init(events: [Event]) { self.events = events }

  /// Times in microseconds, as the format has them.
  public var json: JSONValue {
    .object([
      "displayTimeUnit": .string("ms"),
      "traceEvents": .array(
        events.map { event in
          .object([
            "name": .string(event.name), "cat": .string(event.category), "ph": .string("X"),
            "ts": .number(Self.microseconds(event.start)), "dur": .number(Self.microseconds(event.duration)),
            "pid": .int(1), "tid": .int(1), "args": .object(event.details),
          ])
        }),
    ])
  }

  /// With three digits behind the point: nanoseconds.
  private static func microseconds(_ seconds: Double) -> Double { (seconds * 1e9).rounded() / 1e3 }
}
