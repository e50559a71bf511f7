import ExptComponents
import ExptTensor

/// The learning rate falls by a factor after every epoch: factor^(epochs done).
public struct ExponentialDecay: LearningRateSchedule {
  public static let id = "exponential"
  public static let summary = "The learning rate falls by a factor after every epoch."

  @Setting("Factor applied after each epoch.", .above(0, upTo: 1))
  public var factor: Double = 0.95

  public init() {}

  public func factor(_ progress: Progress) -> Double {
    RepeatableMath.power(factor, progress.finishedEpochs)
  }
}
