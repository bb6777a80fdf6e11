/// The candidate that a person most likely meant, or nil when none is close.
///
/// Close is an edit distance (insertions, deletions, substitutions, swaps of neighbours) of at most a
/// third of the name's length, and at least one. Of equals the first wins. Of very long names and behind very
/// many candidates nobody looks: the work is bounded.
public func nearestName(to name: String, among candidates: [String]) -> String? {
  guard name.utf8.count <= longestName else { return nil }
  let limit = max(1, name.count / 3)
  let wanted = Array(name.lowercased().unicodeScalars)
  var best: (distance: Int, name: String)?
  for candidate in candidates.prefix(mostCandidates) where candidate.utf8.count <= 4 * longestName {
    let letters = Array(candidate.lowercased().unicodeScalars)
    let distance = editDistance(wanted, letters, limit: best.map { min(limit, $0.distance - 1) } ?? limit)
    if let distance { best = (distance, candidate) }
  }
  return best?.name
}

private let longestName = 64
private let mostCandidates = 1000

/// Names as a sentence lists them: the first ones, and how many more there are.
public func listedNames(_ names: [String]) -> String {
  let shown = names.prefix(20).joined(separator: ", ")
  return names.count <= 20 ? shown : "\(shown) and \(names.count - 20) more"
}

/// Optimal string alignment distance, unless it is above the limit. O(n·m).
func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], limit: Int) -> Int? {
  if abs(a.count - b.count) > limit { return nil }
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  var row = last
  for i in 1...a.count {
    row[0] = i
    var least = i
    for j in 1...b.count {
      let substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      row[j] = min(last[j] + 1, row[j - 1] + 1, substitution)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        row[j] = min(row[j], beforeLast[j - 2] + 1)
      }
      least = min(least, row[j])
    }
    // A later row is above the lesser of the two before it, as a swap skips one.
    if least > limit, last.allSatisfy({ $0 > limit }) { return nil }
    beforeLast = last
    swap(&last, &row)
  }
  return last[b.count] <= limit ? last[b.count] : nil
}
