import ExptComponents

/// What happens in training, as observers hear it: the values are in the event.
public enum TrainingEvent {
  /// Training begins, or is resumed, at a position.
  case started(Position, batchesPerEpoch: Int)
  /// A batch is done. Heard many times a second: be quick.
  case batchEnded(BatchSummary)
  case epochEnded(EpochSummary)
  /// Training was asked to stop between two batches.
  case interrupted(Position)
  case finished(Position, stoppedEarly: Bool)
}

extension TrainingEvent {
  /// Whether observers look at the model then.
  var isLookedAt: Bool {
    switch self {
    case .epochEnded, .finished: true
    case .started, .batchEnded, .interrupted: false
    }
  }
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
  /// The metrics' names, and for each the sum over the images so far.
  var names: [String]
  var sums: [Double]

  /// Means over the images of this epoch so far, in nats, by name.
  public var means: [(name: String, value: Double)] {
    zip(names, sums).map { ($0, $1 / Double(max(1, images))) }
  }
}

/// One listener to training, such as the writer of `metrics.csv`: one file each in `Observers/`.
public protocol TrainingObserver: AnyObject {
  /// What a profile calls the time it takes. The default is `other`.
  var activity: Profile.Activity { get }

  /// Whether it computes with the model after an epoch, or at the end: then, in a run that averages its
  /// weights, with the average. The default is no.
  var looksAtModel: Bool { get }

  /// - Throws: What stops training, such as a full disk.
  func observe(_ event: TrainingEvent, of trainer: Trainer) throws
}

extension TrainingObserver {
  public var activity: Profile.Activity { .other }
  public var looksAtModel: Bool { false }
}

/// Why training cannot continue: a sentence for the user.
public struct TrainingFailure: Error, Sendable, CustomStringConvertible {
  public var message: String
  public var description: String { message }
  public init(_ message: String) { self.message = message }
}
