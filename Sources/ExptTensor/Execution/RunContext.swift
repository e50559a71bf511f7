/// What a run of a plan needs besides tensors: the threads, and the key of the noise.
///
/// Noise is counter-based: an operation draws from (`seed`, its own stream, `position`, index of the
/// element), so what it draws never depends on what was drawn before.
public final class RunContext {
  public let pool: ThreadPool
  public var seed: UInt64
  /// The number of the batch since the run began, with the phase in its upper bits.
  public var position: UInt64 = 0
  /// Mixed into the number of every stream: what is measured draws other noise than training does.
  public var streamShift: UInt64 = 0
  /// Noise keyed by the example and the sample instead of `position`: see `NoiseRows`.
  public var rows: NoiseRows?
  /// In a backward pass that takes the optimizer's step as it goes: that step.
  var rule: UpdateRule?

  public init(pool: ThreadPool, seed: UInt64) {
    self.pool = pool
    self.seed = seed
  }
}

/// The examples and samples that the rows of a plan stand for, the samples of an example in consecutive
/// rows: their noise then does not depend on how they are divided into batches.
public struct NoiseRows: Sendable {
  public var examples: Range<Int>
  public var samples: Range<Int>

  public init(examples: Range<Int>, samples: Range<Int>) {
    self.examples = examples
    self.samples = samples
  }

  var count: Int { examples.count * samples.count }

  /// The position that a row's noise is drawn at.
  func position(_ row: Int) -> UInt64 {
    let example = examples.lowerBound + row / samples.count
    return UInt64(example) << 32 | UInt64(samples.lowerBound + row % samples.count)
  }
}
