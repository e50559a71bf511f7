import ExptComponents
import ExptData
import Foundation

/// What the encoder says about some images.
public struct Encodings: Sendable {
  /// Images.
  public let count: Int
  public let latent: Int
  /// The posterior means, or an autoencoder's codes: `[count, latent]`.
  public let mean: [Float]
  /// `[count, latent]`; nil for codes.
  public let logVariance: [Float]?

  /// KL(q(z|x) ‖ N(0, 1)) of a dimension for an image, in nats; 0 for codes.
  ///
  /// Source: Kingma & Welling, "Auto-Encoding Variational Bayes", 2014, appendix B.
  func kl(_ image: Int, _ dimension: Int) -> Double {
    guard let logVariance else { return 0 }
    let place = image * latent + dimension
    let (mean, spread) = (Double(mean[place]), Double(logVariance[place]))
    return 0.5 * (mean * mean + exp(spread) - 1 - spread)
  }

  /// Those of some images, in the given order.
  public func selecting(_ images: [Int]) -> Encodings {
    func rows(_ values: [Float]) -> [Float] {
      images.flatMap { values[$0 * latent..<($0 + 1) * latent] }
    }
    return Encodings(
      count: images.count, latent: latent, mean: rows(mean), logVariance: logVariance.map(rows))
  }

  /// The mean of one image.
  public func mean(ofImage image: Int) -> ArraySlice<Float> {
    mean[image * latent..<(image + 1) * latent]
  }

  /// What each dimension tells about these images.
  public var dimensions: [LatentDimension] {
    (0..<latent).map { dimension in
      var kl = Moments()
      var mean = Moments()
      for image in 0..<count {
        kl.add(self.kl(image, dimension))
        mean.add(Double(self.mean[image * latent + dimension]))
      }
      return LatentDimension(
        number: dimension, kl: logVariance == nil ? nil : kl.mean, mean: mean.mean,
        variance: mean.variance)
    }
  }
}

/// What a latent dimension tells about some images.
public struct LatentDimension: Sendable, Hashable {
  /// From 0.
  public let number: Int
  /// Mean KL from the prior over the images, in nats; nil for codes.
  public let kl: Double?
  /// Of the posterior mean (or code) over the images.
  public let mean: Double
  public let variance: Double

  /// Whether the posterior mean differs from image to image: its variance is over 0.01.
  ///
  /// Source: Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016, 5.2.
  public var isActive: Bool { variance > Self.activeVariance }
  /// Whether the KL is over 0.01 nats.
  public var isInformative: Bool { (kl ?? 0) > Diagnosis.collapsedKL }

  public static let activeVariance = 0.01
  public static var informativeKL: Double { Diagnosis.collapsedKL }
}

extension TrainedRun {
  /// The encoder's word on each image of a part.
  public func encode(_ part: TrainedData.Part) -> Encodings {
    let source = BatchSource.evaluation(
      part.images, experiment.dataset.split, range: part.range, batchSize: rowLimit)
    var means: [Float] = []
    var logVariances: [Float] = []
    for batch in 0..<source.batchCount {
      let plan = network.encoder(batch: source.size(ofBatch: batch))
      source.fill(plan.images, with: batch, pool: network.run.pool)
      let (mean, logVariance) = plan.run()
      means += mean
      if let logVariance { logVariances += logVariance }
    }
    return Encodings(
      count: part.count, latent: access.latent, mean: means,
      logVariance: network.isGaussian ? logVariances : nil)
  }

  /// The images of a part as the model sees them, in 0 … 1: `[count] + image`.
  public func presented(_ part: TrainedData.Part) -> [Float] {
    let source = BatchSource.evaluation(
      part.images, experiment.dataset.split, range: part.range, batchSize: rowLimit)
    let size = rowLimit * part.images.shape.count
    var values = [Float](repeating: 0, count: part.count * part.images.shape.count)
    values.withUnsafeMutableBufferPointer { values in
      for batch in 0..<source.batchCount {
        source.fill(
          UnsafeMutableBufferPointer(rebasing: values[(batch * size)...]), with: batch,
          pool: network.run.pool)
      }
    }
    return values
  }
}
