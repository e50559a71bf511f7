import ExptComponents
import ExptTensor

/// p(z) = Π p(z_g): a prior for each group of the posterior `groups`.
///
///     prior: { type: groups, groups: { style: { prior: gaussian_mixture } } }
///
/// A group that is not named has the plain one: N(0, I) over numbers, `uniform` over choices, switches and
/// spheres.
///
/// Source: Dupont, "Learning Disentangled Joint Continuous and Discrete Representations", NeurIPS 2018.
public struct GroupsPrior: Prior {
  public static let id = "groups"
  public static let summary = "A prior for each group of the posterior 'groups'."

  public static let exampleSettings = """
    { groups: { kind: { prior: uniform }, style: { prior: gaussian_mixture } } }
    """

  @Entries("Priors of groups by name; others have the plain one.", each: "{ prior: uniform }")
  public var groups: [Entry<GroupPriorSettings>] = []

  public init() {}

  public var formula: String? {
    "p(z) = Π p(z_g) over the groups g of the posterior"
      + ",  N(0, I) for numbers and uniform for others"
      + (groups.isEmpty ? "" : ", but for " + groups.map(\.key).joined(separator: ", "))
  }

  public func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    guard case .groups(let parts) = context.space else {
      throw BuildProblem(
        "the posterior has no groups: its latents are \(context.space)",
        help: context.space.priorHelp)
    }
    if let unknown = groups.first(where: { own in !parts.contains { $0.name == own.key } }) {
      throw BuildProblem(
        "the posterior has no group '\(unknown.key)'",
        help: "available: \(parts.map(\.name).joined(separator: ", "))",
        at: ["groups", unknown.key])
    }
    var priors: [GroupedDistribution.Part] = []
    for part in parts { priors.append(.init(part.name, try prior(of: part, in: context))) }
    return GroupedDistribution(priors)
  }

  private func prior(
    of part: LatentGroup, in context: PriorContext
  ) throws(BuildProblem) -> any Distribution {
    guard let own = groups.first(where: { $0.key == part.name }) else {
      return part.space.plainPrior
    }
    let inner = PriorContext(
      scope: context.scope.child(part.name), space: part.space, batch: context.batch,
      condition: context.condition
    ) { (other) throws(BuildProblem) in
      let posterior = try context.posterior(of: other.examples)
      let parts = (posterior as? GroupedDistribution)?.parts ?? []
      return parts.first { $0.name == part.name }?.distribution ?? posterior
    }
    return try locating("groups") { () throws(BuildProblem) in
      try locating(part.name) { () throws(BuildProblem) in
        try locating("prior") { () throws(BuildProblem) in
          let prior = try own.value.prior.distribution(in: inner)
          guard prior.space == part.space else {
            throw BuildProblem(
              "the prior is over \(prior.space), and the group's posterior over \(part.space)",
              help: part.space.priorHelp)
          }
          return prior
        }
      }
    }
  }
}

/// The prior of a group.
public struct GroupPriorSettings: Settings {
  @Slot("p of its latents.", .prior) public var prior: any Prior

  public init() {}
}
