import ExptComponents
import ExptData
import ExptTensor

/// How good a model is on some images, in nats per image. β and free bits do not enter.
public struct Evaluation: Sendable {
  /// Images.
  public var count: Int
  /// Latents sampled for each image; 1 for an autoencoder, whose codes are not drawn.
  public var samples: Int
  public var seed: UInt64
  /// E[−log p(x|z)], z from the posterior: the mean over the samples, then over the images.
  public var reconstruction: Estimate
  /// What only a model with a posterior has.
  public var variational: Variational?
  /// Each latent dimension, in order.
  public var dimensions: [LatentDimension]

  public struct Variational: Sendable {
    /// KL(q(z|x) ‖ N(0, I)), in closed form.
    public var kl: Estimate
    /// −reconstruction − KL: at most log p(x) on average.
    public var elbo: Estimate
    /// −log (1/k) Σᵢ wᵢ, wᵢ = p(x|zᵢ)·p(zᵢ) / q(zᵢ|x), zᵢ from the posterior: at least
    /// −log p(x) on average, and nearer to it the more samples there are.
    ///
    /// Source: Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016, eq. 8.
    public var importanceWeightedNLL: Estimate
  }

  /// Dimensions whose posterior mean varies from image to image.
  public var activeUnits: Int { dimensions.count { $0.isActive } }
  /// Dimensions with a KL.
  public var informativeUnits: Int { dimensions.count { $0.isInformative } }
}

extension TrainedRun {
  /// Measures the model on a part of the data.
  ///
  /// The noise is keyed by the seed, the image and the sample: the same every time, on any number
  /// of threads, and the first of 100 samples are those of 50.
  ///
  /// - Parameters:
  ///   - samples: Latents drawn for each image, at least 1.
  ///   - seed: Of the noise. Runs measured with one seed compare.
  ///   - report: Told after every few images how many are done.
  public func evaluate(
    _ part: TrainedData.Part, samples: Int, seed: UInt64 = 0,
    report: (_ done: Int) -> Void = { _ in }
  ) -> Evaluation {
    let encodings = encode(part)
    let samples = network.isGaussian ? max(1, samples) : 1
    var reconstruction = Moments()
    var kl = Moments()
    var elbo = Moments()
    var weighted = Moments()
    sample(part, encodings, samples: samples, seed: seed) { image, surprise, logMeanWeight in
      let divergence = (0..<encodings.latent).reduce(0) { $0 + encodings.kl(image, $1) }
      reconstruction.add(surprise)
      kl.add(divergence)
      elbo.add(-surprise - divergence)
      weighted.add(-logMeanWeight)
      report(image + 1)
    }
    return Evaluation(
      count: part.count, samples: samples, seed: seed, reconstruction: reconstruction.estimate,
      variational: network.isGaussian
        ? Evaluation.Variational(
          kl: kl.estimate, elbo: elbo.estimate, importanceWeightedNLL: weighted.estimate) : nil,
      dimensions: encodings.dimensions)
  }

  /// Draws latents of each image, in groups of images and chunks of samples that fill a batch, and
  /// tells `body` for each image the mean of −log p(x|z) and the log of the mean weight.
  private func sample(
    _ part: TrainedData.Part, _ encodings: Encodings, samples: Int, seed: UInt64,
    _ body: (_ image: Int, _ surprise: Double, _ logMeanWeight: Double) -> Void
  ) {
    let chunk = min(samples, rowLimit)
    let source = BatchSource.evaluation(
      part.images, experiment.dataset.split, range: part.range,
      batchSize: max(1, rowLimit / chunk))
    var plans: [[Int]: SamplingPlan] = [:]
    for group in 0..<source.batchCount {
      let size = source.size(ofBatch: group)
      let images = group * source.batchSize..<group * source.batchSize + size
      var surprises = Array(repeating: Moments(), count: size)
      var weights = Array(repeating: LogMeanExp(), count: size)
      for first in stride(from: 0, to: samples, by: chunk) {
        let drawn = first..<min(first + chunk, samples)
        let plan =
          plans[[size, drawn.count]] ?? SamplingPlan(network, images: size, samples: drawn.count)
        plans[[size, drawn.count]] = plan
        source.fill(plan.images, with: group, pool: network.run.pool)
        encodings.fill(plan, images)
        if let noise = plan.noise {
          SamplingNoise.fill(
            noise, images: images, samples: drawn, latent: encodings.latent, seed: seed,
            pool: network.run.pool)
        }
        plan.run()
        for row in 0..<size * drawn.count {
          surprises[row / drawn.count].add(plan.surprise(row))
          weights[row / drawn.count].add(plan.logWeight(row))
        }
      }
      for (place, image) in images.enumerated() {
        body(image, surprises[place].mean, weights[place].value)
      }
    }
  }
}

extension Encodings {
  fileprivate func fill(_ plan: SamplingPlan, _ images: Range<Int>) {
    let values = images.lowerBound * latent..<images.upperBound * latent
    _ = plan.mean.update(fromContentsOf: mean[values])
    if let logVariance { _ = plan.logVariance?.update(fromContentsOf: logVariance[values]) }
  }
}
