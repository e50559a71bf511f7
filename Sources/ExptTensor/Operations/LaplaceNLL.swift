/// −log p(t) of each example under independent Laplace pixels: `Σ |t − m|/s + log 2s`, in nats,
/// summed over all but the batch. The gradient by the location is 0 where t = m.
///
/// Shapes: `location` and `targets` `[batch, …]`, alike; the result `[batch]`.
///
/// - Parameter logScale: log s, a scalar for all pixels, or of the location's shape.
public func laplaceNLL(location: Tensor, targets: Tensor, logScale: Tensor) -> Tensor {
  LocationScaleNLL.record(.laplace, location: location, targets: targets, logScale: logScale)
}
