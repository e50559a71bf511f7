/// When each epoch of a run ended: the moment the run was made, and the seconds of training since,
/// without pauses. The same folder gives the same times, wherever it is read.
public struct EpochTimes {
  private let created: Double
  private let ends: [Double]

  /// - Parameter created: When the run was made: `Manifest.created`.
  public init(_ folder: RunFolder, created: Timestamp) {
    self.created = Double(created.seconds)
    var end = self.created
    let seconds = (try? MetricsTable.read(folder.timingFile))?["train_seconds"] ?? []
    ends = seconds.map { one in
      end += one.isFinite ? one : 0
      return end
    }
  }

  /// Seconds since 1970 at the end of the epoch in this row of `metrics.csv`. An epoch whose time
  /// is not written yet has that of the last one that is.
  public subscript(row: Int) -> Double { row < ends.count ? ends[row] : ends.last ?? created }
}
