import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

/// What is wrong with a model of these settings, once it is built.
private func problem(_ settings: String) throws -> BuildProblem? {
  let model = try builtins.make(.model, "{ encoder: { type: mlp, hidden: [8] }, \(settings) }")
  do {
    _ = try LossProbe(model)
    return nil
  } catch let problem as BuildProblem { return problem }
}

@Suite("Posteriors over other spaces, and their priors")
struct PosteriorSpaceTests {
  private static let sphere = "posterior: von_mises_fisher"
  private static let choice = "posterior: { type: categorical, size: 4 }"
  private static let bits = "posterior: bernoulli"
  private static let groups = """
    posterior: { type: groups, groups: { style: { latent: 2 }, digit: { latent: 1, posterior: { type: \
    categorical, size: 4 } } } }
    """
  private static let gaussians = """
    posterior: { type: groups, groups: { a: { latent: 2 }, b: { latent: 1 } } }
    """

  @Test(arguments: [
    ("\(sphere), prior: uniform", true), ("\(choice), prior: uniform", true),
    ("\(bits), prior: uniform", true), ("\(groups), prior: groups", true),
    ("\(gaussians), prior: groups", true), ("\(gaussians)", true),
    (
      "\(groups), prior: { type: groups, groups: { style: { prior: gaussian_mixture } } }", false
    ),
  ]) func `train with both models, with finite losses`(_ settings: String, _ isClosed: Bool) throws
  {
    for type in ["vae", "iwae, samples: 3"] {
      let model = try builtins.make(
        .model, "{ type: \(type), latent: 3, encoder: { type: mlp, hidden: [8] }, \(settings) }")
      let probe = try LossProbe(model)
      let isFinite = probe.values.values.joined().allSatisfy { $0.isFinite }
      #expect(isFinite)
      #expect(probe.klPerDimension.isEmpty != isClosed)
      let sum = probe.klPerDimension.reduce(0, +)
      if isClosed { #expect(abs(sum - probe["kl"]) < 1e-4 * max(1, sum)) }
    }
  }

  /// The refusal says what to write, and what it says works.
  @Test(arguments: [
    ("latent: 3, \(sphere)", "write prior: uniform", "prior"),
    ("latent: 3, \(choice)", "write prior: uniform", "prior"),
    ("latent: 3, \(bits)", "write prior: uniform", "prior"),
    ("latent: 3, \(groups)", "write prior: groups, which gives each group its own", "prior"),
    ("latent: 3, \(groups), prior: uniform", "write prior: groups", "prior"),
    ("latent: 3, prior: uniform", "write prior: standard_normal", "prior"),
    ("latent: 3, prior: groups", "write prior: standard_normal", "prior"),
    ("latent: 3, \(sphere), prior: groups", "write prior: uniform", "prior"),
    ("latent: 3, \(sphere), prior: gaussian_mixture", "write prior: uniform", "prior"),
    ("latent: 1, \(sphere), prior: uniform", "write latent: 2", "posterior"),
    ("latent: 4, \(groups), prior: groups", "write latent: 3 beside the posterior", "posterior"),
    (
      "latent: 3, \(groups), prior: { type: groups, groups: { stile: { prior: uniform } } }",
      "available: style, digit", "prior"
    ),
    (
      "latent: 3, \(groups), prior: { type: groups, groups: { digit: { prior: standard_normal } } }",
      "write prior: uniform", "prior"
    ),
  ]) func `what does not fit is refused with what to write`(
    _ settings: String, _ help: String, _ place: String
  ) throws {
    for type in ["vae", "iwae"] {
      let found = try #require(try problem("type: \(type), \(settings)"))
      #expect(found.help?.contains(help) == true, "\(found.message): \(found.help ?? "")")
      #expect(found.path.first == place, "\(found.path)")
    }
  }

  @Test func `free bits are of each choice`() throws {
    let probe = try LossProbe(
      builtins.make(
        .model,
        "{ type: vae, free_bits: 5, latent: 2, encoder: { type: mlp, hidden: [8] }, \(Self.choice), prior: uniform }"
      ))
    #expect(probe.klPerDimension.count == 2)
    #expect(abs(probe["total"] - probe["reconstruction"] - 10) < 1e-4)
  }

  @Test func `temperatures are schedules that stay above 0, by name`() throws {
    let model = try builtins.make(
      .model,
      """
      { type: vae, latent: 3, prior: groups, posterior: { type: groups, groups: { style: { latent: 2 }, \
      digit: { latent: 1, posterior: { type: categorical, temperature: exponential } } } } }
      """)
    let found = model.schedules.filter { $0.path.last == "temperature" }
    #expect(
      found.map(\.path) == [["posterior", "groups", "digit", "posterior", "temperature"]])
    #expect(found.first?.schedule is ExponentialSchedule)
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let scope = Scope(graph, data: DataFacts(image: [1, 4, 4]) { [0] })
    _ = try model.loss(Batch(2, in: scope), in: LossPass(scope: scope))
    #expect(graph.scalars.map(\.name).contains("posterior.digit.temperature"))
    for temperature in [
      "0", "{ type: linear, from: 1, to: 0 }", "{ type: cyclical, from: 0 }", "capacity",
    ] {
      for type in ["categorical", "bernoulli"] {
        let text = "{ type: \(type), temperature: \(temperature) }"
        let error = #expect(throws: (any Error).self) {
          try builtins.make(.posterior, text)
        }
        #expect("\(String(describing: error))".contains("stays above 0"), "\(text)")
      }
    }
    let plain = try builtins.make(.posterior, "categorical")
    #expect(
      plain.schedules.first?.schedule.value(Progress(step: 0, stepsPerEpoch: 1, epochs: 1)) == 0.67)
  }

  /// τ = max(0.5, exp(−rt)) of the paper.
  @Test func `the exponential schedule is an exponential with a floor`() throws {
    let schedule = try builtins.make(
      .schedule, "{ type: exponential, from: 1, to: 0.5, epochs: 4 }")
    let rate = log(2.0) / 4
    for step in stride(from: 0, through: 100, by: 7) {
      let progress = Progress(step: step, stepsPerEpoch: 10, epochs: 10)
      let expected = max(0.5, exp(-rate * progress.epoch))
      #expect(abs(schedule.value(progress) - expected) < 1e-12)
    }
    #expect(schedule.target == ScheduleTarget(0.5, after: 4))
    // The trap: a line between the same ends.
    let line = try builtins.make(.schedule, "{ type: linear, from: 1, to: 0.5, epochs: 4 }")
    let half = Progress(step: 20, stepsPerEpoch: 10, epochs: 10)
    #expect(abs(line.value(half) - schedule.value(half)) > 0.04)
  }

  @Test func `the log K of the prior is not forgotten, nor the sphere's area`() throws {
    // Untrained with all parameters at 0, posteriors are the prior: KL 0. Without log K it is −3 log 4.
    for settings in ["latent: 3, \(Self.choice)", "latent: 3, \(Self.bits)"] {
      let model = try builtins.make(
        .model, "{ type: vae, encoder: { type: mlp, hidden: [8] }, \(settings), prior: uniform }")
      #expect(try abs(LossProbe(model, scale: 0)["kl"]) < 1e-5)
    }
    let model = try builtins.make(
      .model,
      "{ type: vae, latent: 3, encoder: { type: mlp, hidden: [8] }, \(Self.sphere), prior: uniform }"
    )
    let kappa = log(2) + 1e-3
    let expected = kappa / tanh(kappa) - 1 + log(kappa / sinh(kappa))
    #expect(try abs(LossProbe(model, scale: 0)["kl"] - expected) < 1e-6)
  }
}
