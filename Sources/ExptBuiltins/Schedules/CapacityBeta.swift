import ExptComponents

/// The KL term is pulled towards a capacity C that rises during training: the loss is
/// reconstruction + γ·|KL − C|.
///
/// Source: Burgess et al., "Understanding disentangling in β-VAE", arXiv 1804.03599, 2018,
/// equation 8 (there γ = 1000, and C rises to 25 nats on dSprites).
public struct CapacityBeta: CapacitySchedule {
  public static let id = "capacity"
  public static let summary = "Pulls the KL towards a rising capacity C: γ·|KL − C|."

  @Setting("γ: how strongly the KL is pulled towards the capacity.", .within(0...1e6))
  public var gamma: Double = 1000
  @Setting("The capacity at the start, in nats.", .within(0...1e6)) public var from: Double = 0
  @Setting("The capacity at the end, in nats.", .within(0...1e6)) public var to: Double = 25
  @Setting("How many epochs it takes to get there.", .above(0)) public var epochs: Double = 10

  public init() {}

  public func value(_ progress: Progress) -> Double { gamma }
  public var target: ScheduleTarget { ScheduleTarget(gamma, after: 0) }
  public var capacity: any Schedule { LinearSchedule(from: from, to: to, epochs: epochs) }
}
