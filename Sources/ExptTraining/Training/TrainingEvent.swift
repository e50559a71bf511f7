import ExptComponents

/// What happens in training, as observers hear it: the values are in the event.
public enum TrainingEvent {
  /// Training begins, or goes on, at a position.
  case started(Position, batchesPerEpoch: Int)
  /// A batch is done. Heard many times a second: be quick.
  case batchEnded(BatchSummary)
  case epochEnded(EpochSummary)
  /// Training was asked to stop between two batches.
  case interrupted(Position)
  case finished(Position, stoppedEarly: Bool)
}

/// A batch, for progress displays.
public struct BatchSummary: Sendable {
  /// From 1.
  public var epoch: Int
  public var epochs: Int
  /// Batches done of this epoch.
  public var batch: Int
  public var batches: Int
  /// Images done of this epoch.
  public var images: Int
  /// Means over the images of this epoch so far, in nats, by name.
  public var means: [(name: String, value: Double)]
}

/// One listener to training, such as the writer of `metrics.csv`: one file each in `Observers/`.
public protocol TrainingObserver: AnyObject {
  /// - Throws: What stops training, such as a full disk.
  func observe(_ event: TrainingEvent, of trainer: Trainer) throws
}

/// Why training cannot go on: a sentence for the user.
public struct TrainingFailure: Error, Sendable, CustomStringConvertible {
  public var message: String
  public var description: String { message }
  public init(_ message: String) { self.message = message }
}
