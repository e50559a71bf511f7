internal import CKernels

/// An exponential moving average of a model's parameters and state, running statistics among them.
///
///     e_t = decay·e_{t−1} + (1 − decay)·θ_t        the average: e_t / (1 − decayᵗ)
///
/// It is kept with the bias of its start taken out, as a mean in which θ_1 has weight 1 at first:
/// ē_t = ē_{t−1} + (θ_t − ē_{t−1})·(1 − decay)/(1 − decayᵗ). Before the first step it is the weights
/// themselves.
///
/// Source: Polyak & Juditsky, SIAM J. Control Optim. 30, 1992; bias correction: Kingma & Ba, ICLR 2015.
public final class WeightAverage {
  public let decay: Double
  private let store: ParameterStore
  private let values: UnsafeMutableBufferPointer<Float>
  private let state: UnsafeMutableBufferPointer<Float>

  /// Begins with the present weights.
  public init(of store: ParameterStore, decay: Double) {
    precondition((0..<1).contains(decay), "a decay of \(decay) is not in 0 ..< 1")
    self.decay = decay
    self.store = store
    values = AlignedMemory.allocate(store.values.count)
    state = AlignedMemory.allocate(store.state.count)
    _ = values.update(from: store.values)
    _ = state.update(from: store.state)
  }

  deinit {
    AlignedMemory.free(values)
    AlignedMemory.free(state)
  }

  /// Takes in the weights after step number `count`, from 1.
  public func follow(count: Int, pool: ThreadPool) {
    let share = Float((1 - decay) / (1 - RepeatableMath.power(decay, count)))
    move(values, towards: store.values, by: count <= 1 ? 1 : share, pool)
    move(state, towards: store.state, by: count <= 1 ? 1 : share, pool)
  }

  private func move(
    _ average: UnsafeMutableBufferPointer<Float>,
    towards weights: UnsafeMutableBufferPointer<Float>,
    by share: Float, _ pool: ThreadPool
  ) {
    guard let to = average.baseAddress, let from = weights.baseAddress else { return }
    if share >= 1 {
      ck_copy(pool.handle, average.count, from, ck_gradient(to: to, add: 0))
    } else {
      ck_approach(pool.handle, average.count, share, from, to)
    }
  }

  /// Puts the average in the weights' place, and the weights here; a second call puts them back.
  public func exchange(pool: ThreadPool) {
    for (mine, theirs) in [(values, store.values), (state, store.state)] {
      let pair = Pair(a: mine, b: theirs)
      let chunk = 1 << 16
      ThreadPool.run((mine.count + chunk - 1) / chunk, on: pool) { task in
        pair.exchange(task * chunk..<min((task + 1) * chunk, pair.a.count))
      }
    }
  }

  /// The average of a parameter, or of state, by name; nil if there is none of that name.
  public subscript(name: String) -> UnsafeMutableBufferPointer<Float>? {
    guard let place = store.place(of: name) else { return nil }
    return UnsafeMutableBufferPointer(rebasing: (place.isState ? state : values)[place.range])
  }
}

/// `@unchecked Sendable`: tasks exchange different numbers.
private struct Pair: @unchecked Sendable {
  let a: UnsafeMutableBufferPointer<Float>
  let b: UnsafeMutableBufferPointer<Float>

  func exchange(_ range: Range<Int>) {
    for index in range { (a[index], b[index]) = (b[index], a[index]) }
  }
}
