/// The difference of two texts as `diff -u` writes it: hunks of changed lines with three lines around.
///
/// - Returns: Empty where the texts are the same.
public func unifiedDiff(from old: [UInt8], to new: [UInt8], name: String) -> String {
  if old == new { return "" }
  let (before, after) = (lines(of: old), lines(of: new))
  let script = editScript(from: before, to: after)
  var text = "--- \(name)\n+++ \(name)\n"
  for hunk in hunks(of: script) {
    let removed = hunk.count { $0.kind != .inserted }
    let inserted = hunk.count { $0.kind != .removed }
    let (oldStart, newStart) = (hunk[0].old, hunk[0].new)
    text += "@@ -\(range(oldStart, removed)) +\(range(newStart, inserted)) @@\n"
    for line in hunk {
      let (mark, bytes) =
        line.kind == .inserted
        ? ("+", after[line.new]) : (line.kind == .removed ? "-" : " ", before[line.old])
      text += mark + String(decoding: bytes.last == 0x0A ? bytes.dropLast() : bytes, as: UTF8.self) + "\n"
      if bytes.last != 0x0A { text += "\\ No newline at end of file\n" }
    }
  }
  return text
}

/// A hunk's lines as its head tells them, counted from one; an empty one stands behind the line it names.
private func range(_ start: Int, _ count: Int) -> String {
  count == 1 ? "\(start + 1)" : "\(count == 0 ? start : start + 1),\(count)"
}

/// The lines with their line breaks.
private func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
  var lines: [ArraySlice<UInt8>] = []
  var start = 0
  for (index, byte) in text.enumerated() where byte == 0x0A {
    lines.append(text[start...index])
    start = index + 1
  }
  if start < text.count { lines.append(text[start...]) }
  return lines
}

private struct ScriptLine {
  enum Kind { case kept, removed, inserted }
  var kind: Kind
  /// Where it stands, or would stand, in either text.
  var old: Int
  var new: Int
}

/// The shortest script of removed and inserted lines.
///
/// Source: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986.
private func editScript(from old: [ArraySlice<UInt8>], to new: [ArraySlice<UInt8>]) -> [ScriptLine] {
  // The furthest old line reached on each diagonal (old - new), for each number of changes.
  var furthest = [1: 0]
  var trace: [[Int: Int]] = []
  search: for changes in 0...(old.count + new.count) {
    trace.append(furthest)
    for diagonal in stride(from: -changes, through: changes, by: 2) {
      let (left, right) = (furthest[diagonal - 1] ?? -1, furthest[diagonal + 1] ?? -1)
      let isDown = diagonal == -changes || (diagonal != changes && left < right)
      var x = isDown ? right : left + 1
      while x < old.count, x - diagonal < new.count, old[x] == new[x - diagonal] { x += 1 }
      furthest[diagonal] = x
      if x >= old.count, x - diagonal >= new.count { break search }
    }
  }
  var script: [ScriptLine] = []
  var (x, y) = (old.count, new.count)
  for (changes, furthest) in trace.enumerated().reversed() {
    let diagonal = x - y
    let (left, right) = (furthest[diagonal - 1] ?? -1, furthest[diagonal + 1] ?? -1)
    let isDown = diagonal == -changes || (diagonal != changes && left < right)
    let (startX, startY) = isDown ? (right, right - diagonal - 1) : (left, left - diagonal + 1)
    while x > max(startX, 0), y > max(startY, 0), x - 1 >= (isDown ? startX : startX + 1) {
      (x, y) = (x - 1, y - 1)
      script.append(ScriptLine(kind: .kept, old: x, new: y))
    }
    if changes == 0 { break }
    if isDown {
      y -= 1
      script.append(ScriptLine(kind: .inserted, old: x, new: y))
    } else {
      x -= 1
      script.append(ScriptLine(kind: .removed, old: x, new: y))
    }
  }
  return script.reversed()
}

/// The changed lines with three lines around, those that meet as one.
private func hunks(of script: [ScriptLine]) -> [[ScriptLine]] {
  let context = 3
  var hunks: [[ScriptLine]] = []
  var end = 0
  for index in script.indices where script[index].kind != .kept {
    let stop = min(script.count, index + context + 1)
    let start = max(index - context, 0)
    if start <= end, !hunks.isEmpty {
      if stop > end { hunks[hunks.count - 1] += script[end..<stop] }
    } else {
      hunks.append(Array(script[max(start, hunks.isEmpty ? 0 : end)..<stop]))
    }
    end = max(end, stop)
  }
  return hunks
}
