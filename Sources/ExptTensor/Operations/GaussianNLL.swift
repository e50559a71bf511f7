/// −log p(t) of each example under independent Gaussian pixels with standard deviation s:
/// `Σ ½((t − μ)/s)² + log s + ½ log 2π`, in nats, summed over all but the batch.
///
/// It is a density: small scales make it negative.
///
/// Shapes: `mean` and `targets` `[batch, …]`, alike; the result `[batch]`.
///
/// - Parameter logScale: log s, a scalar for all pixels (`graph.constant(log(0.1))` to fix it), or
///   of the mean's shape.
public func gaussianNLL(mean: Tensor, targets: Tensor, logScale: Tensor) -> Tensor {
  LocationScaleNLL.record(.gaussian, location: mean, targets: targets, logScale: logScale)
}
