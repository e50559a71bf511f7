import ExptComponents
import ExptTensor

/// VampPrior: the mixture of the model's own posteriors of K pseudo-inputs, which are learned.
///
///     log p(z) = log Σₖ q(z|uₖ) − log K
///
/// It is what the best prior, the average of the posteriors of all data, can be with K of them. It takes
/// any posterior that has a density; there is no closed form of the KL to it: it is estimated from the
/// samples, in nats. A draw is one of the pseudo-inputs and a draw of its posterior. Posteriors of
/// pseudo-inputs are the same in training and evaluation: without dropout, and normalised by the running
/// statistics of batch normalisation.
///
/// Pseudo-inputs are kept in the range of the training images' values: they are learned as shares of it,
/// and cut off at 0 and 1, where they have no gradient. They begin a little inside.
///
/// Under a condition, each pseudo-input has a condition of its own, learned too, and the prior is the
/// same for all: p(z) = (1/K) Σₖ q(z|uₖ, cₖ). These begin as the classes in turn.
///
/// Parameters: `prior.pseudo_inputs` `[K, channels, height, width]`, `prior.pseudo_conditions` `[K, n]`;
/// state: `prior.least` and `prior.range` of the training images' values.
///
/// Source: Tomczak & Welling, "VAE with a VampPrior", AISTATS 2018, arXiv 1705.07120, section 3.
public struct VampPrior: Prior {
  /// What pseudo-inputs begin as.
  public enum Start: String, NamedChoice {
    case images
    case dataMean = "data_mean"
  }

  public static let id = "vamp"
  public static let summary = "A mixture of the posteriors of learned pseudo-inputs."

  @Setting("Number of pseudo-inputs K.", .within(1...100_000)) public var pseudoInputs: Int = 500
  @Setting("What pseudo-inputs begin as: training images drawn at random, or their mean.")
  public var start: Start = .images
  @Setting(
    "Standard deviation of noise on them, as a share of the range of values.", .within(0...1))
  public var noise: Float = 0.01

  public init() {}

  public var formula: String? {
    "p(z) = (1/{K=pseudo_inputs}) Σₖ q(z|uₖ),  uₖ learned"
  }

  public func check(_ report: SettingsReport) {
    guard start == .dataMean, noise == 0, pseudoInputs > 1 else { return }
    report.error(
      "pseudo-inputs that begin as the mean without noise stay alike", at: "noise",
      help: "use noise above 0, or 'start: images'")
  }

  public func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    let inputs = pictures(in: context.scope)
    let conditions = conditions(in: context)
    let posterior = try context.posterior(of: inputs, condition: conditions)
    if let gaussian = posterior as? DiagonalGaussian {
      return GaussianMixture(gaussian, sources: inputs)
    }
    let mixture = PosteriorMixture(posterior, count: pseudoInputs, of: inputs) { chosen in
      let picked = inputs.flattened().gatheredRows(chosen)
        .reshaped(context.scope.data.image.batched(chosen.shape[0]))
      do throws(BuildProblem) {
        return try context.posterior(of: picked, condition: conditions?.gatheredRows(chosen))
      } catch { preconditionFailure("what was encoded once cannot be again: \(error.message)") }
    }
    guard let mixture else {
      throw BuildProblem(
        "a VampPrior needs the density of the posteriors at any latent, and this posterior has none",
        help: "use a posterior that has, such as gaussian, or another prior")
    }
    return mixture
  }

  /// u: `[K, channels, height, width]`.
  private func pictures(in scope: Scope) -> Tensor {
    let (data, count, start) = (scope.data, pseudoInputs, start)
    // Nearly all begin where the noise does not lead out of the range.
    let share = max(0, 1 - 4 * noise)
    let shares = scope.parameter(
      "pseudo_inputs", data.image.batched(count),
      .around(deviation: noise) {
        let extent = data.extent()
        let width = max(extent.upperBound - extent.lowerBound, .leastNormalMagnitude)
        let values = start == .images ? data.examples(count) : data.pixelMean()
        return values.map { 0.5 + share * (($0 - extent.lowerBound) / width - 0.5) }
      })
    let least = scope.state("least", .scalar, .values { [data.extent().lowerBound] })
    let range = scope.state(
      "range", .scalar, .values { [data.extent().upperBound - data.extent().lowerBound] })
    return clamp(shares, 0...1) * range + least
  }

  /// c: `[K, n]`; nil without a condition.
  private func conditions(in context: PriorContext) -> Tensor? {
    guard let width = context.condition?.shape[1] else { return nil }
    let count = pseudoInputs
    return context.scope.parameter(
      "pseudo_conditions", [count, width],
      .values {
        (0..<count).flatMap { row in (0..<width).map { $0 == row % width ? 1 : 0 } }
      })
  }
}
