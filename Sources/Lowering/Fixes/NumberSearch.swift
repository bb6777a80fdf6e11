import Diagnostics
import ModelSpec

/// Other values for single numbers of a model's text, those that are most likely meant first.
struct NumberSearch {
  let diagnostic: Diagnostic
  let sources: SourceMap

  /// One edit each.
  var candidates: [FixIt] {
    let sites = NumberSite.all(in: sources)
    let near = spans
    func isNear(_ site: NumberSite) -> Bool {
      near.contains { $0.source == site.span.source && $0.range.overlaps(site.span.range) }
        || near.contains { $0.source == site.span.source && line($0) == line(site.span) }
    }
    var places = sites.map { (site: $0, isNear: isNear($0)) }
    places = places.filter(\.isNear) + places.filter { !$0.isNear }
    let usual = Dictionary(grouping: sites, by: \.key).mapValues(Self.byFrequency)
    var ranked: [(rank: Int, fix: FixIt)] = []
    // What stands further away is never reached.
    for (place, (site, isNear)) in places.prefix(Self.mostSites).enumerated() {
      for (rank, value) in Self.values(for: site, usual: usual[site.key] ?? []).enumerated() {
        let edit = FixIt.Edit(span: site.span, replacement: "\(value)")
        ranked.append((rank * 4 + (isNear ? 0 : 6) + place / 16, FixIt("", edits: [edit])))
      }
    }
    return ranked.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(
      \.element.fix)
  }

  static func title(_ fix: FixIt, in sources: SourceMap, seenFrom line: Int?) -> String {
    guard let edit = fix.edits.first else { return fix.title }
    let own = sources.start(of: edit.span).line
    return "write \(edit.replacement) for \(sources.text(of: edit.span))"
      + (own == line ? "" : " in line \(own)")
  }

  /// Where the mistake, and what led to it, stand.
  private var spans: [SourceSpan] {
    ([diagnostic.span] + diagnostic.notes.map(\.span)).compactMap { $0 } + diagnostic.steps.map(\.span)
  }

  private func line(_ span: SourceSpan) -> Int { sources.start(of: span).line }

  private static let mostSites = 2000
  private static let mostUsual = 50

  /// The values of one attribute in a text, the most frequent first.
  private static func byFrequency(_ sites: [NumberSite]) -> [Int] {
    var counts: [Int: Int] = [:]
    for site in sites { counts[site.value, default: 0] += 1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }

  /// - Parameter usual: What the same attribute is in the text, the most frequent first.
  private static func values(for site: NumberSite, usual: [Int]) -> [Int] {
    var values = Array(usual.prefix(Self.mostUsual))
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
