import ExptComponents
import ExptTensor

/// q(z|x) = Π q(z_g|x): several posteriors one after another, each with a name and latents of its own.
///
///     latent: 11
///     posterior:
///       type: groups
///       groups:
///         style: { latent: 10, posterior: gaussian }
///         digit: { latent: 1, posterior: { type: categorical, size: 10 } }
///     prior: groups
///
/// The model's `latent` is the sum of the groups'. Densities and KLs, in nats, are sums over the groups;
/// names head the columns of what `expt encode` writes.
///
/// Source: Dupont, "Learning Disentangled Joint Continuous and Discrete Representations", NeurIPS 2018
/// (JointVAE).
public struct GroupsPosterior: Posterior {
  public static let id = "groups"
  public static let summary = "Several posteriors one after another, each with its own latents."
  public static let exampleSettings = """
    { groups: { style: { latent: 2 }, kind: { latent: 1, posterior: { type: categorical, size: 3 } } } }
    """

  @Entries("The groups by name.", each: "{ latent: 10, posterior: gaussian }")
  public var groups: [Entry<GroupSettings>]

  public init() {}

  public var formula: String? {
    let names = groups.map(\.key)
    return "q(z|x) = " + names.map { "q(z_\($0)|x)" }.joined(separator: "·")
      + names.map { ",  dim z_\($0) = {n_\($0)=groups.\($0).latent}" }.joined()
  }

  public func headWidth(latent: Int) -> Int {
    groups.reduce(0) { $0 + $1.value.posterior.headWidth(latent: $1.value.latent) }
  }

  public func distribution(head: Tensor, latent: Int, in scope: Scope) throws(BuildProblem)
    -> any Distribution
  {
    let total = groups.reduce(0) { $0 + $1.value.latent }
    guard total == latent else {
      throw BuildProblem(
        "the groups have \(total) latents in all, and the model's 'latent' is \(latent)",
        help: "write latent: \(total) beside the posterior")
    }
    var start = 0
    var parts: [GroupedDistribution.Part] = []
    for group in groups {
      let (posterior, own) = (group.value.posterior, group.value.latent)
      let width = posterior.headWidth(latent: own)
      let part = head.columns(start..<start + width)
      start += width
      parts.append(
        .init(
          group.key,
          try locating("groups") { () throws(BuildProblem) in
            try locating(group.key) { () throws(BuildProblem) in
              try locating("posterior") { () throws(BuildProblem) in
                try posterior.distribution(head: part, latent: own, in: scope.child(group.key))
              }
            }
          }))
    }
    return GroupedDistribution(parts)
  }
}

/// A group of latents.
public struct GroupSettings: Settings {
  @Setting("Number of latents, as the posterior counts them.", .within(1...65536))
  public var latent: Int
  @Slot("q of these latents.", .posterior, default: "gaussian")
  public var posterior: any Posterior

  public init() {}
}
