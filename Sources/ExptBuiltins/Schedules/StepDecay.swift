import ExptComponents
import ExptTensor

/// The learning rate falls by a factor every few epochs: factor^⌊epochs done / every⌋.
public struct StepDecay: LearningRateSchedule {
  public static let id = "step"
  public static let summary = "The learning rate falls by a factor every few epochs."

  @Setting("Epochs between reductions.", .atLeast(1)) public var every: Int = 30
  @Setting("Factor applied each time.", .above(0, upTo: 1))
  public var factor: Double = 0.1

  public init() {}

  public func factor(_ progress: Progress) -> Double {
    RepeatableMath.power(factor, progress.finishedEpochs / every)
  }
}
