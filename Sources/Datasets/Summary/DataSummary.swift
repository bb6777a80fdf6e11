import Files
import Interchange

/// What a data set consists of, in words.
public struct DataSummary: Sendable {
  /// One line of it: what it is about, and what there is to say.
  public struct Line: Hashable, Sendable {
    public let topic: String
    public let text: String
    /// Whether it is likely that something is wrong.
    public let isWarning: Bool

    init(_ topic: String, _ text: String, isWarning: Bool = false) {
      (self.topic, self.text, self.isWarning) = (topic, text, isWarning)
    }
  }

  public let lines: [Line]

  /// - Parameters:
  ///   - statistics: Those of each part.
  ///   - passedOver: So too.
  init(
    _ statistics: [DataStatistics], _ passedOver: [PassedOver], skipped: [FileError],
    classes: [Dataset.Class],
    channels: Int, white: Int
  ) {
    let statistics = statistics.dropFirst().reduce(into: statistics.first ?? DataStatistics()) { $0.add($1) }
    let passedOver = passedOver.dropFirst().reduce(passedOver.first ?? PassedOver(), +)
    var lines: [Line] = []
    if statistics.files > 0 {
      lines.append(Line("formats", Self.formats(statistics)))
      lines.append(Line("sizes", Self.sizes(statistics)))
    }
    let changes = Self.changes(statistics, channels: channels)
    if !changes.isEmpty { lines.append(Line("changed", changes.joined(separator: "; "))) }
    if !classes.isEmpty { lines.append(Line("classes", Self.classes(classes))) }
    if !passedOver.isEmpty { lines.append(Line("passed over", passedOver.text)) }
    for error in skipped.prefix(5) { lines.append(Line("left out", error.description)) }
    if skipped.count > 5 {
      lines.append(Line("left out", "\(skipped.count - 5) files more"))
    }
    self.lines = lines + Self.warnings(statistics, classes, white: white)
  }

  private static func formats(_ statistics: DataStatistics) -> String {
    statistics.formats.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.value) × \($0.key)" }.joined(separator: "; ")
  }

  private static func sizes(_ statistics: DataStatistics) -> String {
    let sizes = statistics.sizes.sorted {
      ($1.value, $0.key.width, $0.key.height) < ($0.value, $1.key.width, $1.key.height)
    }
    func text(_ size: DataStatistics.Size) -> String { "\(size.width)×\(size.height)" }
    if sizes.count == 1 { return "all \(text(sizes[0].key)) pixels" }
    let byArea = sizes.map(\.key).sorted {
      ($0.width * $0.height, $0.width, $0.height) < ($1.width * $1.height, $1.width, $1.height)
    }
    return "\(text(byArea[0])) to \(text(byArea[byArea.count - 1])) pixels, \(sizes.count) sizes; most often"
      + " \(text(sizes[0].key)), \(sizes[0].value) times"
  }

  private static func changes(_ statistics: DataStatistics, channels: Int) -> [String] {
    var changes: [String] = []
    func add(_ finding: DataStatistics.Finding, _ what: String) {
      if finding.count > 0 { changes.append("\(finding.count) \(what)") }
    }
    add(statistics.turned, "turned as their Exif note says")
    if channels < 4 { add(statistics.transparent, "with transparent pixels laid on the background") }
    let colored = statistics.files - statistics.grey.count
    if channels == 1, colored > 0 { changes.append("\(colored) made grey") }
    if channels > 1 { add(statistics.grey, "grey, made colour") }
    add(statistics.wide, "of 16 bits, made 8")
    add(statistics.enlarged, "enlarged")
    add(statistics.cut, "of which more than a quarter is cut off")
    return changes
  }

  private static func classes(_ classes: [Dataset.Class]) -> String {
    let shown = classes.prefix(20).map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    return "\(classes.count): \(shown)" + (classes.count > 20 ? " and \(classes.count - 20) more" : "")
  }

  private static func warnings(
    _ statistics: DataStatistics, _ classes: [Dataset.Class], white: Int
  ) -> [Line] {
    var lines: [Line] = []
    let (dark, greatest) = (statistics.dark, statistics.greatestDark)
    if dark.count > 0, greatest < white / 4 {
      lines.append(
        Line(
          "dark",
          "\(dark.count) files of 16 bits, such as \(dark.example), use values up to \(greatest) of \(white): nearly"
            + " black; `white: \(roundedWhite(greatest))` under `data:` says what is white", isWarning: true))
    }
    let uniform = statistics.uniform
    if uniform.count > 0 {
      lines.append(
        Line(
          "uniform",
          "\(uniform.count) of \(statistics.files) pictures \(uniform.count == 1 ? "is" : "are") of one colour all over, or nearly so, such as"
            + " \(uniform.example)", isWarning: true))
    }
    let filled = classes.filter { $0.count > 0 }
    if let least = filled.min(by: { $0.count < $1.count }),
      let most = filled.max(by: { $0.count < $1.count }),
      most.count > 10 * least.count
    {
      lines.append(
        Line(
          "balance",
          "the class \(most.name) has \(most.count) pictures, \(least.name) has \(least.count): rare classes are"
            + " learned badly", isWarning: true))
    }
    let empty = classes.filter { $0.count == 0 }
    if !empty.isEmpty {
      lines.append(
        Line(
          "balance", "no picture is of the class \(empty.prefix(5).map(\.name).joined(separator: ", "))",
          isWarning: true))
    }
    return lines
  }

  /// What a camera or a scanner of so many bits calls white: a power of two, less one.
  private static func roundedWhite(_ greatest: Int) -> Int {
    var white = 1
    while white < greatest { white = 2 * white + 1 }
    return white
  }
}
