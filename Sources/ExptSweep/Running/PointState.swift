import ExptComponents
import ExptFiles
import ExptReport
import ExptRunFolder

/// How far a point has come.
public struct PointState: Sendable {
  public enum Stage: String, Sendable, CaseIterable {
    case pending, running, paused, interrupted, finished, failed
  }

  public var point: Point
  public var stage = Stage.pending
  /// Epochs that are done.
  public var epochsDone = 0
  /// The best value of the metric so far.
  public var value: Double?
  /// Why it failed or was interrupted, in a sentence.
  public var reason: String?
  /// Seconds of training.
  public var seconds: Double?
  /// The epoch that a search lets it train to.
  var goal: Int?
  /// The best value up to each epoch, lower is better; for a search that stops runs early.
  var bestByEpoch: [Int: Double] = [:]
  /// The step that the run is known to have got to.
  var position = 0
  /// The same, when it was last started.
  var positionAtStart = 0
  /// Starts since it last got any further.
  var attempts = 0
  /// Found running, started by a sweep that is gone.
  var isAdopted = false

  init(_ point: Point) { self.point = point }

  /// Reads how far the run is.
  mutating func read(_ folder: SweepFolder, _ goal: SweepFile.Goal) {
    let record = RunRecord(folder.run(point.name))
    seconds = record.manifest?.secondsTrained
    position = max(
      record.manifest?.lastMetrics?.step ?? 0, record.manifest?.resumptions.last?.step ?? 0)
    let metrics = RunMetrics(record)
    epochsDone = metrics.table.rows.count
    guard let name = goal.metric ?? Metric.main(of: metrics.table.columns),
      let values = metrics.values(name)
    else { return }
    let isHigherBetter = goal.isHigherBetter ?? (metrics.direction(of: name) == .higher)
    var best = Double.infinity
    for (row, value) in values.enumerated() {
      if value.isFinite { best = min(best, isHigherBetter ? -value : value) }
      bestByEpoch[row + 1] = best
    }
    if best < .infinity { value = isHigherBetter ? -best : best }
  }

  /// What the run folder and the ledger say about a point that is not running.
  mutating func recover(_ folder: SweepFolder, _ search: (any Search)?, lastEvent: String?) {
    let run = folder.run(point.name)
    guard FilePath.exists(run.manifestFile) else {
      if lastEvent == "failed" { stage = .failed }
      return
    }
    let manifest = try? run.readManifest()
    switch (manifest?.status, lastEvent) {
    case (.finished, _): stage = .finished
    // A full disk is not the run's fault.
    case (.failed, "interrupted"): stage = .interrupted
    case (.failed, _):
      stage = .failed
      reason = manifest?.failure
    case (_, "failed"): stage = .failed
    default:
      // Paused by a search that the file has no more, it is to go on.
      let isPaused = lastEvent == "paused" && search != nil
      stage = isPaused || isAtPause(search) ? .paused : .interrupted
    }
  }

  /// Whether it has trained all that a search asked of it so far.
  func isAtPause(_ search: (any Search)?) -> Bool {
    search?.pauses(after: epochsDone, of: point.epochs) ?? false
  }
}
