import ArgumentParser
import ExptComponents
import ExptFiles
import ExptTraining

/// `expt evaluate RUN`: how good the model is.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure the model: ELBO, reconstruction, KL, log-likelihood, active units.",
    usage: "expt evaluate <run> [<options>]",
    discussion: """
      In nats per image, without β and free bits, so that runs can be compared. The \
      importance-weighted NLL is −log (1/k) Σ p(x|z)·p(z)/q(z|x) over k samples of the posterior: \
      on average an upper bound on −log p(x), which tightens as k grows (papers report k = 5000). \
      Noise is keyed by the seed, the image and the sample, so results are reproducible. ± is the \
      standard error over the images. A unit is active if the variance of its posterior mean over \
      the images is above 0.01 (Burda et al. 2015), and informative if its KL is above 0.01 nats. \
      A plain autoencoder has only a reconstruction. The run folder is not changed.

      With --evaluator, only what that measures: 'expt describe evaluator' lists them.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var data: SplitOptions

  @Option(
    name: .customLong("evaluator"), parsing: .singleValue,
    help: ArgumentHelp(
      "Measure this instead, such as mig or '{type: mig, bins: 30}'. Repeatable.",
      valueName: "evaluator"), completion: Completions.components(of: "evaluator"))
  var evaluators: [String] = []

  @Option(
    name: .short("s", "samples"),
    help: ArgumentHelp(
      "Posterior samples per image (k); default: 50.", valueName: "number"))
  var samples: Int?

  @Option(
    name: .short("n", "limit"),
    help: ArgumentHelp("Only the first N images; default: all.", valueName: "number"))
  var limit: Int?

  @Option(help: ArgumentHelp("The seed of the noise; default: 0.", valueName: "number"))
  var seed: UInt64?

  @Flag(help: "Print JSON instead of tables.")
  var json = false

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("Also write the JSON to a file.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var output: String?

  @OptionGroup var overwriting: ForceOption

  func validate() throws {
    try Self.check("--samples", samples, in: 1...1_000_000)
    try Self.check("--limit", limit, in: 1...Int(Int32.max))
    if !evaluators.isEmpty, samples != nil || seed != nil {
      throw ValidationError(
        "--samples and --seed are settings of an evaluator: --evaluator '{type: elbo, samples: 100}'"
      )
    }
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let file = try output.map { try overwriting.file($0, named: "evaluation.json") }
    let evaluators = try evaluators.map {
      try ComponentText($0, option: "--evaluator").read(.evaluator)
    }
    let run = try trained.open()
    let part = try data.load(run, limit: limit)
    let progress = CountDisplay(part.count, unit: "images")
    defer { progress.erase() }
    let subject = TrainedSubject(run, part, report: progress.show)
    let heading = EvaluationHeading(run: run, split: part.split, count: part.count)
    guard !evaluators.isEmpty else {
      let evaluation = subject.likelihood(samples: samples ?? 50, seed: seed ?? 0)
      let report = EvaluationReport(heading: heading, evaluation: evaluation)
      return try results(text: report.text, report.json, file)
    }
    let report = try ScoreReport(
      heading: heading, scores: evaluators.map { ($0, try $0.score(of: subject)) })
    return try results(text: report.text, report.json, file)
  }

  private func results(text: String, _ report: JSONValue, _ file: String?) throws -> [String] {
    if let file { try AtomicFile.write(report.pretty, to: file) }
    return json ? [String(report.pretty.dropLast())] : [text]
  }
}
