import ExptComponents
import ExptTensor

/// A regularised autoencoder: no noise and no prior, but short codes and a smooth decoder, so that a
/// distribution fitted to the codes afterwards gives good samples (`expt fit RUN --sampler gmm`).
///
///     loss = −log p(x | D(z)) + β · ½‖z‖² + λ · penalty
///
/// | `regularizer` | penalty |
/// | --- | --- |
/// | `l2` | the sum of squares of the decoder's weights, biases and normalisations left out |
/// | `gradient` | ‖∂D(z)/∂z‖²_F, averaged over the batch, D(z) being the decoder's raw numbers |
/// | `spectral` | the sum of σ² over the decoder's layers, σ a weight's largest singular value |
///
/// The gradient is estimated from differences along `directions` random directions of the latents: see
/// `squaredJacobianNorm` for how exactly. σ is found by one step of power iteration in each step of
/// training; a kernel counts as a matrix with a row for each entry of its first axis.
///
/// Units: nats per image for the reconstruction; the columns `code_norm` and `penalty` are not weighted.
///
/// Source: Ghosh, Sajjadi, Vergari, Black & Schölkopf, "From Variational to Deterministic Autoencoders",
/// ICLR 2020, arXiv 1903.12436, equations 9 to 12; spectral: Yoshida & Miyato, "Spectral Norm
/// Regularization for Improving the Generalizability of Deep Learning", arXiv 1705.10941, 2017,
/// algorithm 1 (the paper on autoencoders divides weights by σ instead).
public struct RAE: Model {
  public enum Regularizer: String, NamedChoice { case l2, gradient, spectral }

  public static let id = "rae"
  public static let summary = "Regularised autoencoder, to be sampled by a fitted distribution."
  public static let exampleSettings = "{ regularizer: gradient }"

  @Group public var parts = AutoencoderParts()
  @Slot("Weight β of ½‖z‖², a number or a schedule.", .schedule, default: 0.1)
  public var beta: any Schedule
  @Slot("Weight λ of the decoder's penalty, a number or a schedule.", .schedule, default: 0.01)
  public var lambda: any Schedule
  @Setting("What keeps the decoder smooth.") public var regularizer: Regularizer = .l2
  @Setting(
    "Random directions that the gradient is measured along; null: every latent dimension.",
    .within(1...10_000))
  public var directions: Int? = 1

  public init() {}

  public var formula: String? {
    let penalty =
      switch regularizer {
      case .l2: "Σ W²,  W: the decoder's weights"
      case .gradient: "‖∂D(z)/∂z‖²_F,  D(z): what the decoder makes of z"
      case .spectral: "Σ σ(W)²,  σ(W): the largest singular value of each of the decoder's weights"
      }
    return "−log p(x|z) + {β=beta}·½‖z‖² + {λ=lambda}·penalty\npenalty = \(penalty)"
  }

  public func check(_ report: SettingsReport) { report.refuseCapacities(of: self) }

  public func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let code = try parts.head(parts.latent, of: batch, in: scope)
    let decoded = try decode(code, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let norm = square(code).sumPerExample().mean() * 0.5
    let penalty = try penalty(code, batch, in: scope)
    return LossTerms(
      total: reconstruction + norm * pass.weight("beta", beta)
        + penalty * pass.weight("lambda", lambda),
      reconstruction: reconstruction, extra: [("code_norm", norm), ("penalty", penalty)],
      decoded: decoded)
  }

  private func penalty(
    _ code: Tensor, _ batch: Batch, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    switch regularizer {
    case .l2:
      return sum(weights(in: scope).map { square($0.value).sum() }, in: scope)
    case .spectral:
      return sum(
        weights(in: scope).map { square(spectralNorm($0.value, of: $0.name, in: scope)) }, in: scope
      )
    case .gradient:
      return try squaredJacobianNorm(at: code, directions: directions, in: scope) {
        (codes) throws(BuildProblem) in try decode(codes, given: batch, in: scope)
      }.mean()
    }
  }

  private func sum(_ terms: [Tensor], in scope: Scope) -> Tensor {
    terms.dropFirst().reduce(terms.first ?? scope.graph.constant(0)) { $0 + $1 }
  }

  /// The matrices and kernels of the decoder, which has been recorded, by name.
  private func weights(in scope: Scope) -> [(name: String, value: Tensor)] {
    let path = scope.child("decoder").path + "."
    let specs = scope.graph.parameters.specs.filter {
      $0.name.hasPrefix(path) && !$0.isState && $0.shape.rank > 1
    }
    return specs.map {
      ($0.name, scope.graph.parameter($0.name, $0.shape, $0.initialiser, group: $0.group))
    }
  }

  /// uᵀWv, with u and v the singular vectors that power iteration has come to.
  private func spectralNorm(_ weight: Tensor, of name: String, in scope: Scope) -> Tensor {
    let rows = weight.shape[0]
    let matrix = weight.reshaped([rows, weight.shape.count / rows])
    let still = matrix.stopGradient()
    let start = scope.child("spectral").state(name, [1, rows], .normal(deviation: 1))
    let right = unit(matmul(start, still))
    let left = unit(matmul(right, still, transposeB: true))
    scope.move(start, to: left)
    return (matmul(left.stopGradient(), matrix) * right.stopGradient()).sum()
  }

  /// A row of length 1; a row of zeros stays.
  private func unit(_ row: Tensor) -> Tensor {
    row / sqrt(square(row).sum() + 1e-24)
  }
}
