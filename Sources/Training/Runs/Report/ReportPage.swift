import Interchange

/// A run on one page: what the model is, how its losses went, what its generator drew.
///
/// The page needs no network and runs no script. Its images are those of the run's folder, by relative
/// links, so that the folder can be moved as a whole. It is written as HTML that is also XML.
public struct ReportPage: Sendable {
  public var title: String
  /// The model as text: the table that `graphc check` prints.
  public var summary: String
  /// `resolved.yaml`.
  public var settings: String
  public var rows: [MetricsRow]
  /// The steps whose samples are in the run's folder, in the order to show them.
  public var sampleSteps: [Int]

  public init(title: String, summary: String, settings: String, rows: [MetricsRow], sampleSteps: [Int]) {
    self.title = title
    self.summary = summary
    self.settings = settings
    self.rows = rows
    self.sampleSteps = sampleSteps
  }

  public func html() -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>\(markupText(title))</title>
    <style>
    \(reportStyle)
    </style>
    </head>
    <body>
    <main>
    <h1>\(markupText(title))</h1>
    \(progress)
    <h2>Losses</h2>
    \(chart("Losses against steps", names.filter { $0.hasPrefix("loss") }))
    <h2>Metrics</h2>
    \(chart("Metrics against steps", names.filter { !$0.hasPrefix("loss") }))
    <h2>Samples</h2>
    \(samples)
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
    guard let last = rows.last else { return "<p>No step was made yet.</p>" }
    let speeds = rows.map(\.imagesPerSecond).filter(\.isFinite).sorted()
    let speed = speeds.isEmpty ? "" : ", \(Int(speeds[speeds.count / 2].rounded())) images a second"
    return "<p>Step \(last.step), epoch \(last.epoch + 1)\(speed)</p>"
  }

  /// Of all metrics, in the order in which they first appear.
  private var names: [String] {
    var names: [String] = []
    for row in rows {
      for metric in row.metrics where !names.contains(metric.name) { names.append(metric.name) }
    }
    return names
  }

  private func chart(
    _ title: String, _ series: [String]
  ) -> String {
    if series.isEmpty { return "<p>None.</p>" }
    let lines = series.map { name in
      LineChart.Line(
        name: name,
        points: rows.compactMap { row in
          row[name].map { ChartPoint(x: Double(row.step), y: Double($0)) }
        })
    }
    let legend = lines.enumerated().map { index, line in
      #"<span class="key line-\#(index)"></span>\#(markupText(line.name))"#
    }
    return """
      <figure>
      \(LineChart(title: title, lines: lines, yRange: nil).svg())
      <figcaption>\(legend.joined(separator: "\n"))</figcaption>
      </figure>
      """
  }

  private var samples: String {
    if sampleSteps.isEmpty { return "<p>None yet.</p>" }
    // Relative to the page, which stands in the run's folder.
    let paths = RunPaths(folder: ".")
    let figures = sampleSteps.map { step in
      """
      <figure>
      <img src="\(paths.sample(step: step))" alt="Samples after step \(step)" loading="lazy"/>
      <figcaption>step \(step)</figcaption>
      </figure>
      """
    }
    return #"<div class="samples">\#n\#(figures.joined(separator: "\n"))\#n</div>"#
  }
}

extension RunFolder {
  /// Replaces `report.html`.
  public func writeReport(_ page: ReportPage) throws(FileError) {
    try writeFileAtomically(Array(page.html().utf8), to: paths.report)
  }
}
