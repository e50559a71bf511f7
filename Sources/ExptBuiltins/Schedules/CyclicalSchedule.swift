import ExptComponents

/// β rises from `from` to `to` and starts again, several times over training.
///
/// In each cycle it rises in a straight line for the share `ratio` of the cycle, then stays.
///
/// Source: Fu et al., "Cyclical Annealing Schedule: A Simple Approach to Mitigating KL Vanishing",
/// NAACL 2019, equations 6 and 7.
public struct CyclicalSchedule: Schedule {
  public static let id = "cyclical"
  public static let summary = "β rises and starts again, several times during training."

  @Setting("Number of cycles over all of training.", .atLeast(1)) public var cycles: Int = 4
  @Setting("The share of a cycle in which β rises.", .above(0, upTo: 1))
  public var ratio: Double = 0.5
  @Setting("β at the start of a cycle.", .within(0...1e6)) public var from: Double = 0
  @Setting("β at the end of a cycle.", .within(0...1e6)) public var to: Double = 1

  public init() {}

  public func value(_ progress: Progress) -> Double {
    let place = progress.fraction * Double(cycles)
    let inCycle = place >= Double(cycles) ? 1 : place - place.rounded(.down)
    return from + (to - from) * min(1, inCycle / ratio)
  }

  public var target: ScheduleTarget {
    ScheduleTarget(to, after: from == to ? 0 : nil)
  }

  public func concern(epochs: Int) -> ScheduleConcern? {
    guard target.isMoving, epochs % cycles != 0 else { return nil }
    let below = epochs - epochs % cycles
    let advice =
      cycles > epochs
      ? "set at most \(epochs) cycles"
      : "train for \(below) or \(below + cycles) epochs, or set another number of cycles"
    return ScheduleConcern(
      "the \(cycles) cycles of β do not divide the run's \(epochs) epochs: some end within "
        + "an epoch, which leaves β somewhere in between",
      at: "cycles", help: advice)
  }
}
