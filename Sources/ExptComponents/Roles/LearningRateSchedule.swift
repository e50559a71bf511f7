/// How the learning rate changes over training.
public protocol LearningRateSchedule: Component {
  /// What the base learning rate is multiplied by.
  ///
  /// A function of progress alone, so that a resumed run continues as if it had not stopped.
  func factor(_ progress: Progress) -> Double

  /// How many epochs without improvement it waits for, for a schedule that follows the losses; nil,
  /// the default, for any other.
  var lossPatience: Int? { get }
}

extension LearningRateSchedule {
  public var lossPatience: Int? { nil }
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
