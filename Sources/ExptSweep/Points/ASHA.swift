/// Asynchronous successive halving: every run trains a little, the better ones more.
///
/// Rung k ends after `firstEpochs` · `reduction`^k epochs. Of the runs that came to the end of a
/// rung, the best 1/`reduction` go on to the next, as soon as they are known; nobody waits for the
/// others. A run is paused, not started with fewer epochs: what hangs on `training.epochs`, such as
/// a learning rate's schedule, is as in a run to the end, and so are the bytes.
///
/// Source: Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020,
/// algorithm 2.
public struct ASHA: Sendable, Hashable {
  public var firstEpochs: Int
  /// η: one run in so many goes on.
  public var reduction: Int

  /// What it has to know of a run.
  struct Entry: Hashable {
    /// The epochs that it is to train in the end.
    var epochs: Int
    var done: Int
    /// The end of the rung that it is training for now.
    var goal: Int?
    /// A run that failed is never promoted.
    var hasFailed: Bool
    /// The best value up to the end of each rung it reached, lower is better.
    var values: [Int: Double]
  }

  /// The epochs at which the rungs end, the last at `epochs`.
  func rungs(epochs: Int) -> [Int] {
    var ends: [Int] = []
    var end = firstEpochs
    while end < epochs {
      ends.append(end)
      let (next, overflow) = end.multipliedReportingOverflow(by: reduction)
      if overflow { break }
      end = next
    }
    return ends + [epochs]
  }

  /// Whether a run with so many epochs done waits for a promotion: it has come to the end of a rung,
  /// however it ended there.
  func isAtEndOfRung(done: Int, of epochs: Int) -> Bool {
    done < epochs && rungs(epochs: epochs).contains(done)
  }

  /// The entry to go on with and the epoch to train it to: one that was cut short within a rung, else
  /// a promotion from the highest rung possible, else an entry that has not begun; nil where there is
  /// nothing to do now.
  func next(_ entries: [Entry]) -> (index: Int, until: Int)? {
    if let index = entries.firstIndex(where: isCutShort) {
      let entry = entries[index]
      return rungs(epochs: entry.epochs).first { $0 > entry.done }.map { (index, $0) }
    }
    let deepest = entries.map { rungs(epochs: $0.epochs).count }.max() ?? 0
    for rung in stride(from: deepest - 2, through: 0, by: -1) {
      var reached: [(index: Int, value: Double)] = []
      for (index, entry) in entries.enumerated() {
        let ends = rungs(epochs: entry.epochs)
        guard rung < ends.count - 1, let value = entry.values[ends[rung]] else { continue }
        reached.append((index, value.isNaN || entry.hasFailed ? .infinity : value))
      }
      reached.sort { ($0.value, $0.index) < ($1.value, $1.index) }
      for (index, value) in reached.prefix(reached.count / reduction) where value < .infinity {
        let entry = entries[index]
        let ends = rungs(epochs: entry.epochs)
        if entry.goal == nil, entry.done < ends[rung + 1] { return (index, ends[rung + 1]) }
      }
    }
    return entries.indices.first { index in
      let entry = entries[index]
      return entry.goal == nil && !entry.hasFailed
        && entry.done < rungs(epochs: entry.epochs)[0]
    }.map { ($0, rungs(epochs: entries[$0].epochs)[0]) }
  }

  /// Whoever was promoted once keeps it, whatever has become of the others since.
  private func isCutShort(_ entry: Entry) -> Bool {
    entry.goal == nil && !entry.hasFailed && entry.done > 0 && entry.done < entry.epochs
      && !isAtEndOfRung(done: entry.done, of: entry.epochs)
  }
}
