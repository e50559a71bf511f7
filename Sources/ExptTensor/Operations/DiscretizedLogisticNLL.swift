/// −log P(t) of each example under independent pixels of 256 levels, in nats, summed over all but
/// the batch: a logistic distribution integrated over the level's bin of width 1/255. The lowest
/// bin reaches to −∞ and the highest to +∞. Divided by log 2 and the number of pixels and channels,
/// it is bits per dimension.
///
/// Shapes: `location` and `targets` `[batch, …]`, alike, in units of the pixel range 0 … 1; the
/// result `[batch]`. Targets are levels k/255.
///
/// - Parameter logScale: The logarithm of the logistic distribution's scale, a scalar for all
///   pixels, or of the location's shape.
///
/// Source: Salimans et al., "PixelCNN++", ICLR 2017, section 2.1, with one component.
public func discretizedLogisticNLL(
  location: Tensor, targets: Tensor, logScale: Tensor
) -> Tensor {
  LocationScaleNLL.record(
    .discretizedLogistic, location: location, targets: targets, logScale: logScale)
}
