public import ExptFiles

/// A run's metrics and pictures as records of a TensorBoard event file.
///
/// `train_loss` becomes `loss/train`, so that the parts of a term stand side by side; steps are
/// optimizer steps; times are those of training, without pauses. The same run folder gives the same
/// bytes, and the records of earlier epochs are a prefix of those of later ones.
public struct TensorBoardEvents {
  private let folder: RunFolder
  private let created: Timestamp

  /// - Parameter created: When the run was made: `Manifest.created`.
  public init(_ folder: RunFolder, created: Timestamp) {
    self.folder = folder
    self.created = created
  }

  /// The name that TensorBoard looks for.
  public static func fileName(created: Timestamp) -> String {
    "events.out.tfevents.\(created.seconds).expt"
  }

  /// The whole file, with all epochs that are done.
  ///
  /// - Throws: `missing` if there are no metrics.
  public func all() throws(FileProblem) -> [UInt8] {
    let metrics = try MetricsTable.read(folder.metricsFile)
    let times = EpochTimes(folder, created: created)
    var bytes = EventRecord.header(wallTime: Double(created.seconds))
    for row in metrics.rows.indices { bytes += epoch(row, of: metrics, time: times[row]) }
    return bytes
  }

  /// The records of the last epoch that is done.
  public func last() throws(FileProblem) -> [UInt8] {
    let metrics = try MetricsTable.read(folder.metricsFile)
    guard let row = metrics.rows.indices.last else { return [] }
    return epoch(row, of: metrics, time: EpochTimes(folder, created: created)[row])
  }

  private func epoch(_ row: Int, of table: MetricsTable, time: Double) -> [UInt8] {
    let step = table["step"].flatMap { Int(exactly: $0[row]) } ?? row + 1
    var bytes: [UInt8] = []
    for (name, value) in zip(table.columns, table.rows[row])
    where name != "epoch" && name != "step" && !value.isNaN {
      bytes += EventRecord.scalar(Self.tag(name), value, step: step, wallTime: time)
    }
    let number = table["epoch"].flatMap { Int(exactly: $0[row]) } ?? row + 1
    for kind in ["reconstructions", "samples", "traversals"] {
      // One of the files that hold the same picture.
      let paths = ["pgm", "ppm", "png"].map {
        folder.imageFile(kind, epoch: number, extension: $0)
      }
      guard let path = paths.first(where: FilePath.exists), let picture = try? Image8.read(path)
      else { continue }
      bytes += EventRecord.image(kind, picture, step: step, wallTime: time)
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
