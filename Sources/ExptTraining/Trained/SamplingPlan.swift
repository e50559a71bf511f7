import ExptComponents
import ExptLayers
import ExptTensor

/// Samples latents of some images, decodes them, and says how probable all of it is; ready to run.
///
///     z = μ + exp(½ log σ²)·ε,   k of them for each image
///
/// Shapes: images `[n, channels, height, width]`; μ and log σ² `[n, latent]`; ε `[n·k, latent]`, the
/// k rows of an image one after another; results `[n·k]`, in nats. An autoencoder's code is decoded
/// as it is: there is no log σ², no ε, and k is 1.
final class SamplingPlan {
  let images: UnsafeMutableBufferPointer<Float>
  let mean: UnsafeMutableBufferPointer<Float>
  let logVariance: UnsafeMutableBufferPointer<Float>?
  let noise: UnsafeMutableBufferPointer<Float>?
  private let plan: Plan
  private let surprise: Tensor
  private let densities: (prior: Tensor, posterior: Tensor)?

  init(_ network: Network, images count: Int, samples: Int) {
    let (graph, scope) = network.makeGraph()
    let latent = network.model.network.latent
    let images = graph.input("images", network.facts.image.batched(count))
    let mean = graph.input("mean", [count, latent])
    var latents = mean
    var densities: (prior: Tensor, posterior: Tensor)?
    if network.isGaussian {
      let logVariance = graph.input("log_variance", [count, latent])
      let (means, logVariances) = (mean.repeatedRows(samples), logVariance.repeatedRows(samples))
      latents = reparameterize(
        mean: means, logVariance: logVariances,
        noise: graph.input("noise", [count * samples, latent]))
      densities = (
        gaussianLogDensity(latents, mean: nil, logVariance: nil),
        gaussianLogDensity(latents, mean: means, logVariance: logVariances)
      )
    }
    let decoded = network.recorded {
      () throws(BuildProblem) in try network.model.network.decode(latents, in: scope)
    }
    surprise = network.model.network.negativeLogLikelihood(decoded, images: images, in: scope)
    self.densities = densities
    plan = network.plan(
      graph, outputs: [surprise] + (densities.map { [$0.prior, $0.posterior] } ?? []))
    guard let images = plan.input("images"), let mean = plan.input("mean") else {
      preconditionFailure("a plan without its inputs")
    }
    (self.images, self.mean) = (images, mean)
    logVariance = plan.input("log_variance")
    noise = plan.input("noise")
  }

  func run() { plan.forward() }

  /// −log p(x|z) of a row.
  func surprise(_ row: Int) -> Double { Double(plan.value(of: surprise)[row]) }

  /// log p(x|z) + log p(z) − log q(z|x) of a row.
  func logWeight(_ row: Int) -> Double {
    guard let densities else { return -surprise(row) }
    return Double(plan.value(of: densities.prior)[row])
      - Double(plan.value(of: densities.posterior)[row]) - surprise(row)
  }
}

/// The noise ε of samples of images: keyed by the seed, the image and the sample, whatever the
/// batches and threads.
enum SamplingNoise {
  static let stream = Random.stream("evaluation")

  /// Fills `noise`, `[images · samples, latent]`.
  static func fill(
    _ noise: UnsafeMutableBufferPointer<Float>, images: Range<Int>, samples: Range<Int>,
    latent: Int, seed: UInt64, pool: ThreadPool
  ) {
    // Each task writes rows of its own.
    nonisolated(unsafe) let noise = noise
    ThreadPool.run(images.count, on: pool) { task in
      for sample in 0..<samples.count {
        let row = task * samples.count + sample
        let image = UInt64(images.lowerBound + task)
        Random.fillNormal(
          UnsafeMutableBufferPointer(rebasing: noise[row * latent..<(row + 1) * latent]),
          seed: seed, stream: stream,
          position: image << 32 | UInt64(samples.lowerBound + sample))
      }
    }
  }
}
