public import ExptFiles

/// A run's metrics and pictures as records of a TensorBoard event file.
///
/// `train_loss` becomes `loss/train`, so that the parts of a term stand side by side; steps are
/// optimizer steps; times are those of training, without pauses. The same run folder gives the same
/// bytes, and the records of earlier epochs are a prefix of those of later ones.
public struct TensorBoardEvents {
  private let folder: RunFolder
  private let created: Double

  /// - Parameter created: When the run was made: `Manifest.created`.
  public init(_ folder: RunFolder, created: Timestamp) {
    self.folder = folder
    self.created = Double(created.seconds)
  }

  /// The name that TensorBoard looks for.
  public static func fileName(created: Timestamp) -> String {
    "events.out.tfevents.\(created.seconds).expt"
  }

  /// The whole file, with all epochs that are done.
  ///
  /// - Throws: `missing` where there are no metrics.
  public func all() throws(FileProblem) -> [UInt8] {
    let metrics = try MetricsTable.read(folder.metricsFile)
    var bytes = EventRecord.header(wallTime: created)
    for row in metrics.rows.indices { bytes += epoch(row, of: metrics, ends: ends()) }
    return bytes
  }

  /// The records of the last epoch that is done.
  public func last() throws(FileProblem) -> [UInt8] {
    let metrics = try MetricsTable.read(folder.metricsFile)
    return metrics.rows.isEmpty ? [] : epoch(metrics.rows.count - 1, of: metrics, ends: ends())
  }

  /// Seconds of training at the end of each epoch.
  private func ends() -> [Double] {
    let seconds = (try? MetricsTable.read(folder.timingFile))?["train_seconds"] ?? []
    var sum = 0.0
    return seconds.map { one in
      sum += one.isFinite ? one : 0
      return sum
    }
  }

  private func epoch(_ row: Int, of table: MetricsTable, ends: [Double]) -> [UInt8] {
    let time = created + (row < ends.count ? ends[row] : ends.last ?? 0)
    let step = table["step"].flatMap { Int(exactly: $0[row]) } ?? row + 1
    var bytes: [UInt8] = []
    for (name, value) in zip(table.columns, table.rows[row])
    where name != "epoch" && name != "step" && !value.isNaN {
      bytes += EventRecord.scalar(Self.tag(name), value, step: step, wallTime: time)
    }
    let number = table["epoch"].flatMap { Int(exactly: $0[row]) } ?? row + 1
    for kind in ["reconstructions", "samples", "traversals"] {
      for ending in ["pgm", "ppm"] {
        let path = folder.imageFile(kind, epoch: number, extension: ending)
        guard FilePath.exists(path), let picture = try? Image8.read(path) else { continue }
        bytes += EventRecord.image(kind, picture, step: step, wallTime: time)
      }
    }
    return bytes
  }

  private static func tag(_ column: String) -> String {
    for split in ["train", "validation"] where column.hasPrefix(split + "_") {
      return "\(column.dropFirst(split.count + 1))/\(split)"
    }
    return column
  }
}
