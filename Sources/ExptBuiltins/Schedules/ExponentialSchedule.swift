import ExptComponents
import ExptTensor

/// The number falls (or rises) by the same factor in equal times over the first epochs, step by step, then
/// stays: the annealing of a temperature, max(to, from·exp(−rt)) with r = log(from / to) / epochs.
///
/// Source: Jang, Gu & Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017, section 4
/// (there from 1 to 0.5).
public struct ExponentialSchedule: Schedule {
  public static let id = "exponential"
  public static let summary = "Falls exponentially over the first epochs, as temperatures do."

  @Setting("The number at the start.", .within(1e-6...1e6)) public var from: Double = 1
  @Setting("The number at the end.", .within(1e-6...1e6)) public var to: Double = 0.5
  @Setting("How many epochs it takes.", .above(0)) public var epochs: Double = 10

  public init() {}

  public func value(_ progress: Progress) -> Double {
    let share = progress.epoch / epochs
    if share >= 1 { return to }
    return from * RepeatableMath.exp(share * RepeatableMath.log(to / from))
  }

  public var target: ScheduleTarget {
    ScheduleTarget(to, after: from == to ? 0 : epochs)
  }
}
