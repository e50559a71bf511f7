import ExptComponents
import ExptTensor

/// The learning rate falls as a power of what is left, step by step, to `minimum` of its start, and stays
/// there.
///
///     minimum + (1 − minimum)·(1 − f)^power        f: the share of `epochs` that is done
///
/// With `minimum: 0` as PyTorch's `PolynomialLR`. Power 1 is a straight line.
///
/// Source: Liu, Rabinovich & Berg, "ParseNet", arXiv 1506.04579, 2015, section 3 (power 0.9).
public struct PolynomialDecay: LearningRateSchedule {
  public static let id = "polynomial"
  public static let summary = "The learning rate falls as a power of the training that is left."

  @Setting("The power: 1 for a straight line, more for a faster fall at first.", .within(0...100))
  public var power: Double = 1
  @Setting("Epochs that it takes; null: all of training.", .above(0)) public var epochs: Double? =
    nil
  @Setting("The learning rate at the end, as a share of the initial one.", .within(0...1))
  public var minimum: Double = 0

  public init() {}

  public var end: Double? { epochs }

  public func factor(_ progress: Progress) -> Double {
    let done = epochs.map { min(1, progress.epoch / $0) } ?? progress.fraction
    return minimum + (1 - minimum) * RepeatableMath.power(1 - done, power)
  }
}
