import Interchange

/// Lines over a common axis, as an SVG element for an HTML page.
///
/// The page's style sheet gives the colours: `line-0`, `line-1`, … are the lines in their order.
struct LineChart: Sendable {
  struct Line: Sendable {
    var name: String
    var points: [ChartPoint]
    /// Drawn in front of the points, which are then faint; empty is none.
    var smoothed: [ChartPoint] = []
  }

  /// What it shows, for those who do not see it.
  var title: String
  var lines: [Line]
  /// What the x axis covers; the lines' points where nil.
  var xRange: ClosedRange<Double>?
  /// What the y axis covers at least; the lines' values where nil.
  var yRange: ClosedRange<Double>?

  /// The most points that a line is drawn with.
  static let pointLimit = 1000

  private static let width = 760.0
  private static let height = 288.0
  private static let plot = (left: 64.0, right: 728.0, top: 12.0, bottom: 244.0)

  /// Empty where no line has a point to draw.
  func svg() -> String {
    let points = lines.flatMap(\.points).filter(\.y.isFinite)
    guard let x = xRange ?? Self.bounds(points.map(\.x)), let y = Self.bounds(points.map(\.y)) else {
      return ""
    }
    let xAxis = ChartAxis(covering: x, count: 8, isWhole: true, reachesTicks: false)
    let yAxis = ChartAxis(covering: yRange?.extended(to: y) ?? y, count: 5, reachesTicks: true)
    var elements = [
      #"<svg viewBox="0 0 \#(Int(Self.width)) \#(Int(Self.height))" role="img""#
        + #" aria-label="\#(markupText(title))">"#
    ]
    for tick in yAxis.ticks {
      let y = Self.vertical(tick.value, yAxis)
      elements.append(Self.rule(x1: Self.plot.left, y1: y, x2: Self.plot.right, y2: y, class: "grid"))
      elements.append(Self.label(tick.label, x: Self.plot.left - 8, y: y + 4, anchor: "end"))
    }
    for tick in xAxis.ticks {
      let x = Self.horizontal(tick.value, xAxis)
      elements.append(
        Self.rule(x1: x, y1: Self.plot.bottom, x2: x, y2: Self.plot.bottom + 5, class: "axis"))
      elements.append(Self.label(tick.label, x: x, y: Self.plot.bottom + 18, anchor: "middle"))
    }
    elements.append(
      Self.rule(
        x1: Self.plot.left, y1: Self.plot.bottom, x2: Self.plot.right, y2: Self.plot.bottom, class: "axis"))
    elements.append(
      Self.label(
        "step", x: (Self.plot.left + Self.plot.right) / 2, y: Self.height - 6, anchor: "middle"))
    for (index, line) in lines.enumerated() {
      let path = Self.path(line.points.downsampled(to: Self.pointLimit), xAxis, yAxis)
      let raw = line.smoothed.isEmpty ? "" : " raw"
      elements.append(#"<path class="line line-\#(index)\#(raw)" d="\#(path)"/>"#)
    }
    for (index, line) in lines.enumerated() where !line.smoothed.isEmpty {
      let path = Self.path(line.smoothed.downsampled(to: Self.pointLimit), xAxis, yAxis)
      elements.append(#"<path class="line line-\#(index)" d="\#(path)"/>"#)
    }
    elements.append("</svg>")
    return elements.joined(separator: "\n")
  }

  private static func bounds(_ values: [Double]) -> ClosedRange<Double>? {
    guard let low = values.min(), let high = values.max() else { return nil }
    return low...high
  }

  private static func horizontal(_ x: Double, _ axis: ChartAxis) -> Double {
    plot.left + axis.position(of: x) * (plot.right - plot.left)
  }

  private static func vertical(_ y: Double, _ axis: ChartAxis) -> Double {
    plot.bottom - axis.position(of: y) * (plot.bottom - plot.top)
  }

  /// One piece between gaps after another. A lone point becomes a line of no length, which round caps show.
  private static func path(_ points: [ChartPoint], _ xAxis: ChartAxis, _ yAxis: ChartAxis) -> String {
    points.split { !$0.y.isFinite }.map { piece in
      let coordinates = piece.map { point in
        "\(text(horizontal(point.x, xAxis))) \(text(vertical(point.y, yAxis)))"
      }
      return "M" + coordinates.joined(separator: "L") + (coordinates.count == 1 ? "h0" : "")
    }.joined()
  }

  private static func rule(x1: Double, y1: Double, x2: Double, y2: Double, class name: String) -> String {
    #"<line class="\#(name)" x1="\#(text(x1))" y1="\#(text(y1))" x2="\#(text(x2))" y2="\#(text(y2))"/>"#
  }

  private static func label(_ label: String, x: Double, y: Double, anchor: String) -> String {
    #"<text x="\#(text(x))" y="\#(text(y))" text-anchor="\#(anchor)">\#(markupText(label))</text>"#
  }

  /// A coordinate to a tenth of a pixel.
  private static func text(_ coordinate: Double) -> String { "\((coordinate * 10).rounded() / 10)" }
}

extension ClosedRange<Double> {
  func extended(to other: Self) -> Self {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}
