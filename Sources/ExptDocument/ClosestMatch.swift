/// The candidate a misspelt name most probably stands for, for "did you mean".
///
/// Near means a Damerau–Levenshtein distance (insertions, deletions, substitutions, swaps of
/// neighbours; Unicode scalars) of at most a third of the longer name's length, at least 1 and at
/// most 3. Case and the difference between `-` and `_` count nothing. Of equally near candidates
/// the first wins.
///
/// - Returns: nil if nothing is near, or for names over 64 scalars.
public func closestMatch(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = comparable(name)
  guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let offered = comparable(candidate)
    guard offered.count <= 64 else { continue }
    let threshold = min(3, max(1, max(wanted.count, offered.count) / 3))
    guard abs(wanted.count - offered.count) <= threshold else { continue }
    let distance = editDistance(wanted, offered)
    if distance <= threshold, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// A name as compared: lower case, with underscores.
private func comparable(_ name: String) -> [Unicode.Scalar] {
  name.lowercased().unicodeScalars.map { $0 == "-" ? "_" : $0 }
}

/// The restricted Damerau–Levenshtein distance ("optimal string alignment").
///
/// - Complexity: O(`first.count` · `second.count`).
func editDistance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
  var twoBefore: [Int] = []
  var before = Array(0...second.count)
  for i in first.indices {
    var row = [i + 1]
    for j in second.indices {
      let substitution = before[j] + (first[i] == second[j] ? 0 : 1)
      var distance = min(substitution, before[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
        distance = min(distance, twoBefore[j - 1] + 1)
      }
      row.append(distance)
    }
    (twoBefore, before) = (before, row)
  }
  return before[second.count]
}
