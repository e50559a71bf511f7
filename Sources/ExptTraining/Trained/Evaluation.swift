public import ExptComponents
public import ExptInference
import ExptData
import ExptTensor

/// A model that is measured: with the weights of a checkpoint, or those of the moment in training.
public struct MeasuredNetwork {
  let network: Network
  private let experiment: Experiment

  init(_ network: Network, _ experiment: Experiment) {
    self.network = network
    self.experiment = experiment
  }

  /// Images to latents and latents to images.
  public var access: NetworkAccess {
    NetworkAccess(network, batch: rowLimit, presentation: experiment.dataset.split)
  }

  /// Images (or latents) computed at a time: about what training had memory for.
  public var rowLimit: Int { max(64, min(experiment.training.batchSize, 512)) }

  /// Measures the model on some images.
  ///
  /// The noise is keyed by the seed, the image and the sample: the same every time, on any number
  /// of threads, and the first of 100 samples are those of 50.
  ///
  /// - Parameters:
  ///   - samples: Latents drawn for each image, at least 1.
  ///   - seed: Of the noise. Runs measured with one seed compare.
  ///   - report: Told after every few images how many are done.
  public func evaluate(
    _ images: ImageSet, _ range: Range<Int>, samples: Int, seed: UInt64 = 0,
    report: (_ done: Int) -> Void = { _ in }
  ) -> Evaluation {
    let samples = access.isGenerative ? max(1, samples) : 1
    let encodings = access.encode(images, range)
    var (reconstruction, kl, elbo, weighted) = (Moments(), Moments(), Moments(), Moments())
    let each = likelihoods(encodings, images, range, samples: samples, seed: seed, report: report)
    for image in each {
      reconstruction.add(image.reconstruction)
      if let divergence = image.kl { kl.add(divergence) }
      if let bound = image.elbo { elbo.add(bound) }
      if let nll = image.importanceWeightedNLL { weighted.add(nll) }
    }
    var evaluation = Evaluation(
      count: range.count, samples: samples, seed: seed, reconstruction: reconstruction.estimate,
      variational: kl.count == range.count && weighted.count == range.count
        ? Evaluation.Variational(
          kl: kl.estimate, elbo: elbo.estimate, importanceWeightedNLL: weighted.estimate) : nil,
      dimensions: encodings.dimensions)
    evaluation.likelihood = likelihood(on: images, range)
    return evaluation
  }

  /// The same of each image: see `evaluate`.
  public func likelihoods(
    _ images: ImageSet, _ range: Range<Int>, samples: Int, seed: UInt64 = 0,
    report: (_ done: Int) -> Void = { _ in }
  ) -> [ExampleLikelihood] {
    likelihoods(
      access.encode(images, range), images, range,
      samples: access.isGenerative ? max(1, samples) : 1, seed: seed, report: report)
  }

  private func likelihoods(
    _ encodings: Encodings, _ images: ImageSet, _ range: Range<Int>, samples: Int, seed: UInt64,
    report: (_ done: Int) -> Void
  ) -> [ExampleLikelihood] {
    var each: [ExampleLikelihood] = []
    each.reserveCapacity(range.count)
    sample(images, range, samples: samples, seed: seed) { image, drawn in
      each.append(
        ExampleLikelihood(
          reconstruction: drawn.reconstruction.mean,
          kl: encodings.kl(ofImage: image) ?? drawn.logRatio,
          importanceWeightedNLL: drawn.logRatio == nil ? nil : -drawn.weight.value))
      report(image + 1)
    }
    return each
  }

  /// What the model's likelihood is on these images.
  func likelihood(on images: ImageSet, _ range: Range<Int>) -> MeasuredLikelihood {
    let likelihood = experiment.model.parts.likelihood.following(images.table)
    let isGrey = experiment.dataset.split.binarization == .none
    let greyShare = isGrey ? images.greyShare(in: range) : 0
    return MeasuredLikelihood(
      likelihood.id, measure: likelihood.measure,
      onImages: likelihood.measure(on: PixelStatistics(mean: [], greyShare: greyShare)),
      dimensions: likelihood.dimensions(of: images.shape))
  }

  /// What the samples of an image came to, in nats.
  private struct Drawn {
    var reconstruction = Moments()
    var weight = LogMeanExp()
    private var ratios = Moments()

    /// The mean of log q − log p; nil without densities.
    var logRatio: Double? { ratios.count > 0 ? ratios.mean : nil }

    mutating func add(_ rows: SampledRows, _ row: Int) {
      reconstruction.add(rows.reconstruction(row))
      weight.add(rows.logWeight(row))
      if let ratio = rows.logRatio(row) { ratios.add(ratio) }
    }
  }

  /// Rows that are sampled at a time: with many samples so many more that products are large, if the memory
  /// is small. (5,000 samples of `vae_mnist`, Zen 5: 11.9 ms an image with 128 rows, 9.7 with 1,024.)
  private func sampledRowLimit(of samples: Int) -> Int {
    guard samples > 1 else { return rowLimit }
    let bytes = network.sampler(images: 1, samples: min(samples, rowLimit)).bytesPerRow
    return max(rowLimit, min(1024, (32 << 20) / max(1, bytes)))
  }

  /// Draws latents of each image, in groups of images and chunks of samples that fill a batch, and
  /// tells `body` of each image.
  private func sample(
    _ images: ImageSet, _ range: Range<Int>, samples: Int, seed: UInt64,
    _ body: (_ image: Int, _ drawn: Drawn) -> Void
  ) {
    let limit = sampledRowLimit(of: samples)
    let chunk = min(samples, limit)
    let source = BatchSource.evaluation(
      images, experiment.dataset.split, range: range, batchSize: max(1, limit / chunk))
    for group in 0..<source.batchCount {
      let size = source.size(ofBatch: group)
      let images = group * source.batchSize..<group * source.batchSize + size
      var results = Array(repeating: Drawn(), count: size)
      for first in stride(from: 0, to: samples, by: chunk) {
        let drawn = first..<min(first + chunk, samples)
        let plan = network.sampler(images: size, samples: drawn.count)
        source.fill(plan.images, plan.inputs, with: group, pool: network.run.pool)
        let rows = plan.run(images: images, samples: drawn, seed: seed)
        for row in 0..<size * drawn.count { results[row / drawn.count].add(rows, row) }
      }
      for (place, image) in images.enumerated() { body(image, results[place]) }
    }
  }
}

extension TrainedRun {
  /// The model with its weights, to be measured.
  public var measured: MeasuredNetwork { MeasuredNetwork(network, experiment) }

  /// Images to latents and latents to images.
  public var access: NetworkAccess { measured.access }

  /// Images (or latents) computed at a time.
  public var rowLimit: Int { measured.rowLimit }

  /// Measures the model on a part of the data: see `MeasuredNetwork.evaluate`.
  public func evaluate(
    _ part: TrainedData.Part, samples: Int, seed: UInt64 = 0,
    report: (_ done: Int) -> Void = { _ in }
  ) -> Evaluation {
    measured.evaluate(part.images, part.range, samples: samples, seed: seed, report: report)
  }

  /// Encodes each image of a part.
  public func encode(_ part: TrainedData.Part) -> Encodings {
    access.encode(part.images, part.range)
  }

  /// The images of a part as the model sees them, in 0 … 1: `[count] + image`.
  public func presented(_ part: TrainedData.Part) -> [Float] {
    access.presented(part.images, part.range)
  }
}
