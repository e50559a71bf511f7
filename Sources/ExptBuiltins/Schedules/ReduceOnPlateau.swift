import ExptComponents

/// The learning rate falls by a factor when the validation loss has not become better for more
/// than `patience` epochs, as PyTorch's `ReduceLROnPlateau` in absolute mode.
///
/// While a schedule of β moves, epochs do not count; then the loss is the one at its target.
///
/// Recomputed from all losses so far, so that a resumed run needs no memory of it.
public struct ReduceOnPlateau: LearningRateSchedule {
  public static let id = "reduce_on_plateau"
  public static let summary = "The learning rate falls when the validation loss stops falling."

  @Setting("Epochs without improvement to wait for.", .atLeast(0))
  public var patience: Int = 5
  @Setting("Factor applied each time.", .above(0, upTo: 1))
  public var factor: Double = 0.5
  @Setting("How much lower a loss must be to count as better, in nats.", .atLeast(0))
  public var threshold: Double = 0.01
  @Setting("Lower bound of the learning rate, as a share of the initial one.", .within(0...1))
  public var minimum: Double = 0

  public init() {}

  public var lossPatience: Int? { patience }

  public func factor(_ progress: Progress) -> Double {
    var share = 1.0
    var best = Double.infinity
    var epochsWithout = 0
    for loss in progress.losses {
      if loss < best - threshold {
        best = loss
        epochsWithout = 0
      } else {
        epochsWithout += 1
      }
      if epochsWithout > patience {
        share = max(minimum, share * factor)
        epochsWithout = 0
      }
    }
    return share
  }
}
