import Files
import Foundation
import FoundationXML
import Interchange
import TestSupport
import Testing

@testable import Training

@Suite struct ReportPageTests {
  private func page(rows: Int = 30, samples: [Int] = [10, 20], isRunning: Bool = false) -> ReportPage {
    ReportPage(
      title: "a <b> & \"c\"", summary: "layer  shape\nconv2d <0>\u{1B}[1m", settings: "name: a\n# </pre>",
      history: RunHistory(rows == 0 ? [] : (1...rows).map(sampleRow)), findings: [(12, "all <is> lost")],
      data: ["3 & 4"], samples: samples.map { ($0, [UInt8($0), 2, 3, 4]) }, isRunning: isRunning)
  }

  /// The elements of a page that an XML parser accepts, with their attributes, in order.
  private final class Elements: NSObject, XMLParserDelegate {
    private(set) var names: [String] = []
    private(set) var attributes: [[String: String]] = []
    private(set) var text = ""

    init(_ html: String) throws {
      super.init()
      let parser = XMLParser(data: Data(html.utf8))
      parser.delegate = self
      try #require(parser.parse(), "\(String(describing: parser.parserError)) in line \(parser.lineNumber)")
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      names.append(name)
      self.attributes.append(attributes)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func values(_ attribute: String, of name: String) -> [String] {
      zip(names, attributes).compactMap { $0 == name ? $1[attribute] : nil }
    }
  }

  @Test func thePageIsWellFormedAndShowsTheTextsAsTheyAre() throws {
    let elements = try Elements(page().html())
    #expect(elements.names.filter { $0 == "svg" }.count == 2)
    #expect(elements.text.contains("a <b> & \"c\""))
    #expect(elements.text.contains("layer  shape\nconv2d <0>\\u{1B}[1m"))
    #expect(elements.text.contains("name: a\n# </pre>"))
    #expect(elements.text.contains("Step 30, epoch 4, 813 images a second"))
  }

  @Test func thePageNeedsNothingElse() throws {
    let html = page().html()
    let elements = try Elements(html)
    #expect(
      elements.values("src", of: "img") == [
        "data:image/png;base64,CgIDBA==", "data:image/png;base64,FAIDBA==",
      ])
    #expect(Set(elements.names).isDisjoint(with: ["link", "iframe", "object"]))
    #expect(elements.values("src", of: "script") == [])
    for foreign in ["http:", "https:", "url(", "@import", "href", "//"] { #expect(!html.contains(foreign)) }
  }

  @Test func aSliderGoesOverTheSamplesAndBeginsAtTheLast() throws {
    let elements = try Elements(page(samples: [10, 20, 30]).html())
    let slider = zip(elements.names, elements.attributes).first { $0.0 == "input" }?.1
    #expect(slider?["type"] == "range" && slider?["max"] == "2" && slider?["value"] == "2")
    #expect(elements.values("data-step", of: "img") == ["10", "20", "30"])
    #expect(elements.values("hidden", of: "img").count == 2)
  }

  @Test func thePageLoadsAnewOnlyWhileTheRunGoesOn() throws {
    #expect(try Elements(page(isRunning: true).html()).values("http-equiv", of: "meta") == ["refresh"])
    #expect(try Elements(page().html()).values("http-equiv", of: "meta") == [])
  }

  @Test func whatTheRunShowedAndWhatItsDataIsStandThere() throws {
    let text = try Elements(page().html()).text
    #expect(text.contains("Step 12: all <is> lost"))
    #expect(text.contains("3 & 4"))
  }

  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ]) func bytesAreWrittenAsTheStandardHasIt(text: String, expected: String) {
    #expect(base64(Array(text.utf8)) == expected)
  }

  @Test func aSmoothedLineFollowsTheMeanOfANoisyOne() {
    let points = (0..<1000).map { ChartPoint(x: Double($0), y: $0 % 2 == 0 ? 0 : 2) }
    let smoothed = points.smoothed()
    #expect(smoothed.count == 1000)
    #expect(smoothed[200...].allSatisfy { abs($0.y - 1) < 0.1 })
    #expect(Array(points[..<19]).smoothed().isEmpty)
  }

  @Test func everyColorOfTheLightPaletteHasADarkTwin() {
    let uses = Set(page().html().matches(of: /var\((--[a-z0-9-]+)\)/).map(\.1))
    #expect(uses.count == 7)
    for name in uses { #expect(page().html().ranges(of: "\(name): #").count == 2) }
  }

  @Test func aRunWithoutAStepHasAPage() throws {
    let elements = try Elements(page(rows: 0, samples: []).html())
    #expect(!elements.names.contains("svg"))
    #expect(elements.text.contains("No step was made yet."))
  }

  @Test func aLongRunIsDrawnWithAThousandPointsALine() throws {
    let elements = try Elements(page(rows: 12_345).html())
    let paths = elements.values("d", of: "path")
    #expect(paths.count == 8)
    for path in paths { #expect((500...1000).contains(path.count { $0 == "M" || $0 == "L" })) }
  }

  @Test func downsamplingKeepsTheEndsAndEverySpike() {
    var points = (0..<100_000).map { ChartPoint(x: Double($0), y: Double($0 % 3)) }
    points[54_321].y = 100
    points[54_322].y = -100
    let fewer = points.downsampled(to: 1000)
    #expect(fewer.count <= 1000)
    #expect(fewer.contains(points[54_321]) && fewer.contains(points[54_322]))
    #expect(zip(fewer, fewer.dropFirst()).allSatisfy { $0.x < $1.x })
    #expect(fewer.first!.x < 100 && fewer.last!.x >= 99_800)
    #expect(Array(points[..<1000]).downsampled(to: 1000) == Array(points[..<1000]))
  }

  @Test func aStretchWithoutNumbersStaysAGap() {
    let points = (0..<3000).map { ChartPoint(x: Double($0), y: (1000..<2000).contains($0) ? .nan : 1) }
    let pieces = points.downsampled(to: 1000).split { !$0.y.isFinite }
    #expect(pieces.count == 2)
  }

  @Test func aLineIsInterruptedWhereItHasNoNumber() throws {
    let values: [Double] = [0, 1, .nan, 1, .infinity, 0, 0.5]
    let points = values.enumerated().map { ChartPoint(x: Double($0), y: $1) }
    let svg = LineChart(title: "a", lines: [.init(name: "b", points: points)]).svg()
    // From 64 to 728 and from 244 up to 12.
    #expect(
      try Elements(svg).values("d", of: "path") == [
        "M64.0 244.0L174.7 12.0M396.0 12.0h0M617.3 244.0L728.0 128.0"
      ])
  }

  @Test func linesOfNoNumbersGiveNoChart() {
    let points = [ChartPoint(x: 1, y: .nan)]
    #expect(LineChart(title: "a", lines: [.init(name: "b", points: points)]).svg() == "")
  }

  @Test func theReportStandsInTheRunsFolder() throws {
    let scratch = TemporaryFolder()
    let run = try RunFolder.create(at: scratch.file("run"))
    try run.writeReport(page())
    #expect(try readFile(at: run.paths.report) == Array(page().html().utf8))
    #expect(run.paths.report == scratch.file("run/report.html"))
  }

  @Test("a long log is drawn as if all of its rows were kept")
  func history() throws {
    let rows = (1...5003).map { step in
      var row = sampleRow(step)
      row.metrics = [.init("loss_d", step % 700 < 3 ? .nan : Float(step % 97) + (step == 1234 ? 500 : 0))]
      if step % 5 == 0 { row.metrics.append(.init("seldom", Float(step))) }
      return row
    }
    let history = RunHistory(rows)
    for curve in history.curves {
      let points = rows.compactMap { row in
        row[curve.name].map { ChartPoint(x: Double(row.step), y: Double($0)) }
      }
      let all = LineChart.Line(name: curve.name, points: points, smoothed: points.smoothed())
      let kept = LineChart.Line(name: curve.name, points: curve.points, smoothed: curve.smoothed)
      #expect(curve.points.count <= LineChart.pointLimit)
      #expect(
        LineChart(title: "a", lines: [kept], xRange: curve.steps).svg()
          == LineChart(title: "a", lines: [all]).svg())
    }
    #expect(history.curves.map(\.name) == ["loss_d", "seldom"])
    #expect(history.lastStep == 5003)
    #expect(history.medianSpeed == rows.map(\.imagesPerSecond).sorted()[5003 / 2])
  }
}
