import ExptComponents
import ExptTensor

/// How draws of choices and switches let gradients through in training. In evaluation they are always
/// choices.
public struct Relaxation: Settings {
  @Slot(
    "Temperature τ of the relaxed draws of training, above 0: a number or a schedule.", .schedule,
    default: 0.67)
  public var temperature: any Schedule
  @Setting(
    "Draw whole choices in training too, with the gradient of the relaxed ones (straight through).")
  public var hard: Bool = false

  public init() {}

  public func check(_ report: SettingsReport) {
    guard !temperature.isPositive else { return }
    report.error(
      "a temperature stays above 0, and this schedule does not", at: "temperature",
      help: "write a number such as 0.67, or { type: exponential, from: 1, to: 0.5, epochs: 10 }")
  }
}
