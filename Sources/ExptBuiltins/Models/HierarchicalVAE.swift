import ExptComponents
import ExptTensor

/// A VAE with several levels of latents, each the prior of the one below it.
///
///     p(x, z₁, …, z_L) = p(x|z₁) · p(z₁|z₂) ⋯ p(z_L),   p(z_i|z_{i+1}) Gaussian, p(z_L) = N(0, I)
///     loss = E[−log p(x|z₁)] + Σᵢ βᵢ · KLᵢ
///
/// KLᵢ = E[log q(zᵢ|…) − log p(zᵢ|z_{i+1})], in closed form given the levels that q was told of, except for
/// the levels below the top with `bottom_up`, where it is estimated from the sample.
///
/// `inference` says how q finds the levels:
///
/// - `bottom_up`: q(z₁|x) · q(z₂|z₁) ⋯, each from a sample of the level below.
/// - `ladder`: features of x go up without noise and say a Gaussian for each level; on the way down, from
///   the top, it is multiplied with p(zᵢ|z_{i+1}).
/// - `top_down`: q(zᵢ|x, z_{i+1}), on the way down: the features of x and what p is made of together say how
///   far q is from p, in p's own units: mean μ_p + σ_p·Δμ, deviation σ_p·Δσ.
///
/// `latent` is the width of z₁, `upper` those of z₂ to z_L; with `upper: []` it is `vae`. The heads of p(zᵢ|z_{i+1})
/// begin at 0, so that at first all levels are N(0, I).
///
/// With K `samples` over 1 the loss is the importance-weighted bound of them, as `iwae`'s, whose weights are of all
/// levels: wₖ = p(x|z₁)·p(z₁|z₂) ⋯ p(z_L) / q(z₁, …, z_L|x).
///
/// As latents, the levels are written as the noise that makes them, zᵢ = μ_p(z_{i+1}) + σ_p(z_{i+1})·εᵢ, those of
/// level 1 first: their prior is N(0, I), and moving a number of an upper level moves what is below it, as
/// generating does. The KL is the same.
///
/// Parameters: those of `vae` for level 1, and `level2.…` to `levelL.…`: `up` (features), `posterior`, and
/// of the level below `down` (features) and `prior`.
///
/// Units: nats. The columns `kl_1` to `kl_L` are the levels' KLs, and `kl` their sum.
///
/// Source: Sønderby et al., "Ladder Variational Autoencoders", NIPS 2016, arXiv 1602.02282, equations 5 to 11
/// (bottom_up, ladder) and section 2.3 (warm-up); Vahdat & Kautz, "NVAE", NeurIPS 2020, section 3.2
/// (top_down); samples: Burda, Grosse & Salakhutdinov, ICLR 2016, section 3 and table 1 (two stochastic layers).
public struct HierarchicalVAE: Model {
  public enum Inference: String, NamedChoice {
    case bottomUp = "bottom_up"
    case ladder
    case topDown = "top_down"
  }

  public static let id = "hierarchical_vae"
  public static let summary = "VAE with several levels of latents, generated from the top down."
  public static let exampleSettings =
    "{ latent: 4, upper: [3, 2], between: [6], upper_beta: [1, 1] }"

  @Group public var parts = AutoencoderParts()
  @Setting(
    "Latent dimensions of the levels above the first, from the second to the top; [] for none.",
    .within(1...65536))
  public var upper: [Int] = [10]
  @Setting("How the posterior of the levels is found.") public var inference: Inference = .topDown
  @Setting(
    "Units of the hidden layers between two levels; [] for linear maps.", .within(1...65536))
  public var between: [Int] = [128]
  @Setting("The function after each hidden layer between two levels.")
  public var activation: Activation = .relu
  @Slot("Weight β of the KL of all levels, a number or a schedule.", .schedule, default: "constant")
  public var beta: any Schedule
  @Slots("Weights of the KL of the levels above the first, in place of beta; []: beta.", .schedule)
  public var upperBeta: [any Schedule] = []
  @Setting(
    "Importance samples per image; over 1 the loss is their importance-weighted bound.",
    .within(1...10_000))
  public var samples: Int = 1

  public init() {}

  public var formula: String? {
    let top = upper.count + 1
    let terms = (1...top).map { level in
      let weight = level > 1 && !upperBeta.isEmpty ? "upper_beta[\(level - 2)]" : "beta"
      return "{β\(level.subscripted)=\(weight)}·KL\(level.subscripted)"
    }
    let divergences = (1...top).map { level in
      let (z, above) = ("z\(level.subscripted)", "z\((level + 1).subscripted)")
      let seen =
        switch inference {
        case .bottomUp: level == 1 ? "x" : "z\((level - 1).subscripted)"
        case .ladder, .topDown: level == top ? "x" : "x, \(above)"
        }
      return "KL\(level.subscripted) = E KL(q(\(z)|\(seen)) ‖ "
        + (level == top ? "N(0, I))" : "p(\(z)|\(above)))")
    }
    let sizes = (1...top).map { level in
      let setting = level == 1 ? "latent" : "upper[\(level - 2)]"
      return "z\(level.subscripted): {n\(level.subscripted)=\(setting)} numbers"
    }
    let loss =
      samples > 1
      ? "−log (1/{K=samples}) Σₖ p(x|z₁)·p(z)/q(z|x),  z of all levels, drawn {K=samples} times"
      : "E[−log p(x|z₁)] + " + terms.joined(separator: " + ")
    return [
      loss, divergences.joined(separator: ",  "), sizes.joined(separator: ",  "),
    ].joined(separator: "\n")
  }

  public func check(_ report: SettingsReport) {
    if !upperBeta.isEmpty, upperBeta.count != upper.count {
      report.error(
        "there are \(upperBeta.count) weights for \(upper.count) levels above the first",
        at: "upper_beta", help: "write one for each, or leave it out")
    }
    guard samples > 1 else { return }
    let weights = [("beta", [beta]), ("upper_beta", upperBeta)]
    for (setting, schedules) in weights where !schedules.allSatisfy(Self.isOne) {
      report.error(
        "the bound of \(samples) samples has no weights, and '\(setting)' is not 1", at: setting,
        help: "leave it out, or write 'samples: 1'")
    }
  }

  public func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    try levels(in: scope).posterior(of: batch)
  }

  public func prior(for batch: Batch, space: LatentSpace, in scope: Scope) -> (any Distribution)? {
    StandardNormal(space)
  }

  public func decode(_ latents: Tensor, given batch: Batch, in scope: Scope) throws(BuildProblem)
    -> Tensor
  {
    try parts.decode(levels(in: scope).levels(of: latents)[0], given: batch, in: scope)
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    if samples > 1, parts.likelihood.measure == .loss {
      throw BuildProblem(
        "the bound weighs samples by p(x|z), and \(parts.likelihood.id) is a loss and no density",
        help: "choose another likelihood, or 'samples: 1'", at: ["likelihood"])
    }
    let passes = try levels(in: scope).posterior(of: batch).descend(samples, in: scope)
    let decoded = try parts.decode(passes[0].value, given: batch, in: scope)
    let losses = parts.negativeLogLikelihood(decoded, of: batch, in: scope)
    let reconstruction = losses.mean()
    var total = reconstruction
    var sum: Tensor?
    var perDimension: Tensor?
    var extra: [(name: String, value: Tensor)] = []
    for (index, level) in passes.enumerated() {
      let each = level.divergence.meanOverBatch()
      let kl = each.sum()
      total = total + kl * weight(of: index, in: pass)
      sum = sum.map { $0 + kl } ?? kl
      perDimension = perDimension.map { joined($0, each) } ?? each
      if passes.count > 1 { extra.append(("kl_\(index + 1)", kl)) }
    }
    if samples > 1 {
      total = importanceWeightedBound(
        negativeLogWeights: passes.reduce(losses) { $0 + $1.logRatio }, samples: samples)
    }
    return LossTerms(
      total: total, reconstruction: reconstruction, kl: sum, klPerDimension: perDimension,
      extra: extra, decoded: decoded.firstOfSamples(samples))
  }

  private func joined(_ a: Tensor, _ b: Tensor) -> Tensor {
    concatenate(a.reshaped([1, a.shape.count]), b.reshaped([1, b.shape.count]))
      .reshaped([a.shape.count + b.shape.count])
  }

  /// βᵢ.
  private func weight(of level: Int, in pass: LossPass) -> Tensor {
    guard level > 0, !upperBeta.isEmpty else { return pass.weight("beta", beta) }
    return pass.weight("beta_\(level + 1)", upperBeta[level - 1])
  }

  private static func isOne(_ schedule: any Schedule) -> Bool {
    (schedule as? ConstantSchedule)?.value == 1
  }

  private func levels(in scope: Scope) -> LatentLevels {
    LatentLevels(
      parts: parts, widths: [parts.latent] + upper, inference: inference, between: between,
      activation: activation, scope: scope)
  }
}

extension Int {
  /// As subscripts: ₁₂.
  fileprivate var subscripted: String {
    String(
      String(self).unicodeScalars.map { digit in
        Character(Unicode.Scalar(digit.value - 48 + 0x2080) ?? digit)
      })
  }
}
