import ExptTensor
/// −log (1/k) Σᵢ wᵢ, averaged over the batch, in nats: a scalar.
///
/// - Parameter negativeLogWeights: −log wᵢ, `[batch · samples]`, the samples of an image in
///   consecutive rows.
///
/// Source: Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016,
/// equation 8.
public func importanceWeightedBound(negativeLogWeights: Tensor, samples: Int) -> Tensor {
  precondition(
    negativeLogWeights.shape.count % samples == 0,
    "weights \(negativeLogWeights.shape) are not a multiple of \(samples) samples")
  let weights = -negativeLogWeights.reshaped([negativeLogWeights.shape.count / samples, samples])
  return Float(RepeatableMath.log(Double(samples))) - weights.logSumExpPerExample().mean()
}
