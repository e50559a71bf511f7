import ExptComponents

/// The learning rate is constant in stages, each of a length and with a factor of its own; the last factor
/// stays.
///
///     schedule: { type: stages, epochs: [1, 3, 9], factors: [1, 0.5, 0.1] }
public struct Stages: LearningRateSchedule {
  public static let id = "stages"
  public static let summary = "The learning rate is constant in stages, each with its factor."

  @Setting("Epochs of each stage.", .above(0)) public var epochs: [Double] = [20, 10]
  @Setting("What the learning rate is multiplied by in each.", .atLeast(0))
  public var factors: [Double] = [1, 0.1]

  public init() {}

  public func check(_ report: SettingsReport) {
    if epochs.isEmpty {
      report.error("there is no stage", at: "epochs", help: "write epochs: [20, 10]")
    }
    if factors.count != epochs.count {
      report.error(
        "there are \(factors.count) factors for \(epochs.count) stages", at: "factors",
        help: "write one for each entry of 'epochs'")
    }
  }

  /// When the last stage begins.
  public var end: Double? { epochs.dropLast().reduce(0, +) }

  public func factor(_ progress: Progress) -> Double {
    var end = 0.0
    for (length, factor) in zip(epochs, factors) {
      end += length
      if progress.epoch < end { return factor }
    }
    return factors.last ?? 1
  }
}
