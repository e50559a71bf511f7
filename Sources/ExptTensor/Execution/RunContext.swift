/// What a run of a plan needs besides tensors: the threads, and the key of the noise.
///
/// Noise is counter-based: an operation draws from (`seed`, its own stream, `position`, index of the
/// element), so what it draws never depends on what was drawn before.
public final class RunContext {
  public let pool: ThreadPool
  public var seed: UInt64
  /// The number of the batch since the run began, with the phase in its upper bits.
  public var position: UInt64 = 0
  /// In a backward pass that takes the optimizer's step as it goes: that step.
  var rule: UpdateRule?

  public init(pool: ThreadPool, seed: UInt64) {
    self.pool = pool
    self.seed = seed
  }
}
