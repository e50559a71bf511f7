import ExptComponents
import ExptTensor

/// How the decoder's numbers become the means of counts, the same for all likelihoods of counts.
///
/// Without a library size, each is the logarithm of a mean, brought to −20 … 20. With one, they are the
/// logits of each value's share of an example's total count ℓ: μ = ℓ·softmax(l). The totals are those of
/// the examples themselves, which are then given and not modelled: p(x | z, ℓ). Means and draws, which
/// know of no example, take the mean total of the training data, `library`.
///
/// Source: Lopez et al., "Deep generative modeling for single-cell transcriptomics", Nature Methods 2018.
public struct CountMeans: Settings {
  public enum Library: String, NamedChoice { case none, observed }

  @Setting(
    "Library size: observed takes the total count of each example as given, and models only how it is "
      + "divided.")
  public var library: Library = .none

  public init() {}

  /// log μ of each value.
  ///
  /// - Parameter images: The examples, with their totals; nil for means and draws.
  func logarithm(_ location: Tensor, images: Tensor?, in scope: Scope) -> Tensor {
    guard library == .observed else { return clamp(location, -20...20) }
    let (batch, count) = (location.shape[0], location.shape.count(from: 1))
    let shares = location.flattened().logSoftmax(along: 1)
    let typical = typical(in: scope)
    guard let images else { return (shares + log(typical)).reshaped(location.shape) }
    let totals = clamp(images.sumPerExample(), 1e-6...Float.greatestFiniteMagnitude)
    let size = log(totals).reshaped([batch, 1]).repeatedRows(count).reshaped([batch, count])
    return (shares + size).reshaped(location.shape)
  }

  /// The means, of the mean total.
  func means(_ location: Tensor, in scope: Scope) -> Tensor {
    guard library == .observed else { return exp(clamp(location, -20...20)) }
    return (location.flattened().softmax() * typical(in: scope)).reshaped(location.shape)
  }

  /// The mean total of the training data: state that stays as it began.
  private func typical(in scope: Scope) -> Tensor {
    let mean = scope.data.pixelMean
    return scope.state(
      "library", .scalar, .values { [max(1e-6, mean().reduce(0) { $0 + max(0, $1) })] })
  }

  /// The decoder's number for a mean.
  func location(forMean mean: Float) -> Float { naturalLogarithm(max(mean, 1e-4)) }

  /// What is odd about data as counts.
  static func concern(about data: PixelStatistics) -> String? {
    guard data.greyShare < 0.001 else { return nil }
    return "nearly all counts are 0 or 1: bernoulli is the likelihood for them"
  }
}
