/// Where a run stands between two batches: all that must be kept to continue exactly, besides the
/// parameters and the optimizer's arrays.
public struct Position: Sendable, Hashable {
  /// Epochs that have ended.
  public var epoch = 0
  /// Batches done of the epoch that has not ended.
  public var batch = 0
  /// Optimizer steps taken.
  public var step = 0
  /// Of these, steps that were left out: see `StepSettings.skipNorm`.
  public var skipped = 0
  /// Of these, those of the epoch that has not ended.
  public var skippedInEpoch = 0
  /// The loss that decides (validation, else training) of each epoch that has ended.
  public var losses: [Double] = []
  /// Sums over the images of the unfinished epoch, one for each column.
  public var sums: [Double] = []
  /// Sums of each tally over the unfinished epoch.
  public var tallies: [[Double]] = []
  /// Images of the unfinished epoch that went into `sums`.
  public var images = 0

  public init() {}

  /// The lowest of `losses` and its epoch, from 1; the first where several are equal.
  public var best: (epoch: Int, loss: Double)? {
    losses.enumerated().min { $0.element < $1.element }.map { ($0.offset + 1, $0.element) }
  }
}
