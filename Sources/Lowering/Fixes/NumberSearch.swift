import Diagnostics
import ModelSpec

/// Other values for single numbers of a model's text, those that are most likely meant first.
struct NumberSearch {
  let diagnostic: Diagnostic
  let sources: SourceMap

  /// So many numbers are looked at, those nearest to the mistake first: of the others none would be tried.
  private static let mostSites = 400

  /// One edit each.
  var candidates: [FixIt] {
    let sites = NumberSite.all(in: sources)
    let lines = Set(spans.map { Place(source: $0.source, line: line($0)) })
    func isNear(_ site: NumberSite) -> Bool {
      lines.contains(Place(source: site.span.source, line: line(site.span)))
        || diagnostic.span.map { $0.source == site.span.source && $0.range.overlaps(site.span.range) } == true
    }
    let near = sites.map(isNear)
    let ordered = sites.indices.filter { near[$0] } + sites.indices.filter { !near[$0] }
    let usual = Self.usualValues(of: sites)
    var ranked: [(rank: Int, fix: FixIt)] = []
    for (place, index) in ordered.prefix(Self.mostSites).enumerated() {
      let site = sites[index]
      for (rank, value) in values(for: site, usual: usual[site.key] ?? []).enumerated() {
        let edit = FixIt.Edit(span: site.span, replacement: "\(value)")
        ranked.append((rank * 4 + (near[index] ? 0 : 6) + place / 16, FixIt("", edits: [edit])))
      }
    }
    return ranked.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(
      \.element.fix)
  }

  private struct Place: Hashable {
    var source: SourceID
    var line: Int
  }

  private static let mostUsual = 24

  /// What each key holds throughout the text, the most frequent first.
  private static func usualValues(of sites: [NumberSite]) -> [String: [Int]] {
    var counts: [String: [Int: Int]] = [:]
    for site in sites { counts[site.key, default: [:]][site.value, default: 0] += 1 }
    return counts.mapValues { values in
      values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(mostUsual).map(\.key)
    }
  }

  /// For a number out of its range: what the same key holds elsewhere, the numbers beside it, and the ends of the
  /// range.
  var withinRange: [FixIt] {
    guard diagnostic.kind == .outOfRange, let span = diagnostic.span else { return [] }
    let sites = NumberSite.all(in: sources)
    let key = sites.first { $0.span == span }?.key
    var values = sites.filter { $0.key == key && $0.span != span }.map { "\($0.value)" }
    let range = sources.lineRange(line(span), of: span.source)
    let text = sources.sources[span.source.index].text
    values += Self.numbers(in: text[span.range.upperBound..<max(span.range.upperBound, range.upperBound)])
    values += Self.numbers(in: text[min(range.lowerBound, span.range.lowerBound)..<span.range.lowerBound])
      .reversed()
    values += Self.numbers(in: (diagnostic.arguments.first { $0.name == "expected" }?.value ?? "").utf8)
    var seen: Set<String> = [sources.text(of: span)]
    return values.filter { seen.insert($0).inserted }.map { value in
      FixIt("write \(value) for \(sources.text(of: span))", edits: [.init(span: span, replacement: value)])
    }
  }

  private static func numbers(in text: some Sequence<UInt8>) -> [String] {
    String(decoding: Array(text), as: UTF8.self).split { !$0.isNumber && $0 != "." }.map(String.init)
      .filter { Double($0) != nil }
  }

  static func title(_ fix: FixIt, in sources: SourceMap, seenFrom line: Int?) -> String {
    guard let edit = fix.edits.first else { return fix.title }
    let own = sources.start(of: edit.span).line
    let place = own == line ? "" : " in line \(own)"
    // A number that is all that a key holds.
    let site = NumberSite.all(in: sources).first { $0.span == edit.span }
    if let key = site?.key {
      let text = sources.sources[edit.span.source.index].text
      let before = text[..<edit.span.range.lowerBound].suffix(key.utf8.count + 2)
      let after = text[edit.span.range.upperBound...].drop { $0 == UInt8(ascii: " ") }.first
      let ends: [UInt8?] = [nil, UInt8(ascii: "\n"), UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "#")]
      if before.elementsEqual("\(key): ".utf8), ends.contains(after) {
        return "set `\(key)` to \(edit.replacement)\(place)"
      }
    }
    return "write \(edit.replacement) for \(sources.text(of: edit.span))\(place)"
  }

  /// Where the mistake, and what led to it, stand.
  private var spans: [SourceSpan] {
    ([diagnostic.span] + diagnostic.notes.map(\.span)).compactMap { $0 } + diagnostic.steps.map(\.span)
  }

  private func line(_ span: SourceSpan) -> Int { sources.start(of: span).line }

  private func values(for site: NumberSite, usual: [Int]) -> [Int] {
    var values = usual
    // A number beyond any size has no neighbours that could be meant.
    guard site.value.magnitude < 1 << 40 else { return values.filter { $0 >= 0 && $0 != site.value } }
    values += [site.value - 1, site.value + 1]
    if site.value % 2 == 0 { values.append(site.value / 2) }
    values.append(site.value * 2)
    // What groups and shuffled pixels divide.
    if site.key == "out_channels" { values += [(site.value + 3) / 4 * 4, site.value / 4 * 4] }
    values += [1, 2, 4, 3]
    var seen: Set<Int> = [site.value]
    let least = site.key.hasSuffix("padding") ? 0 : 1
    return values.filter { $0 >= least && seen.insert($0).inserted }
  }
}
