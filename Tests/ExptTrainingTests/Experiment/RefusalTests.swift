import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptFiles
import ExptTensor
import ExptTestSupport
import Testing

@testable import ExptTraining

/// A posterior without a density.
private struct Pointed: Posterior {
  static let id = "pointed"
  static let summary = "All on one point."

  func headWidth(latent: Int) -> Int { latent }

  func distribution(head: Tensor, latent: Int, in scope: Scope) -> any Distribution {
    PointMass(head)
  }
}

/// A prior over one number more than there are latents.
private struct Wider: Prior {
  static let id = "wider"
  static let summary = "A number too many."

  func distribution(in context: PriorContext) -> any Distribution {
    StandardNormal(.vector(context.space.width + 1))
  }
}

/// What does not go together is refused by `expt check`, at the setting, with a sentence that says what to
/// do.
@Suite("Refusals")
struct RefusalTests {
  private static let catalog: Catalog = {
    do {
      return try Catalog(
        Catalog.builtins + [
          TestPoints.self, UnlabelledPoints.self, Pointed.self, Wider.self,
        ])
    } catch { return Catalog() }
  }()

  private func rendered(_ text: String) -> String {
    do {
      let file = try ExperimentFile(
        Document.parse(text, file: "e.yaml"), name: "e", catalog: Self.catalog)
      _ = try file.validated(DataEnvironment())
      _ = try file.survey(DataEnvironment())
      return "accepted"
    } catch { return (error as? Diagnostics)?.rendered ?? "\(error)" }
  }

  /// An experiment with these lines from its fourth on.
  private func refusal(_ model: String..., dataset: String = "test_points") -> String {
    rendered(
      (["dataset: \(dataset)", "model:", "  latent: 2"] + model.map { "  " + $0 }).joined(
        separator: "\n"))
  }

  private func expect(
    _ refusal: String, at place: String, says message: String, help: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    #expect(
      refusal.hasPrefix("e.yaml:\(place): error: \(message)"), "\(refusal)",
      sourceLocation: sourceLocation)
    #expect(
      refusal.contains("^") && refusal.contains(help), "\(refusal)", sourceLocation: sourceLocation)
  }

  @Test func `spaces that differ`() {
    expect(
      refusal("type: vae", "prior: wider"), at: "5:10",
      says: "the prior is over 3 numbers, and the posterior over 2 numbers",
      help: "choose a prior that goes with the posterior")
  }

  @Test func `free bits and a capacity without a KL of each dimension`() {
    for part in ["posterior: full_gaussian", "prior: vamp", "prior: gaussian_mixture"] {
      expect(
        refusal("type: vae", part, "free_bits: 0.5"), at: "6:14",
        says: "free bits need the KL of each dimension, which this posterior and prior do not give",
        help: "leave out free_bits, or choose a posterior of independent dimensions")
      expect(
        refusal("type: vae", part, "beta: { type: capacity }"), at: "6:9",
        says:
          "a capacity needs the KL of each dimension, which this posterior and prior do not give",
        help: "use a β without a capacity")
    }
    expect(
      refusal("type: vae", "beta: { type: capacity }", "kl: monte_carlo"), at: "6:7",
      says: "a capacity needs the KL of each dimension", help: "write closed_form")
    #expect(
      refusal("type: vae", "condition: labels", "prior: conditional_gaussian", "free_bits: 1")
        == "accepted")
  }

  @Test func `a bound that weighs samples without their density`() {
    expect(
      refusal("type: iwae", "posterior: pointed"), at: "5:14",
      says: "the bound weighs samples by their densities, and the posterior or the prior has none",
      help: "choose others")
    #expect(
      refusal("type: vae", "posterior: pointed").hasPrefix(
        "e.yaml:5:14: error: the KL needs densities, and the posterior or the prior has none"))
  }

  @Test func `a prior that cannot be made of the parts there are`() {
    expect(
      refusal("type: vae", "prior: vamp", "posterior: pointed"), at: "5:10",
      says:
        "a VampPrior needs the density of the posteriors at any latent, and this posterior has none",
      help: "use a posterior that has, such as gaussian, or another prior")
    expect(
      refusal("type: vae", "prior: conditional_gaussian"), at: "5:10",
      says: "conditional_gaussian depends on a condition, and the model has none",
      help: "write 'condition: labels' into the model, or use standard_normal")
  }

  @Test func `a condition on data without labels`() {
    expect(
      refusal("type: vae", "condition: labels", dataset: "unlabelled_points"), at: "5:14",
      says: "the model is conditioned on labels, and the data have none that number classes",
      help: "use a dataset whose labels are whole numbers from 0 to 65535, or condition: none")
    #expect(
      refusal("type: ae", "condition: { type: factors, names: [size] }", dataset: "test_points")
        .hasPrefix("e.yaml:5:38: error: the data have no factor 'size'"))
  }

  @Test func `a warm-up longer than the run, also of a group of parameters`() {
    func text(_ epochs: Int) -> String {
      """
      dataset: test_points
      model: { type: vae, latent: 2 }
      optimizer: { type: adam, warmup_epochs: 5 }
      parameter_groups:
        decoder: { optimizer: { type: sgd, warmup_epochs: 6, learning_rate: 0.5 } }
      training: { epochs: \(epochs) }
      """
    }
    let found = rendered(text(4))
    #expect(
      found.contains(
        "e.yaml:3:41: error: the warm-up of the learning rate is longer than the run: in 4 epochs it "
          + "only reaches 0.0008, not 0.001"), "\(found)")
    #expect(found.contains("e.yaml:5:53: error: ") && found.contains("0.3333, not 0.5"), "\(found)")
    #expect(found.contains("set it to at most 4, or train for longer"))
    #expect(rendered(text(6)) == "accepted")
  }

  @Test func `a run that began with too long a warm-up can be resumed`() throws {
    let text = """
      dataset: test_points
      model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [4] } }
      optimizer: { type: adam, warmup_epochs: 5 }
      training: { epochs: 4 }
      """
    let file = try ExperimentFile(
      Document.parse(text, file: "e.yaml"), name: "e", catalog: Self.catalog)
    _ = try file.validated(DataEnvironment(), judges: true, isNew: false)
  }

  @Test func `data outside the likelihood's support`() throws {
    let folder = TemporaryFolder()
    let values = (0..<24).map { Float($0) / 10 - 1 }
    let path = folder.file("rows.npy")
    try NPYArray(shape: [6, 4], floats: values).write(to: path)
    let found = refusal("type: vae", dataset: "{ type: npy, images: \(path) }")
    #expect(found.contains("bernoulli needs values from 0 to 1"), "\(found)")
    #expect(
      refusal("type: vae", "likelihood: gaussian", dataset: "{ type: npy, images: \(path) }")
        == "accepted")
  }
}
