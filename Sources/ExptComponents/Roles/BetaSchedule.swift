/// How the weight β of the KL term changes over training.
public protocol BetaSchedule: Component {
  /// β at a step. A function of progress alone.
  func beta(_ progress: Progress) -> Double

  /// The KL that the term is drawn to instead of 0, in nats: the loss is then β·|KL − target|.
  func klTarget(_ progress: Progress) -> Double?
}

extension BetaSchedule {
  public func klTarget(_ progress: Progress) -> Double? { nil }
}

extension Role where Value == any BetaSchedule {
  public static var betaSchedule: Self {
    Role(
      "beta_schedule", title: "β schedule", numberShorthand: ("constant", "value"),
      includes: { $0 is any BetaSchedule.Type }, cast: { $0 as? any BetaSchedule })
  }
}
