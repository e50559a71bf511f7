import ExptComponents
import ExptTensor

/// JointVAE: latents that are numbers and latents that are choices, each kind with a KL of its own that is
/// pulled towards a capacity.
///
///     loss = E[−log p(x|z)] + γ_z · |KL_z − C_z| + γ_c · |KL_c − C_c|
///
/// KL_z is the KL of all groups of numbers, KL_c that of all groups of choices and switches; both in closed
/// form. γ and C are those of the schedule `capacity`; with a number or another schedule the term is
/// γ · KL.
///
///     posterior:
///       type: groups
///       groups:
///         style: { latent: 10 }
///         digit: { latent: 1, posterior: { type: categorical, size: 10 } }
///     prior: groups
///
/// A KL of choices among K has at most log K nats each: a larger capacity is refused.
///
/// Units: nats per image; `kl_numbers` and `kl_choices` are the KLs, without γ and C.
///
/// Source: Dupont, "Learning Disentangled Joint Continuous and Discrete Representations", NeurIPS 2018,
/// arXiv 1804.00104, equation 7.
public struct JointVAE: LatentModel {
  public static let id = "joint_vae"
  public static let summary = "VAE of numbers and choices, each with a capacity of its own."
  public static let exampleSettings = """
    { latent: 3, prior: groups, choices: { type: capacity, to: 1 }, posterior: { type: groups, groups: {
      style: { latent: 2 }, kind: { latent: 1, posterior: { type: categorical, size: 3 } } } } }
    """

  @Group public var latents = LatentParts()
  @Slot(
    "γ and capacity C of the numbers' KL: the schedule capacity, or a weight alone.", .schedule,
    default: "capacity", with: ["gamma": 30, "to": 5])
  public var numbers: any Schedule
  @Slot(
    "γ and capacity C of the choices' KL, likewise.", .schedule, default: "capacity",
    with: ["gamma": 30, "to": 2])
  public var choices: any Schedule

  public init() {}

  public var formula: String? {
    let terms = [("numbers", numbers, "₁"), ("choices", choices, "₂")]
    func hasCapacity(_ schedule: any Schedule) -> Bool { schedule is any CapacitySchedule }
    let pulls = terms.map { name, schedule, i in
      hasCapacity(schedule) ? "{γ\(i)=\(name).gamma}·|KL\(i) − C\(i)|" : "{γ\(i)=\(name)}·KL\(i)"
    }
    let courses = terms.filter { hasCapacity($0.1) }.map { name, _, i in
      ",  C\(i) from {C\(i)(0)=\(name).from} to {C\(i)(T)=\(name).to} nats"
    }
    return "E[−log p(x|z)] + \(pulls.joined(separator: " + "))\n"
      + "KL₁ of numbers, KL₂ of choices\(courses.joined())"
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let coded = try autoencode(batch, in: scope)
    let (posterior, prior) = (coded.posterior, coded.prior)
    let reconstruction = coded.negativeLogLikelihood.mean()
    let (ofNumbers, ofChoices) = try divergences(posterior, prior, in: scope)
    let whole = posterior.divergence(from: prior)
    return LossTerms(
      total: reconstruction + pull(ofNumbers, "numbers", numbers, in: pass)
        + pull(ofChoices, "choices", choices, in: pass),
      reconstruction: reconstruction, kl: ofNumbers + ofChoices,
      klPerDimension: whole?.perDimension?.meanOverBatch(),
      extra: [("kl_numbers", ofNumbers), ("kl_choices", ofChoices)], decoded: coded.decoded)
  }

  private func pull(
    _ divergence: Tensor, _ name: String, _ schedule: any Schedule, in pass: LossPass
  ) -> Tensor {
    let weight = pass.weight(name, schedule)
    guard let capacity = (schedule as? any CapacitySchedule)?.capacity else {
      return divergence * weight
    }
    return abs(divergence - pass.weight(name + "_capacity", capacity)) * weight
  }

  private func divergences(
    _ posterior: any Distribution, _ prior: any Distribution, in scope: Scope
  ) throws(BuildProblem) -> (numbers: Tensor, choices: Tensor) {
    guard let groups = (posterior as? GroupedDistribution)?.parts else {
      throw BuildProblem(
        "the model needs groups of latents, numbers and choices", help: "use the posterior groups",
        at: ["posterior"])
    }
    guard let priors = (prior as? GroupedDistribution)?.parts, priors.count == groups.count else {
      throw BuildProblem(
        "the model needs a prior for each group of latents", help: "use the prior groups",
        at: ["prior"])
    }
    let none = scope.graph.constant(0)
    var (numbers, choices, most) = (none, none, 0.0)
    for (group, prior) in zip(groups, priors) {
      guard let kl = group.distribution.divergence(from: prior.distribution)?.perExample.mean()
      else {
        throw BuildProblem(
          "there is no formula for the KL of the group '\(group.name)'",
          help: "choose another posterior or prior for it", at: ["posterior"])
      }
      switch group.distribution.space {
      case .codes(let count, let size):
        most += Double(count) * RepeatableMath.log(Double(size))
        choices = choices + kl
      case .bits(let count):
        most += Double(count) * RepeatableMath.log(2)
        choices = choices + kl
      default:
        numbers = numbers + kl
      }
    }
    let capacity = (self.choices as? any CapacitySchedule)?.capacity.target.value ?? 0
    guard most == 0 || capacity <= most else {
      throw BuildProblem(
        "the choices can tell at most \(brief(most)) nats, and their capacity is \(brief(capacity))",
        help: "lower the capacity", at: ["choices"])
    }
    return (numbers, choices)
  }

  /// With three digits.
  private func brief(_ nats: Double) -> String { "\((nats * 1000).rounded() / 1000)" }
}
