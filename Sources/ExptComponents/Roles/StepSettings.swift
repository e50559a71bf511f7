import ExptTensor

/// What every optimizer has: how far to step, and what is done to gradients first.
public struct StepSettings: Settings {
  @Setting("Initial step size (the schedule changes it).", .above(0, upTo: 1e4))
  public var learningRate: Double = 1e-3
  @Slot("How the learning rate changes over training.", .learningRateSchedule, default: "constant")
  public var schedule: any LearningRateSchedule
  @Setting("Epochs over which the learning rate first rises linearly from 0.", .atLeast(0))
  public var warmupEpochs: Float = 0
  @Setting(
    "Weight decay (L2 added to the gradient; decoupled in adamw and lion).", .within(0...1e4))
  public var weightDecay: Double = 0
  @Setting(
    "Scale all gradients down if their global L2 norm is larger than this; null: never.", .above(0))
  public var clipNorm: Float? = nil
  @Setting("Clip each gradient to ± this; null: never.", .above(0))
  public var clipValue: Float? = nil
  @Setting(
    "Leave out a step if its loss is not finite, or the global L2 norm of its gradients, before "
      + "clipping, is larger than this; null: never.", .above(0))
  public var skipNorm: Float? = nil

  public init() {}

  /// Other defaults, for an optimizer that is used with others.
  public init(learningRate: Double = 1e-3, weightDecay: Double = 0) {
    _learningRate = _learningRate.defaulting(to: learningRate)
    _weightDecay = _weightDecay.defaulting(to: weightDecay)
  }
}

// What the trainer does by them.
extension StepSettings {
  /// The learning rate of the step that begins at `progress`: warm-up times schedule.
  ///
  /// Warm-up rises in equal steps to the full rate, which the last step of warm-up has.
  public func learningRate(at progress: Progress) -> Double {
    let warmup = Double(warmupEpochs) * Double(progress.stepsPerEpoch)
    let rising = warmup > 0 ? min(1, Double(progress.step + 1) / warmup) : 1
    return learningRate * rising * schedule.factor(progress)
  }

  /// Whether a step by these gradients is to be left out: their norm is over the limit, or no number.
  public func skips(_ gradients: UnsafeMutableBufferPointer<Float>, pool: ThreadPool) -> Bool {
    guard let limit = skipNorm else { return false }
    return !(GradientClipping.norm(gradients, pool: pool) <= Double(limit))
  }

  /// Whether gradients are changed before the step.
  public var clips: Bool { clipNorm != nil || clipValue != nil }

  /// Clips gradients, first all together by their norm, then each by its value.
  public func clip(_ gradients: UnsafeMutableBufferPointer<Float>, pool: ThreadPool) {
    if let limit = clipNorm {
      let norm = GradientClipping.norm(gradients, pool: pool)
      if norm > Double(limit) {
        GradientClipping.scale(gradients, by: Float(Double(limit) / norm), pool: pool)
      }
    }
    if let limit = clipValue { GradientClipping.clip(gradients, to: limit, pool: pool) }
  }
}
