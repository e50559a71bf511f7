import ExptComponents
import ExptTensor

/// Rows of numbers that a network is fitted to: the same images, drawn once or several times.
struct FitRows {
  /// `[images, width]` each: one draw after another is shown, epoch by epoch.
  var draws: [[Float]]
  var width: Int

  var count: Int { draws[0].count / width }
}

/// Fits a network to rows of numbers, by the mean of its loss over them.
///
/// The same rows, settings and seed give the same bytes, whatever the threads.
struct GradientFit {
  /// Records the loss of each row of `[n, width]` in nats, `[n]`.
  typealias Loss = (_ rows: Tensor, Scope) throws(BuildProblem) -> Tensor

  static let input = "rows"

  let settings: FitSettings
  let rows: FitRows
  let pool: ThreadPool
  let loss: Loss

  struct Result {
    /// The parameters with the least loss on the rows held out, or the last ones where there are none.
    var arrays: [FittedArrays.Array]
    /// The mean loss of the rows held out, else of all.
    var loss: Double
    /// The images that `loss` is over.
    var count: Int
    var isHeldOut: Bool
  }

  /// - Throws: `SamplerProblem` where it cannot be built, or diverges.
  func callAsFunction() throws(SamplerProblem) -> Result {
    let (train, held) = divided()
    let run = RunContext(pool: pool, seed: settings.seed)
    let batch = min(settings.batchSize, train.count)
    let network = try FittedNetwork(rows: batch, width: rows.width, mode: .training, run, loss)
    network.store.initialise(seed: settings.seed)
    let judge = Judging(of: held.isEmpty ? train : held, self, network)
    var optimizer = FitAdam(network.store, learningRate: settings.learningRate, pool)
    var best = (loss: try judge.mean(), epoch: 0, values: Array(network.store.values))
    for epoch in 1...settings.epochs {
      let draw = rows.draws[(epoch - 1) % rows.draws.count]
      let order = shuffled(train, epoch: epoch)
      for start in stride(from: 0, through: train.count - batch, by: batch) {
        network.fill(draw, order[start..<start + batch])
        run.position = UInt64(optimizer.count) + 1
        network.plan.forward()
        network.plan.backward()
        optimizer.step()
      }
      if held.isEmpty { continue }
      let mean = try judge.mean()
      if mean < best.loss { best = (mean, epoch, Array(network.store.values)) }
      if epoch - best.epoch >= settings.patience { break }
    }
    if held.isEmpty {
      best.loss = try judge.mean()
    } else {
      _ = network.store.values.update(fromContentsOf: best.values)
    }
    return Result(
      arrays: network.arrays, loss: best.loss, count: judge.count, isHeldOut: !held.isEmpty)
  }

  /// The images to fit to and those held out.
  private func divided() -> (train: [Int], held: [Int]) {
    let order = shuffled(Array(0..<rows.count), epoch: 0)
    let held = min(rows.count - 1, Int(Double(rows.count) * settings.heldOut))
    return (Array(order.dropFirst(held)), Array(order.prefix(held)))
  }

  private func shuffled(_ images: [Int], epoch: Int) -> [Int] {
    var images = images
    var random = RandomSequence(
      seed: settings.seed, stream: Random.stream("sampler/order"), position: UInt64(epoch))
    for last in stride(from: images.count - 1, to: 0, by: -1) {
      images.swapAt(last, random.below(last + 1))
    }
    return images
  }

  /// Measures the loss of some images' first draws, as in evaluation.
  private struct Judging {
    private let fit: GradientFit
    private let images: [Int]
    private let plans: [(first: Int, network: FittedNetwork)]

    var count: Int { images.count }

    init(of images: [Int], _ fit: GradientFit, _ network: FittedNetwork) {
      (self.fit, self.images) = (fit, images)
      let size = min(images.count, 512)
      let whole = network.evaluating(rows: size, fit.loss)
      let rest = images.count % size
      plans = stride(from: 0, to: images.count, by: size).map { first in
        first + size <= images.count
          ? (first, whole) : (first, network.evaluating(rows: rest, fit.loss))
      }
    }

    func mean() throws(SamplerProblem) -> Double {
      var sum = 0.0
      for (first, network) in plans {
        let range = first..<first + network.rows
        network.fill(fit.rows.draws[0], images[range])
        network.run.rows = NoiseRows(examples: range, samples: 0..<1)
        network.plan.forward()
        network.run.rows = nil
        sum += network.plan.value(of: network.result).reduce(0) { $0 + Double($1) }
      }
      guard sum.isFinite else {
        throw SamplerProblem("the fit has diverged: lower 'learning_rate'")
      }
      return sum / Double(count)
    }
  }
}

/// Adam over all parameters of a network, with its two means.
private struct FitAdam {
  private let store: ParameterStore
  private let learningRate: Double
  private let pool: ThreadPool
  private let means: Means
  private(set) var count = 0

  private final class Means {
    let mean: UnsafeMutableBufferPointer<Float>
    let square: UnsafeMutableBufferPointer<Float>

    init(_ count: Int) {
      mean = AlignedMemory.allocate(count)
      square = AlignedMemory.allocate(count)
    }

    deinit {
      AlignedMemory.free(mean)
      AlignedMemory.free(square)
    }
  }

  init(_ store: ParameterStore, learningRate: Double, _ pool: ThreadPool) {
    (self.store, self.learningRate, self.pool) = (store, learningRate, pool)
    means = Means(store.values.count)
  }

  mutating func step() {
    count += 1
    FusedUpdate(
      values: store.values, gradients: store.gradients, learningRate: learningRate, pool: pool
    ).adam(
      beta1: 0.9, beta2: 0.999, epsilon: 1e-8, count: count, isDecoupled: false, mean: means.mean,
      square: means.square
    ).apply()
  }
}
