import ExptComponents

/// Asynchronous successive halving: every run trains a little, the better ones more.
///
/// Rung k ends after `firstEpochs` · `reduction`^k epochs. Of the runs that came to the end of a
/// rung, the best 1/`reduction` go on to the next, as soon as they are known; nobody waits for the
/// others. A run is paused, not started with fewer epochs: what depends on `training.epochs`, such as
/// a learning rate's schedule, is as in a run to the end, and so are the bytes.
///
/// Source: Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020,
/// algorithm 2.
public struct ASHA: Search {
  public static let id = "asha"
  public static let summary =
    "Successive halving: trains every point a little and the better ones more."

  @Setting("Epochs after which the first rung ends.", .within(1...1_000_000))
  public var firstEpochs: Int = 1
  @Setting("η: one in this many runs continues at the end of a rung.", .within(2...100))
  public var reduction: Int = 3

  public init() {}

  /// The epochs at which the rungs end, the last at `epochs`.
  public func rungs(epochs: Int) -> [Int] {
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

  /// At the end of a rung a run waits for a promotion, however it ended there.
  public func pauses(after epoch: Int, of epochs: Int) -> Bool {
    epoch < epochs && rungs(epochs: epochs).contains(epoch)
  }

  /// A trial that was cut short within a rung, else a promotion from the highest rung possible, else a
  /// trial that has not begun.
  public func next(_ trials: [Trial]) -> (index: Int, until: Int)? {
    if let index = trials.firstIndex(where: isCutShort) {
      let trial = trials[index]
      return rungs(epochs: trial.epochs).first { $0 > trial.done }.map { (index, $0) }
    }
    let deepest = trials.map { rungs(epochs: $0.epochs).count }.max() ?? 0
    for rung in stride(from: deepest - 2, through: 0, by: -1) {
      var reached: [(index: Int, value: Double)] = []
      for (index, trial) in trials.enumerated() {
        let ends = rungs(epochs: trial.epochs)
        guard rung < ends.count - 1, let value = trial.values[ends[rung]] else { continue }
        reached.append((index, value.isNaN || trial.stage == .failed ? .infinity : value))
      }
      reached.sort { ($0.value, $0.index) < ($1.value, $1.index) }
      for (index, value) in reached.prefix(reached.count / reduction) where value < .infinity {
        let trial = trials[index]
        let ends = rungs(epochs: trial.epochs)
        if trial.stage == .waiting, trial.done < ends[rung + 1] { return (index, ends[rung + 1]) }
      }
    }
    return trials.firstIndex { $0.stage == .waiting && $0.done < rungs(epochs: $0.epochs)[0] }
      .map { ($0, rungs(epochs: trials[$0].epochs)[0]) }
  }

  /// A promotion is kept, whatever has become of the others since.
  private func isCutShort(_ trial: Trial) -> Bool {
    trial.stage == .waiting && trial.done > 0 && trial.done < trial.epochs
      && !pauses(after: trial.done, of: trial.epochs)
  }
}
