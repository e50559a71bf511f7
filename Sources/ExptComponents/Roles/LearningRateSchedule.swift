/// How the learning rate changes over training.
public protocol LearningRateSchedule: Component {
  /// What the base learning rate is multiplied by.
  ///
  /// A function of progress alone, so that a resumed run continues as if it had not stopped.
  func factor(_ progress: Progress) -> Double

  /// How many epochs without improvement it waits for, for a schedule that follows the losses; nil,
  /// the default, for any other.
  var lossPatience: Int? { get }

  /// Epochs from the start after which the factor no longer changes; nil, the default, for a schedule that
  /// spans all of training, or has no end.
  var end: Double? { get }
}

extension LearningRateSchedule {
  public var lossPatience: Int? { nil }
  public var end: Double? { nil }
}

/// Where training stands when a step begins.
public struct Progress: Sendable {
  /// Steps taken before this one.
  public var step: Int
  public var stepsPerEpoch: Int
  public var epochs: Int
  /// The validation loss of each epoch that has ended, in order (training loss without
  /// validation). Where the objective moves, the loss at the schedules' target, and only of epochs
  /// that ended with the schedules there.
  public var losses: [Double]

  public init(step: Int, stepsPerEpoch: Int, epochs: Int, losses: [Double] = []) {
    self.step = step
    self.stepsPerEpoch = stepsPerEpoch
    self.epochs = epochs
    self.losses = losses
  }

  /// After a training without end, where every schedule is at its target.
  public static let end = Progress(step: 1 << 40, stepsPerEpoch: 1, epochs: 1)

  /// Epochs since the start, with fractions.
  public var epoch: Double { Double(step) / Double(max(1, stepsPerEpoch)) }
  /// Whole epochs that have ended.
  public var finishedEpochs: Int { step / max(1, stepsPerEpoch) }
  /// From 0 at the first step to 1 after the last.
  public var fraction: Double { min(1, epoch / Double(max(1, epochs))) }
}

extension Role where Value == any LearningRateSchedule {
  public static var learningRateSchedule: Self {
    Role(
      "learning_rate_schedule", title: "learning-rate schedule",
      includes: { $0 is any LearningRateSchedule.Type },
      cast: { $0 as? any LearningRateSchedule })
  }
}
