import Diagnostics
import Testing

struct UnifiedDiffTests {
  private func difference(_ old: String, _ new: String) -> String {
    unifiedDiff(from: Array(old.utf8), to: Array(new.utf8), name: "m.yaml")
  }

  @Test func `the same text has no difference`() {
    #expect(difference("a\nb\n", "a\nb\n") == "")
  }

  @Test func `a line between others is shown with three around it`() {
    let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
    #expect(
      difference(old, old.replacing("5", with: "five")) == """
        --- m.yaml
        +++ m.yaml
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +five
         6
         7
         8

        """)
  }

  @Test func `a last line without its break is told`() {
    #expect(
      difference("a\nb", "a\nc\n") == """
        --- m.yaml
        +++ m.yaml
        @@ -1,2 +1,2 @@
         a
        -b
        \\ No newline at end of file
        +c

        """)
    #expect(difference("", "a\n") == "--- m.yaml\n+++ m.yaml\n@@ -0,0 +1 @@\n+a\n")
  }

  @Test func `the old text and its difference make the new one`() throws {
    var random = Generator(state: 7)
    for _ in 0..<400 {
      let old = (0..<random.next(30)).map { _ in "\(random.next(5))" }
      var new = old
      for _ in 0..<random.next(6) {
        let place = random.next(new.count + 1)
        if random.next(2) == 0, place < new.count {
          new.remove(at: place)
        } else {
          new.insert("x\(random.next(3))", at: place)
        }
      }
      let text = difference(old.map { $0 + "\n" }.joined(), new.map { $0 + "\n" }.joined())
      #expect(patched(old, text) == new, "\(old)\n\(text)")
    }
  }

  /// Follows the heads of the hunks, and holds each line that stays or goes to the old text.
  private func patched(_ old: [String], _ text: String) -> [String]? {
    if text.isEmpty { return old }
    var result: [String] = []
    var place = 0
    for line in text.split(separator: "\n").dropFirst(2) {
      if line.hasPrefix("@@") {
        let numbers = line.split(separator: " ")[1].dropFirst().split(separator: ",").compactMap { Int($0) }
        let start = numbers.count == 2 && numbers[1] == 0 ? numbers[0] : numbers[0] - 1
        guard start >= place, start <= old.count else { return nil }
        result += old[place..<start]
        place = start
      } else if line.hasPrefix("+") {
        result.append(String(line.dropFirst()))
      } else {
        guard place < old.count, old[place] == line.dropFirst() else { return nil }
        if line.hasPrefix(" ") { result.append(old[place]) }
        place += 1
      }
    }
    return result + old[place...]
  }
}

struct ComposedEditsTests {
  @Test func `edits after edits are the same as both at once`() throws {
    var random = Generator(state: 3)
    var composedOnes = 0
    for _ in 0..<2000 {
      var sources = SourceMap()
      let text = (0..<20).map { _ in UInt8(97 + random.next(26)) }
      let id = sources.add(name: "m.yaml", text: text)
      let first = edits(in: text.count, id, &random, letters: "ABC")
      guard let (_, middle) = applying(FixIt("", edits: first), to: sources)?.first else { continue }
      var later = SourceMap()
      _ = later.add(name: "m.yaml", text: middle)
      let second = edits(in: middle.count, id, &random, letters: "XYZ")
      guard let (_, end) = applying(FixIt("", edits: second), to: later)?.first,
        let both = composed(first, then: second)
      else { continue }
      composedOnes += 1
      let found = applying(FixIt("", edits: both), to: sources)?.first?.text
      #expect(found.map { String(decoding: $0, as: UTF8.self) } == String(decoding: end, as: UTF8.self))
    }
    #expect(composedOnes > 500)
  }

  /// One or two that lie apart.
  private func edits(in count: Int, _ id: SourceID, _ random: inout Generator, letters: String) -> [FixIt
    .Edit]
  {
    var edits: [FixIt.Edit] = []
    var start = random.next(5)
    for _ in 0...random.next(2) {
      let end = start + random.next(4)
      if end > count { break }
      let replacement = String(letters.prefix(random.next(4)))
      edits.append(.init(span: SourceSpan(source: id, range: start..<end), replacement: replacement))
      start = end + 2 + random.next(5)
    }
    return edits
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
private struct Generator {
  var state: UInt64

  mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}
