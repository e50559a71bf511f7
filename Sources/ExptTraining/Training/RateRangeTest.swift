import ExptComponents
import ExptTensor

/// A learning-rate range test: training for some steps at rates that rise from one to the next by the same
/// factor, until the loss rises too far.
///
///     rate_i = from·(to / from)^(i / (steps − 1))        s_i = β·s_{i−1} + (1 − β)·loss_i
///
/// The smoothed loss is s_i / (1 − βⁱ). Weights of the objective that follow a schedule stand at their
/// targets, and the schedule of the learning rate does not count.
///
/// Source: Smith, "Cyclical learning rates for training neural networks", arXiv 1506.01186, section 3.3; the
/// exponential rise and the smoothing as in fastai's `lr_find`.
public struct RateRangeTest: Sendable {
  public var from = 1e-6
  public var to = 10.0
  public var steps = 200
  /// β.
  public var smoothing = 0.9

  public init() {}

  /// Trains; the model is of no use afterwards.
  ///
  /// - Parameter shouldStop: Asked before each step.
  public func run(
    _ trainer: Trainer, shouldStop: () -> Bool = { false }
  ) throws -> RateRange {
    var range = RateRange()
    var (sum, power) = (0.0, 1.0)
    for number in 0..<steps {
      if shouldStop() {
        range.end = .stopped
        return range
      }
      let rate = rate(number)
      guard let loss = try trainer.takeStep(at: rate), loss.isFinite else {
        range.end = .diverged
        return range
      }
      power *= smoothing
      sum = smoothing * sum + (1 - smoothing) * loss
      range.points.append(
        RateRange.Point(rate: rate, loss: loss, smoothed: sum / (1 - power)))
      if range.hasRisenTooFar {
        range.end = .diverged
        return range
      }
    }
    return range
  }

  private func rate(_ number: Int) -> Double {
    let share = Double(number) / Double(max(1, steps - 1))
    return from * RepeatableMath.exp(share * RepeatableMath.log(to / from))
  }
}

/// What a range test saw.
public struct RateRange: Sendable {
  public struct Point: Sendable, Hashable {
    public var rate: Double
    /// Of the step's images, in nats.
    public var loss: Double
    public var smoothed: Double

    public init(rate: Double, loss: Double, smoothed: Double) {
      self.rate = rate
      self.loss = loss
      self.smoothed = smoothed
    }
  }

  /// Why it ended.
  public enum End: String, Sendable {
    /// The rates were all tried.
    case finished
    /// The loss rose too far, or was no number.
    case diverged
    /// It was asked to stop.
    case stopped
  }

  public var points: [Point] = []
  public var end = End.finished

  public init() {}

  /// The point of the lowest smoothed loss; nil if it never fell.
  public var lowest: Point? {
    guard let lowest = points.min(by: { $0.smoothed < $1.smoothed }), let first = points.first,
      lowest.smoothed < first.smoothed
    else { return nil }
    return lowest
  }

  /// A tenth of the rate at which the smoothed loss is lowest: there, at the edge of divergence, steps are
  /// too long to train by.
  public var suggestion: Double? { lowest.map { $0.rate / 10 } }

  /// The rate at which the smoothed loss falls fastest by the rate's logarithm, up to where it is lowest.
  public var steepest: Point? {
    guard let lowest, let last = points.firstIndex(of: lowest) else { return nil }
    let width = 3
    let slopes = points.indices.dropFirst(width).prefix { $0 + width <= last }.map { index in
      (index, points[index + width].smoothed - points[index - width].smoothed)
    }
    return slopes.min { $0.1 < $1.1 }.flatMap { $0.1 < 0 ? points[$0.0] : nil }
  }

  /// Whether the last smoothed loss is above the best by more than twice what was gained, and by more than
  /// the first.
  var hasRisenTooFar: Bool {
    guard let first = points.first?.smoothed, let last = points.last?.smoothed,
      let best = points.map(\.smoothed).min()
    else { return false }
    return last - best > max(2 * (first - best), abs(first))
  }
}

extension Trainer {
  /// Takes one step of all groups, that of the model's own parameters at a learning rate, others at rates
  /// that are theirs in the same proportion.
  ///
  /// - Returns: The mean loss of its images; nil if it is no longer a number.
  func takeStep(at rate: Double) throws -> Double? {
    for group in groups { group.rateShare = rate / experiment.optimizer.step.learningRate }
    if position.batch >= batchesPerEpoch { startNextEpoch() }
    if position.step == 0 { batches.start(epoch: 0) }
    let before = (sum: position.sums[0], images: position.images)
    do { try trainStep() } catch is TrainingFailure { return nil }
    let images = position.images - before.images
    return images > 0 ? (position.sums[0] - before.sum) / Double(images) : nil
  }
}
