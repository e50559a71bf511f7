public import ExptFiles

extension RunFolder {
  /// The note by which a checkpoint knows the rows that were written before it.
  private static let note = "metrics"

  /// A checkpoint that knows the rows of `metrics.csv` up to it.
  public func knowingMetrics(_ checkpoint: Checkpoint) -> Checkpoint {
    var checkpoint = checkpoint
    let digest = try? FileBytes.read(metricsFile)
    checkpoint.notes[Self.note] = digest.flatMap {
      Self.digest($0, rows: checkpoint.position.epoch)
    }
    return checkpoint
  }

  /// The rows up to a checkpoint, which training goes on from.
  ///
  /// - Throws: `malformed` or `checksum` if `metrics.csv` does not hold what was written before
  ///   that checkpoint.
  public func metrics(before checkpoint: Checkpoint) throws(FileProblem) -> MetricsTable {
    let count = checkpoint.position.epoch
    func problem(_ code: FileProblem.Code, _ what: String) -> FileProblem {
      FileProblem(
        code,
        "\(what). Restore a copy of it, or start a new run; what was trained can still be used, "
          + "for example with 'expt evaluate'.", path: metricsFile)
    }
    let bytes: [UInt8]
    do { bytes = try FileBytes.read(metricsFile) } catch {
      if error.code == .missing, count == 0 { return MetricsTable(columns: [], rows: []) }
      guard error.code == .missing else { throw error }
      throw problem(.malformed, "it is missing, and the checkpoint was saved after epoch \(count)")
    }
    var table = try MetricsTable.parse(bytes, path: metricsFile)
    let epochs = table["epoch"] ?? []
    for epoch in 1..<(count + 1) where epochs.count < epoch || epochs[epoch - 1] != Double(epoch) {
      throw problem(
        .malformed,
        "it has no row for epoch \(epoch) where one is expected, and the checkpoint was saved after epoch "
          + "\(count)")
    }
    if count > 0, let expected = checkpoint.notes[Self.note],
      Self.digest(bytes, rows: count) != expected
    {
      throw problem(.checksum, "its rows are not those the checkpoint was saved with")
    }
    table.rows = Array(table.rows.prefix(count))
    return table
  }

  /// The digest of the header and this many rows; nil if there are fewer.
  private static func digest(_ bytes: [UInt8], rows: Int) -> String? {
    var left = rows + 1
    var end = bytes.startIndex
    while left > 0 {
      guard let line = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      end = line + 1
      left -= 1
    }
    return XXH64.hex(of: Array(bytes[..<end]))
  }
}

extension Manifest {
  /// Makes `last` and `best` what the rows of `metrics.csv` say: a kill may have come between them
  /// and `run.json`.
  ///
  /// - Parameter best: The epoch of the best checkpoint.
  public mutating func take(_ table: MetricsTable, best: Int?) {
    lastMetrics = MetricsRecord(table, row: table.rows.count - 1)
    bestMetrics = best.flatMap { MetricsRecord(table, row: $0 - 1) }
  }
}

extension Manifest.MetricsRecord {
  /// What `run.json` says of an epoch, from its row; nil if there is none.
  public init?(_ table: MetricsTable, row: Int) {
    guard table.rows.indices.contains(row) else { return nil }
    func number(_ column: String) -> Int? { table[column].flatMap { Int(exactly: $0[row]) } }
    guard let epoch = number("epoch") else { return nil }
    let values = zip(table.columns, table.rows[row]).filter { name, value in
      (name.hasPrefix("train_") || name.hasPrefix("validation_")) && !value.isNaN
    }
    self.init(
      epoch: epoch, step: number("step") ?? 0, values: values.map { Metric($0, $1) })
  }
}
