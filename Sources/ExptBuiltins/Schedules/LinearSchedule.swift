import ExptComponents

/// β rises (or falls) in a straight line over the first epochs, step by step, then stays: KL
/// warm-up.
///
/// Source: Bowman et al., "Generating Sentences from a Continuous Space", CoNLL 2016;
/// Sønderby et al., "Ladder Variational Autoencoders", NIPS 2016.
public struct LinearSchedule: Schedule {
  public static let id = "linear"
  public static let summary = "β rises in a straight line over the first epochs (warm-up)."

  @Setting("β at the start.", .within(0...1e6)) public var from: Double = 0
  @Setting("β at the end.", .within(0...1e6)) public var to: Double = 1
  @Setting("How many epochs it takes.", .above(0)) public var epochs: Double = 10

  public init() {}

  public init(from: Double, to: Double, epochs: Double) {
    (self.from, self.to, self.epochs) = (from, to, epochs)
  }

  public func value(_ progress: Progress) -> Double {
    from + (to - from) * min(1, progress.epoch / epochs)
  }

  public var target: ScheduleTarget {
    ScheduleTarget(to, after: from == to ? 0 : epochs)
  }
}
