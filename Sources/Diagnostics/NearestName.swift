/// The candidate that a person most likely meant, or nil when none is close.
///
/// Close is an edit distance (insertions, deletions, substitutions, swaps of neighbours) of at most a
/// third of the name's length, and at least one. Of equals the first wins.
public func nearestName(to name: String, among candidates: [String]) -> String? {
  let limit = max(1, name.count / 3)
  var best: (distance: Int, name: String)?
  // Names whose lengths differ by more are further apart than that.
  for candidate in candidates where abs(candidate.count - name.count) <= limit {
    let distance = editDistance(Array(name.lowercased()), Array(candidate.lowercased()))
    if distance <= limit, distance < best?.distance ?? Int.max { best = (distance, candidate) }
  }
  return best?.name
}

/// Optimal string alignment distance. O(n·m).
func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [i] + Array(repeating: 0, count: b.count)
    for j in 1...b.count {
      let substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      row[j] = min(last[j] + 1, row[j - 1] + 1, substitution)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        row[j] = min(row[j], beforeLast[j - 2] + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
