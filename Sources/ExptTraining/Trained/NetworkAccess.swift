public import ExptComponents
import ExptData
public import ExptTensor

/// A network as outputs and commands use it: images to latents, latents to images, in batches.
public struct NetworkAccess: ModelAccess {
  private let network: Network
  private let batch: Int
  private let presentation: SplitSettings

  /// - Parameters:
  ///   - batch: Images computed at a time.
  ///   - presentation: How the dataset presents its images to the model.
  public init(_ network: Network, batch: Int, presentation: SplitSettings) {
    self.network = network
    self.batch = max(1, batch)
    self.presentation = presentation
  }

  public var image: Shape { network.facts.image }
  public var latent: Int { network.model.network.latent }
  public var isGenerative: Bool { network.isGaussian }

  public func encode(_ images: ImageSet) -> (mean: [Float], logVariance: [Float]?) {
    let source = BatchSource.evaluation(images, presentation, batchSize: batch)
    var means: [Float] = []
    var logVariances: [Float] = []
    for index in 0..<source.batchCount {
      let plan = network.encoder(batch: source.size(ofBatch: index))
      source.fill(plan.images, with: index, pool: network.run.pool)
      let (mean, logVariance) = plan.run()
      means += mean
      if let logVariance { logVariances += logVariance }
    }
    return (means, logVariances.isEmpty ? nil : logVariances)
  }

  public func decode(_ latents: [Float]) -> [Float] {
    var images: [Float] = []
    let count = latents.count / latent
    for start in stride(from: 0, to: count, by: batch) {
      let range = start..<min(start + batch, count)
      let plan = network.decoder(batch: range.count)
      _ = plan.latents.update(
        fromContentsOf: latents[range.lowerBound * latent..<range.upperBound * latent])
      images += plan.run()
    }
    return images
  }

  /// Takes images to latents (their means) and back, a batch at a time.
  ///
  /// - Parameter take: Gets the reconstructions of a batch, valid during the call.
  public func reconstruct(_ images: ImageSet, _ take: (UnsafeBufferPointer<Float>) -> Void) {
    let source = BatchSource.evaluation(images, presentation, batchSize: batch)
    for index in 0..<source.batchCount {
      let size = source.size(ofBatch: index)
      let encoder = network.encoder(batch: size)
      source.fill(encoder.images, with: index, pool: network.run.pool)
      let decoder = network.decoder(batch: size)
      _ = decoder.latents.update(from: encoder.run().mean)
      take(decoder.run())
    }
  }

  /// The images as the model sees them, in 0 … 1.
  public func presented(_ images: ImageSet) -> [Float] {
    let source = BatchSource.evaluation(images, presentation, batchSize: batch)
    var values = [Float](repeating: 0, count: images.count * images.shape.count)
    values.withUnsafeMutableBufferPointer { values in
      for index in 0..<source.batchCount {
        let start = index * batch * images.shape.count
        source.fill(
          UnsafeMutableBufferPointer(rebasing: values[start...]), with: index,
          pool: network.run.pool)
      }
    }
    return values
  }
}
