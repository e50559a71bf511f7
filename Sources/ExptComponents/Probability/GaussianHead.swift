import ExptTensor

/// A diagonal Gaussian from the numbers of an encoder's head: the first half are the means, the second
/// the log-variances.
///
/// Limits hold the log-variances back from a variance of 0, or from noise without bound; numbers beyond
/// them have no gradient.
public struct GaussianHead: Settings {
  @Setting("Smallest log-variance; null: no limit.", .within(-80...80))
  public var minLogVariance: Float? = nil
  @Setting("Largest log-variance; null: no limit.", .within(-80...80))
  public var maxLogVariance: Float? = nil

  public init() {}

  public func check(_ report: SettingsReport) {
    guard let least = minLogVariance, let most = maxLogVariance, least >= most else { return }
    report.error(
      "'min_log_variance' must be below 'max_log_variance'", at: "min_log_variance",
      help: "write a smaller number here, or a larger one there")
  }

  /// - Parameter head: `[batch, 2·d]` or more, of which the first are taken.
  public func distribution(_ head: Tensor, dimensions d: Int) -> DiagonalGaussian {
    DiagonalGaussian(
      mean: head.columns(0..<d), logVariance: limited(head.columns(d..<2 * d)))
  }

  private func limited(_ logVariance: Tensor) -> Tensor {
    guard minLogVariance != nil || maxLogVariance != nil else { return logVariance }
    let most = Float.greatestFiniteMagnitude
    return clamp(logVariance, (minLogVariance ?? -most)...(maxLogVariance ?? most))
  }
}
