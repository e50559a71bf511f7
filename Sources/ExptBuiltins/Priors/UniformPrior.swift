import ExptComponents
import ExptTensor

/// p(z) is equal everywhere: on a sphere, among the values of each choice, for each switch.
///
///     log p(z) = −log(2π^(d/2) / Γ(d/2))   on the unit sphere in d dimensions
///     log p(z) = −log size                 of each choice,   −log 2 of each switch
///
/// Source: Davidson et al., "Hyperspherical Variational Auto-Encoders", UAI 2018; Jang, Gu & Poole,
/// "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017.
public struct UniformPrior: Prior {
  public static let id = "uniform"
  public static let summary = "Equal probability on a sphere, of choices and of switches."

  public init() {}

  public var formula: String? { "p(z) = const,  on a sphere, or among all choices" }

  public func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    switch context.space {
    case .codes, .indices, .bits, .sphere: return context.space.plainPrior
    case .vector, .map, .groups:
      throw BuildProblem(
        "there is no uniform distribution over \(context.space)", help: context.space.priorHelp)
    }
  }
}

extension LatentSpace {
  /// What to write for a prior that goes with this space.
  var priorHelp: String {
    switch self {
    case .vector, .map: "write prior: standard_normal"
    case .codes, .indices, .bits, .sphere: "write prior: uniform"
    case .groups: "write prior: groups, which gives each group its own"
    }
  }
}
