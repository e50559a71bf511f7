import ExptComponents
import ExptTensor

/// One cycle over all of training: the learning rate rises from `learning_rate / start_divisor` to
/// `learning_rate` and falls to `learning_rate / (start_divisor · end_divisor)`, step by step along half
/// cosines or straight lines. With `three_phases` it falls to where it began in as many steps as it rose,
/// and only then to its end.
///
/// As PyTorch's `OneCycleLR` with `cycle_momentum=False`. `expt lr` looks for a learning rate to rise to.
///
/// Source: Smith & Topin, "Super-convergence", arXiv 1708.07120, 2018.
public struct OneCycle: LearningRateSchedule {
  public static let id = "one_cycle"
  public static let summary = "The learning rate rises once and falls again, over all of training."

  @Setting("The share of training in which it rises.", .above(0, upTo: 0.5))
  public var rising: Double = 0.3
  @Setting("How many times lower it begins.", .within(1...1e6)) public var startDivisor: Double = 25
  @Setting("How many times lower than it began it ends.", .within(1...1e9))
  public var endDivisor: Double = 1e4
  @Setting("Fall to where it began in as many steps as it rose, and then to the end.")
  public var threePhases: Bool = false
  @Setting("The curve between: cosine or linear.") public var curve: Curve = .cosine

  public enum Curve: String, NamedChoice { case cosine, linear }

  public init() {}

  public func factor(_ progress: Progress) -> Double {
    let last = Double(max(1, progress.epochs)) * Double(max(1, progress.stepsPerEpoch)) - 1
    let top = rising * (last + 1) - 1
    let (step, start, end) = (
      Double(progress.step), 1 / startDivisor, 1 / (startDivisor * endDivisor)
    )
    if step <= top { return value(step, 0...top, from: start, to: 1) }
    let back = max(0, threePhases ? 2 * top : top)
    if step <= back { return value(step, max(0, top)...back, from: 1, to: start) }
    return value(step, back...max(back, last), from: threePhases ? start : 1, to: end)
  }

  /// Between two rates, over these steps.
  private func value(
    _ step: Double, _ steps: ClosedRange<Double>, from: Double, to: Double
  ) -> Double {
    let length = steps.upperBound - steps.lowerBound
    let share = length > 0 ? max(0, min(1, (step - steps.lowerBound) / length)) : 1
    switch curve {
    case .linear: return from + (to - from) * share
    case .cosine: return to + (from - to) * (1 + RepeatableMath.cosineOfPi(share)) / 2
    }
  }
}
