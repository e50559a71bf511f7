import ExptComponents
import ExptTensor

/// The learning rate falls along half a cosine, step by step, from its start to `minimum` of it at
/// the end of training.
///
///     minimum + (1 − minimum)·(1 + cos(π·f)) / 2        f: the share of training that is done
///
/// Raising `training.epochs` of a run that is resumed stretches the curve.
///
/// Source: Loshchilov & Hutter, "SGDR", ICLR 2017, equation 5, without restarts.
public struct CosineDecay: LearningRateSchedule {
  public static let id = "cosine"
  public static let summary = "The learning rate falls along half a cosine over all of training."

  @Setting("The learning rate at the end, as a share of the initial one.", .within(0...1))
  public var minimum: Double = 0

  public init() {}

  public func factor(_ progress: Progress) -> Double {
    let height = (1 + RepeatableMath.cosineOfPi(progress.fraction)) / 2
    return minimum + (1 - minimum) * height
  }
}
