import Files
import Interchange

/// A run on one page: what the model is, how its losses went, what its generator drew.
///
/// The page is one file that needs no network: its images are in it, and its one script moves their slider. It
/// is written as HTML that is also XML. While the run goes on, it loads itself anew every ten seconds.
public struct ReportPage: Sendable {
  public var title: String
  /// The model as text: the table that `graphc check` prints.
  public var summary: String
  /// `resolved.yaml`.
  public var settings: String
  public var history: RunHistory
  /// What the run showed of how it goes, and at which step.
  public var findings: [(step: Int, text: String)]
  /// What the data is, a line each.
  public var data: [String]
  /// Pictures of samples as PNG files, in the order of their steps.
  public var samples: [(step: Int, png: [UInt8])]
  public var isRunning: Bool

  public init(
    title: String, summary: String, settings: String, history: RunHistory,
    findings: [(step: Int, text: String)] = [], data: [String] = [],
    samples: [(step: Int, png: [UInt8])], isRunning: Bool = false
  ) {
    self.title = title
    self.summary = summary
    self.settings = settings
    self.history = history
    self.findings = findings
    self.data = data
    self.samples = samples
    self.isRunning = isRunning
  }

  public func html() -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    \(isRunning ? #"<meta http-equiv="refresh" content="10"/>"# : "")
    <title>\(markupText(title))</title>
    <style>
    \(reportStyle)
    </style>
    </head>
    <body>
    <main>
    <h1>\(markupText(title))</h1>
    \(progress)
    <h2>Diagnosis</h2>
    \(diagnosis)
    <h2>Losses</h2>
    \(chart("Losses against steps", history.curves.filter { $0.name.hasPrefix("loss") }))
    <h2>Metrics</h2>
    \(chart("Metrics against steps", history.curves.filter { !$0.name.hasPrefix("loss") }))
    <h2>Samples</h2>
    \(timeLapse)
    <h2>Data</h2>
    <ul>\(data.map { "<li>\(markupText($0))</li>" }.joined(separator: "\n"))</ul>
    <h2>Model</h2>
    <pre>\(markupText(summary))</pre>
    <h2>Settings</h2>
    <pre>\(markupText(settings))</pre>
    </main>
    </body>
    </html>

    """
  }

  private var progress: String {
    guard let last = history.lastRow else { return "<p>No step was made yet.</p>" }
    let speed = history.medianSpeed.map { ", \(Int($0.rounded())) images a second" } ?? ""
    return "<p>\(isRunning ? "Training goes on. " : "")Step \(last.step), epoch \(last.epoch + 1)\(speed)</p>"
  }

  private func chart(_ title: String, _ curves: [RunHistory.Curve]) -> String {
    if curves.isEmpty { return "<p>None.</p>" }
    let lines = curves.map { LineChart.Line(name: $0.name, points: $0.points, smoothed: $0.smoothed) }
    let steps = curves.compactMap(\.steps)
    let range = steps.reduce(nil as ClosedRange<Double>?) { $0?.extended(to: $1) ?? $1 }
    let legend = lines.enumerated().map { index, line in
      #"<span class="key line-\#(index)"></span>\#(markupText(line.name))"#
    }
    return """
      <figure>
      \(LineChart(title: title, lines: lines, xRange: range, yRange: nil).svg())
      <figcaption>\(legend.joined(separator: "\n"))</figcaption>
      </figure>
      """
  }

  private var diagnosis: String {
    if findings.isEmpty { return "<p>Nothing stands out.</p>" }
    let items = findings.map { "<li>Step \($0.step): \(markupText($0.text))</li>" }
    return "<ul>\(items.joined(separator: "\n"))</ul>"
  }

  /// The samples, one at a time, with a slider over the steps.
  private var timeLapse: String {
    guard let last = samples.last else { return "<p>None yet.</p>" }
    let pictures = samples.map { sample in
      #"<img class="frame" data-step="\#(sample.step)" alt="Samples after step \#(sample.step)""#
        + #" src="data:image/png;base64,\#(base64(sample.png))"\#(sample.step == last.step ? "" : #" hidden="hidden""#)/>"#
    }
    return """
      <figure class="samples">
      \(pictures.joined(separator: "\n"))
      <input id="slider" type="range" min="0" max="\(samples.count - 1)" value="\(samples.count - 1)" \
      aria-label="Samples after a step"/>
      <figcaption id="step">step \(last.step)</figcaption>
      </figure>
      <script>
      document.getElementById("slider").oninput = function () {
        var chosen = Number(this.value);
        document.querySelectorAll(".frame").forEach(function (frame, index) { frame.hidden = index !== chosen; });
        var frame = document.querySelectorAll(".frame")[chosen];
        document.getElementById("step").textContent = "step " + frame.dataset.step;
      };
      </script>
      """
  }
}

/// Bytes as text (RFC 4648, section 4).
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let word = group.enumerated().reduce(UInt32(0)) {
      $0 | UInt32($1.element) << (16 - 8 * UInt32($1.offset))
    }
    for place in 0..<4 {
      text.append(
        place > group.count ? UInt8(ascii: "=") : alphabet[Int(word >> (18 - 6 * UInt32(place)) & 63)])
    }
  }
  return String(decoding: text, as: UTF8.self)
}

extension RunFolder {
  /// The most pictures that a report shows: of more, as many at even distances, the last among them.
  static let reportedSamples = 60

  /// The pictures of the first `step` steps that can be read, for a report.
  public func readSamples(upTo step: Int) throws(FileError) -> [(step: Int, png: [UInt8])] {
    let steps = try paths.sampleSteps(upTo: step)
    let count = min(steps.count, Self.reportedSamples)
    return (0..<count).compactMap { place in
      let step = steps[count == 1 ? 0 : place * (steps.count - 1) / (count - 1)]
      // A picture that is damaged stands in nobody's way.
      return (try? readFile(at: paths.sample(step: step), limit: 1 << 26)).map { (step, $0) }
    }
  }

  /// Replaces `report.html`.
  public func writeReport(_ page: ReportPage) throws(FileError) {
    try writeFileAtomically(Array(page.html().utf8), to: paths.report)
  }
}
