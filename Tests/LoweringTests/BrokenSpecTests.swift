import Diagnostics
import Foundation
import Lowering
import TestSupport
import Testing

/// The models with one mistake each, as people make them: a number, a layer, a name.
///
/// `GRAPHC_BROKEN_SPECS` sets how many are tried in all.
struct BrokenSpecTests {
  private static let count =
    ProcessInfo.processInfo.environment["GRAPHC_BROKEN_SPECS"].flatMap { Int($0) } ?? 48

  private static let models: [(name: String, text: String)] = files(
    in: packageRoot() + "/models", endingIn: ".yaml"
  ).compactMap { name in
    (try? String(contentsOfFile: packageRoot() + "/models/" + name, encoding: .utf8)).map { (name, $0) }
  }

  @Test func `nine of ten mistakes have a fix, and seven of ten fixes lead no further away`() throws {
    var mistaker = Mistaker(seed: 11)
    var (broken, mended, near) = (0, 0, 0)
    var report = ""
    for index in 0..<Self.count {
      let model = Self.models[index % Self.models.count]
      let (text, what) = mistaker.mistaken(model.text)
      let checked = check(text)
      guard checked.result.hasErrors else { continue }
      broken += 1
      let errors = checked.result.diagnostics.filter { $0.kind.severity == .error }
      for error in errors { #expect(error.span != nil, "\(model.name), \(what): \(error.message)") }
      guard let fix = errors.lazy.compactMap(\.fixes.first).first, !checked.checker.fixed().checked.hasErrors
      else {
        report += "\nno fix: \(model.name), \(what): \(errors[0].message)"
        continue
      }
      mended += 1
      let after = try #require(checked.text(after: fix))
      let (before, now) = (editDistance(text, model.text), editDistance(after, model.text))
      if now <= before {
        near += 1
      } else {
        report += "\n\(now) > \(before): \(model.name), \(what): \(fix.title)"
      }
    }
    print("\(Self.count) specs, \(broken) broken, \(mended) mended, \(near) as near\(report)")
    #expect(broken > Self.count / 3)
    #expect(mended * 10 >= broken * 9, "\(report)")
    #expect(near * 10 >= mended * 7, "\(report)")
  }

  /// Characters to insert, remove or replace.
  private func editDistance(_ first: String, _ second: String) -> Int {
    var (a, b) = (Array(first.utf8)[...], Array(second.utf8)[...])
    while let x = a.first, x == b.first { (a, b) = (a.dropFirst(), b.dropFirst()) }
    while let x = a.last, x == b.last { (a, b) = (a.dropLast(), b.dropLast()) }
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let replaced = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}

/// Makes mistakes, the same ones for the same seed.
private struct Mistaker {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64 (Steele, Lea and Flood 2014).
  private mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  /// A text with one mistake, and what it is.
  mutating func mistaken(_ text: String) -> (text: String, what: String) {
    while true {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let mistake: (lines: [String], what: String)?
      switch next(8) {
      case 0, 1: mistake = number(["kernel_size", "stride", "padding"], lines)
      case 2: mistake = number(["out_channels", "channels"], lines)
      case 3: mistake = number(["height", "width", "size"], lines)
      case 4: mistake = layer(lines, isDropped: true)
      case 5: mistake = layer(lines, isDropped: false)
      default: mistake = name(lines)
      }
      if let mistake {
        let new = mistake.lines.joined(separator: "\n")
        if new != text { return (new, mistake.what) }
      }
    }
  }

  /// The lines that hold layers: elements of lists behind `blocks`, or a network.
  private func layerLines(_ lines: [String]) -> [Int] {
    lines.indices.filter { lines[$0].drop { $0 == " " }.hasPrefix("- ") && !lines[$0].contains("repeat") }
  }

  private mutating func number(_ keys: [String], _ lines: [String]) -> (lines: [String], what: String)? {
    let places = lines.indices.flatMap { line in
      lines[line].hasPrefix("#")
        ? [] : keys.flatMap { key in lines[line].ranges(of: "\(key): ").map { (line, key, $0.upperBound) } }
    }
    guard !places.isEmpty else { return nil }
    let (line, key, start) = places[next(places.count)]
    let end = lines[line][start...].firstIndex { !$0.isNumber } ?? lines[line].endIndex
    guard let old = Int(lines[line][start..<end]) else { return nil }
    let new = [old + 1, old - 1, old * 2, old / 2, old + 2, 0][next(6)]
    var changed = lines
    changed[line].replaceSubrange(start..<end, with: "\(max(new, 0))")
    return (changed, "line \(line + 1): \(key) \(old) to \(max(new, 0))")
  }

  private mutating func layer(_ lines: [String], isDropped: Bool) -> (lines: [String], what: String)? {
    let places = layerLines(lines).filter { line in
      // An element of several lines is left whole.
      line + 1 >= lines.count || !lines[line].hasSuffix(":")
    }
    let place = places[next(places.count)]
    var changed = lines
    if isDropped { changed.remove(at: place) } else { changed.insert(lines[place], at: place) }
    return (changed, "\(isDropped ? "without" : "twice") line \(place + 1): \(lines[place])")
  }

  /// A letter of a name dropped, doubled, or swapped with the next.
  private mutating func name(_ lines: [String]) -> (lines: [String], what: String)? {
    let place = next(lines.count)
    guard !lines[place].hasPrefix("#"), !lines[place].hasPrefix("name:") else { return nil }
    let text = Array(lines[place].prefix { $0 != "#" })
    let letters = text.indices.filter { text[$0].isLetter && $0 + 1 < text.count && text[$0 + 1].isLetter }
    guard !letters.isEmpty else { return nil }
    let letter = letters[next(letters.count)]
    var new = text
    switch next(3) {
    case 0: new.remove(at: letter)
    case 1: new.insert(text[letter], at: letter)
    default: new.swapAt(letter, letter + 1)
    }
    var changed = lines
    changed[place] = String(new) + lines[place].dropFirst(text.count)
    return (changed, "line \(place + 1): \(changed[place])")
  }
}
