import ExptTensor

/// Pixels that a model never gets to see: which ones is drawn once for each image, from the seed, and stays the
/// same in every epoch and in evaluation.
///
///     missing: { share: 0.3 }
///
/// The encoder is shown 0 in their place, and the likelihood sums over the observed pixels alone: the bound is
/// one of log p(x_observed). With `iwae` this is MIWAE.
///
/// Source: Mattei & Frellsen, "MIWAE: Deep Generative Modelling and Imputation of Incomplete Data Sets", ICML
/// 2019, arXiv 1812.02633, equation 4.
public struct MissingPixels: Settings {
  @Setting("Share of the pixels of each image that are missing.", .within(0...0.99))
  public var share: Float = 0
  @Setting("Whether the encoder is told which, by one more set of channels.")
  public var tell: Bool = false

  public init() {}

  /// 1 where a pixel of an example is observed, else 0, of the examples' shape; nil where none is missing.
  ///
  /// What is missing in the data, such as an empty cell of a table, is missing whatever the share.
  public func observed(_ batch: Batch) -> Tensor? {
    let isPartial = share > 0 || batch.table?.hasMissing == true
    guard isPartial else { return nil }
    if batch.isMade {
      return batch.observed ?? batch.examples.graph.constant(1, batch.examples.shape)
    }
    guard share > 0 else { return batch.observed }
    let drawn = 1 - step(share - batch.lot("pixels", batch.examples.shape.withoutBatch))
    return batch.observed.map { $0 * drawn } ?? drawn
  }
}

extension Likelihood {
  /// −log p(x_observed | z) of each image, summed over its observed pixels: `[batch]`.
  ///
  /// In the place of the missing pixels stand 0 and a decoder's 0, whose density is taken away again.
  ///
  /// - Parameter observed: 1 or 0, of the images' shape. Only for a likelihood that `isPixelwise`.
  public func negativeLogLikelihood(
    _ parameters: Tensor, images: Tensor, observed: Tensor, in scope: Scope
  ) -> Tensor {
    let masks = Array(repeating: observed, count: parametersPerPixel - 1)
      .reduce(observed) { concatenate($0, $1) }
    let all = negativeLogLikelihood(parameters * masks, images: images * observed, in: scope)
    let graph = images.graph
    let each = negativeLogLikelihood(
      graph.constant(0, [1, parametersPerPixel, 1, 1]), images: graph.constant(0, [1, 1, 1, 1]),
      in: scope)
    let missing = (1 - observed).sumPerExample()
    return all - missing * each.reshaped(.scalar)
  }
}
