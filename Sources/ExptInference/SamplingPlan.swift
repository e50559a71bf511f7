import ExptComponents
import ExptTensor

/// Samples latents of some images from the posterior, decodes them, and says how probable all of it is;
/// ready to run.
///
/// Shapes: images `[n, channels, height, width]`; k samples of each, the k rows of an image one after
/// another; results `[n·k]`, in nats. An autoencoder's code is decoded as it is: k is 1.
///
/// The noise is keyed by the seed, the image and the sample, whatever the batches and threads.
public final class SamplingPlan {
  public let images: UnsafeMutableBufferPointer<Float>
  public let inputs: BatchInputs
  private let plan: Plan
  private let samples: Int
  private let reconstruction: Tensor
  private let densities: (prior: Tensor, posterior: Tensor)?

  init(_ network: Network, images count: Int, samples: Int) {
    let (graph, scope) = network.makeGraph()
    let batch = Batch(count, in: scope)
    let model = network.model
    self.samples = samples
    (reconstruction, densities) = network.again { () throws(BuildProblem) in
      let posterior = try model.encode(batch, in: scope)
      let draw = posterior.draw(samples, batch: count, in: scope)
      let decoded = try model.decode(draw.values, given: batch, in: scope)
      let reconstruction = model.parts.negativeLogLikelihood(decoded, of: batch, in: scope)
      guard let prior = try model.prior(for: batch, space: posterior.space, in: scope),
        let own = draw.logDensity, let other = prior.logDensity(draw.values)
      else { return (reconstruction, nil) }
      return (reconstruction, (prior: other, posterior: own))
    }
    plan = network.plan(
      graph, outputs: [reconstruction] + (densities.map { [$0.prior, $0.posterior] } ?? []))
    inputs = BatchInputs(plan, network.facts)
    guard let images = inputs.examples else { preconditionFailure("a plan without its images") }
    self.images = images
  }

  /// What the rows came to, valid until another plan runs.
  ///
  /// - Parameters:
  ///   - images: The numbers of the images that have been filled in.
  ///   - samples: The numbers of the samples, as many as the plan was made for.
  public func run(images: Range<Int>, samples: Range<Int>, seed: UInt64) -> SampledRows {
    plan.forward(images: images, samples: samples, seed: seed)
    return SampledRows(
      reconstructions: plan.value(of: reconstruction),
      densities: densities.map { (plan.value(of: $0.prior), plan.value(of: $0.posterior)) })
  }

  /// Whether there are densities to weigh samples by.
  public var hasDensities: Bool { densities != nil }

  /// The bytes of working memory of a row.
  public var bytesPerRow: Int { plan.workingBytes / max(1, reconstruction.shape.count) }
}

/// How probable rows are that were sampled, in nats: see `SamplingPlan`.
public struct SampledRows {
  fileprivate let reconstructions: UnsafeBufferPointer<Float>
  fileprivate let densities:
    (prior: UnsafeBufferPointer<Float>, posterior: UnsafeBufferPointer<Float>)?

  /// −log p(x|z) of a row.
  public func reconstruction(_ row: Int) -> Double { Double(reconstructions[row]) }

  /// log q(z|x) − log p(z) of a row, whose mean estimates the KL; nil without densities.
  public func logRatio(_ row: Int) -> Double? {
    densities.map { Double($0.posterior[row]) - Double($0.prior[row]) }
  }

  /// log p(x|z) + log p(z) − log q(z|x) of a row.
  public func logWeight(_ row: Int) -> Double {
    guard let densities else { return -reconstruction(row) }
    return Double(densities.prior[row]) - Double(densities.posterior[row]) - reconstruction(row)
  }
}

extension Plan {
  /// What is measured draws its own noise.
  private static let streamShift = Random.stream("/latent") ^ Random.stream("evaluation")

  /// Runs with noise that is keyed by the seed, the image and the sample.
  func forward(images: Range<Int>, samples: Range<Int>, seed: UInt64) {
    let training = run.seed
    run.seed = seed
    run.streamShift = Self.streamShift
    run.rows = NoiseRows(examples: images, samples: samples)
    forward()
    (run.seed, run.streamShift, run.rows) = (training, 0, nil)
  }
}
