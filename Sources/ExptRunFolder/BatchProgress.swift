public import ExptFiles

/// How far an epoch is that is being trained: `progress.json`, there only while a run trains.
public struct BatchProgress: Sendable, Hashable {
  /// From 1.
  public var epoch: Int
  /// Batches done of it.
  public var batch: Int
  public var batches: Int
  /// The mean over its images so far, in nats.
  public var loss: Double?

  public init(epoch: Int, batch: Int, batches: Int, loss: Double?) {
    self.epoch = epoch
    self.batch = batch
    self.batches = batches
    self.loss = loss
  }
}

extension RunFolder {
  public var progressFile: String { file("progress.json") }

  /// Nil if there is none that can be read.
  public var progress: BatchProgress? {
    guard let json = try? JSONValue.read(progressFile, limit: 4096), let epoch = json["epoch"]?.int,
      let batch = json["batch"]?.int, let batches = json["batches"]?.int
    else { return nil }
    return BatchProgress(epoch: epoch, batch: batch, batches: batches, loss: json["loss"]?.double)
  }

  public func write(_ progress: BatchProgress) throws(FileProblem) {
    let json: JSONValue = [
      "epoch": JSONValue(progress.epoch), "batch": JSONValue(progress.batch),
      "batches": JSONValue(progress.batches),
      "loss": progress.loss.map { JSONValue($0) } ?? .null,
    ]
    try AtomicFile.write(json.pretty, to: progressFile)
  }

  /// Where it cannot be removed it stays: nobody reads it of a run that does not train.
  public func removeProgress() {
    if FilePath.exists(progressFile) { try? FilePath.remove(progressFile) }
  }
}
