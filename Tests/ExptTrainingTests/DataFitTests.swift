import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptFiles
import ExptTestSupport
import ExptTraining
import Testing

@Suite("Data that do not suit the likelihood")
struct DataFitTests {
  private let folder: TemporaryFolder

  init() throws { folder = TemporaryFolder() }

  private func experiment(
    _ likelihood: String, dataset: String = "", decoder: String = "mirror"
  ) -> String {
    """
    dataset: { type: npy, images: x.npy\(dataset.isEmpty ? "" : ", " + dataset) }
    model:
      type: ae
      latent: 2
      likelihood: \(likelihood)
      encoder: { type: mlp, hidden: [4] }
      decoder: \(decoder)
    """
  }

  private func read(_ text: String) throws -> ExperimentFile {
    try ExperimentFile(
      Document.parse(text, file: "it.yaml"), name: "it", catalog: TestRun.catalog)
  }

  /// Loads floats [n, 1, 2] for an experiment; what is said about them, or why they are refused.
  private func said(
    _ floats: [Float], _ text: String, edition: DataEdition = .current
  ) throws -> String {
    let array = NPYArray(shape: [floats.count / 2, 1, 2], floats: floats)
    try array.write(to: folder.file("x.npy"))
    let file = try read(text)
    var environment = DataEnvironment(workingFolder: folder.path)
    environment.edition = edition
    do {
      let loaded = try LoadedDataset(
        file.experiment.dataset, for: file.experiment.model.parts, environment)
      return (loaded.notes + loaded.warnings).joined(separator: "\n")
    } catch { return "refused: \(error.message)" }
  }

  @Test(arguments: ["bernoulli", "continuous_bernoulli", "discretized_logistic"])
  func `values outside 0 to 1 are refused, with the place and what to write`(
    likelihood: String
  ) throws {
    let text = experiment(likelihood, dataset: "mix: false")
    let bytes = try said([0, 1, 0.5, 7, 255, 0], text)
    #expect(bytes.hasPrefix("refused: "))
    #expect(bytes.contains("x.npy: image 1 holds 7 at column 1, and \(likelihood) needs values"))
    #expect(bytes.contains("from 0 to 255") && bytes.contains("'divisor: 255'"))
    #expect(try said([-1, 1, 0.5, 0], text).contains("'range: [-1, 1]'"))
    #expect(try said([-0.42, 2.8, 0.5, 0], text).contains("'range: [-0.42, 2.8]'"))
    #expect(try said([0, 16, 0, 3], text).contains("'divisor: 16'"))
    #expect(try said([0, 4000, 0, 3], text).contains("'divisor: 4095'"))
    #expect(try said([0, 1, 0, 1], text).isEmpty)
    let older = try said([0, 1, 0.5, 7], text, edition: .first)
    #expect(older.contains("image 1 holds 7") && !older.hasPrefix("refused"))
  }

  @Test func `what the remedies say to write is taken`() throws {
    for (floats, setting) in [
      ([0, 51, 255, 3], "divisor: 255"), ([-1, 1, 0.5, 0], "range: [-1, 1]"),
      ([-0.42, 2.8, 0.5, 0], "range: [-0.42, 2.8]"),
    ] as [([Float], String)] {
      #expect(try said(floats, experiment("bernoulli", dataset: setting)).isEmpty)
    }
  }

  @Test func `legal values that look wrong are said to`() throws {
    let wide = try said([0, 255, 3, 4], experiment("{type: gaussian, scale: 1}"))
    #expect(
      wide.contains("from 0 to 255") && wide.contains("'divisor: 255' or 'standardize: true'"))
    #expect(try said([-2, 2.5, 0, 1], experiment("gaussian")).isEmpty)
    #expect(try said([0, 0.06, 0, 0.01], experiment("bernoulli")).contains("'divisor: 0.06'"))
    #expect(try said([3, 3, 3, 3], experiment("gaussian")).contains("nothing to learn"))
    #expect(
      try said([0, 0.3333, 1, 0.1], experiment("discretized_logistic")).contains("multiples"))
    let levels: [Float] = [0, 1, 7 / 255, 200 / 255]
    #expect(try said(levels, experiment("discretized_logistic")).isEmpty)
  }

  @Test(arguments: ["poisson", "negative_binomial", "zinb"])
  func `counts are whole numbers`(likelihood: String) throws {
    #expect(try said([0, 1, 3, 700], experiment(likelihood)).isEmpty)
    let half = try said([0, 1, 2.5, 3], experiment(likelihood))
    #expect(half.contains("image 1 holds 2.5") && half.contains("needs whole numbers from 0 on"))
    #expect(try said([0, 1, -1, 3], experiment(likelihood)).hasPrefix("refused: "))
    let standardized = problems(likelihood, "relu", dataset: "standardize: true")
    #expect(standardized.contains("and \(likelihood) needs whole numbers from 0 on"))
    #expect(problems(likelihood, "relu").contains("takes logarithms of means"))
  }

  @Test func `a beta distribution takes no 0 and no 1 without a margin`() throws {
    let refused = try said([0.5, 0.25, 1, 0.5], experiment("beta"))
    #expect(refused.contains("image 1 holds 1") && refused.contains("'margin: 0.001'"))
    #expect(refused.contains("beta needs values between 0 and 1"))
    #expect(try said([0, 0.25, 1, 0.5], experiment("{ type: beta, margin: 0.001 }")).isEmpty)
    #expect(try said([0.2, 0.25, 0.9, 0.5], experiment("beta")).isEmpty)
  }

  @Test func `each column of a table has to suit its own likelihood`() throws {
    let mixed = experiment("{ type: mixed, columns: [gaussian, poisson] }", dataset: "mix: false")
    #expect(try said([-1.5, 40, 0.3, 2], mixed).isEmpty)
    let refused = try said([2, 1, 0.3, 2.5], mixed)
    #expect(refused.contains("image 1 holds 2.5 at column 1") && refused.contains("whole numbers"))
  }

  @Test(arguments: ["threshold", "stochastic"])
  func `binarization is for values from 0 to 1`(binarization: String) throws {
    let text = experiment("gaussian", dataset: "binarization: \(binarization)")
    let sentence = try said([-1, 1, 0, 0], text)
    #expect(sentence.hasPrefix("refused: ") && sentence.contains("'binarization: \(binarization)'"))
    #expect(try said([0, 1, 0, 0], text).isEmpty)
  }

  private func decoder(_ end: String) -> String {
    "{ type: layers, layers: [{ type: linear, units: 784 }, \(end)] }"
  }

  private func problems(_ likelihood: String, _ end: String, dataset: String = "") -> String {
    do {
      let text = experiment(likelihood, dataset: dataset, decoder: decoder(end))
      return try read(text).warnings.map(\.rendered).joined()
    } catch { return "\((error as? Diagnostics)?.rendered ?? "\(error)")" }
  }

  @Test(arguments: ["bernoulli", "continuous_bernoulli"])
  func `logits go through no activation`(likelihood: String) {
    for (end, range) in [
      ("sigmoid", "from 0.50 to 0.73"), ("tanh", "from 0.27 to 0.73"),
      ("sigmoid, { type: reshape, shape: [1, 28, 28] }", "from 0.50 to 0.73"),
    ] {
      let text = problems(likelihood, end)
      #expect(text.contains("error: ") && text.contains(range), "\(end): \(text)")
      #expect(text.contains("it.yaml:7:"), "at the layer's line: \(text)")
    }
    for end in ["relu", "softplus", "elu", "gelu", "silu", "leaky_relu"] {
      let text = problems(likelihood, end)
      #expect(text.contains("warning: ") && !text.contains("error: "), "\(end): \(text)")
    }
    #expect(problems(likelihood, "sigmoid, { type: linear, units: 784 }").isEmpty)
  }

  @Test func `pixel values may go through one that reaches them`() throws {
    for end in ["sigmoid", "tanh", "relu"] {
      #expect(problems("gaussian", end).isEmpty)
      #expect(problems("discretized_logistic", end).isEmpty)
    }
    #expect(problems("gaussian", "sigmoid", dataset: "standardize: true").contains("error: "))
    #expect(problems("gaussian", "relu", dataset: "standardize: true").contains("warning: "))
    let perPixel = problems("{ type: gaussian, scale: per_pixel }", "sigmoid")
    #expect(perPixel.contains("error: ") && perPixel.contains("logarithm of each pixel's scale"))
    let text = experiment("gaussian", decoder: decoder("sigmoid"))
    let sentence = try said([-1, 1, 0, 0], text)
    #expect(sentence.hasPrefix("refused: ") && sentence.contains("reaches only 0 to 1"))
    let relu = try said([-1, 1, 0, 0], experiment("gaussian", decoder: decoder("relu")))
    #expect(relu.contains("reaches nothing below 0") && !relu.hasPrefix("refused"))
    #expect(try said([0, 1, 0, 0.5], text).isEmpty)
  }

  @Test func `standardized values are for likelihoods of any number`() {
    let text = experiment("bernoulli", dataset: "standardize: true")
    let problem = #expect(throws: Diagnostics.self) { try read(text) }
    #expect(problem?.rendered.contains("it.yaml:1:") == true)
    #expect(problem?.rendered.contains("gaussian or laplace") == true)
  }
}
