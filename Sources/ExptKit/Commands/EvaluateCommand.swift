import ArgumentParser
import ExptComponents
import ExptFiles
import ExptRunFolder
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
      A plain autoencoder has only a reconstruction, and a likelihood that is a loss and no density has \
      no ELBO and no NLL. Of 8-bit images with a likelihood that is a probability of them, the NLL is \
      also given in bits per dimension.

      With --metrics or --evaluator, what those measure: 'expt describe evaluator' lists them. What \
      they find is kept in the run's evaluations.json, in place of what was measured in the same way \
      before, and is a metric of the run from then on: 'expt runs --where "evaluation.mig > 0.2"', \
      'expt compare --metric evaluation.mig'.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var data: SplitOptions

  @Option(
    name: .customLong("metrics"),
    help: ArgumentHelp(
      "Measure by these evaluators, such as mig,active_units; 'all': by all that can measure the "
        + "run.", valueName: "names"), completion: Completions.components(of: "evaluator"))
  var metrics: String?

  @Option(
    name: .customLong("evaluator"), parsing: .singleValue,
    help: ArgumentHelp(
      "Measure by this one, such as mig or '{type: mig, bins: 30}'. Repeatable.",
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
    if !evaluators.isEmpty || metrics != nil, samples != nil || seed != nil {
      throw ValidationError(
        "--samples and --seed are settings of an evaluator: --evaluator '{type: elbo, samples: 100}'"
      )
    }
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let file = try output.map { try overwriting.file($0, named: "evaluation.json") }
    let asked = try AskedEvaluators(names: metrics, texts: evaluators)
    let run = try trained.open()
    let part = try data.load(run, limit: limit, isWhole: !asked.isEmpty)
    let progress = CountDisplay(part.count, unit: "images")
    defer { progress.erase() }
    let subject = TrainedSubject(run, part, report: progress.show)
    let heading = EvaluationHeading(run: run, split: part.split, count: part.count)
    guard !asked.isEmpty else {
      let evaluation = subject.likelihood(samples: samples ?? 50, seed: seed ?? 0)
      try part.images.checkRead()
      let report = EvaluationReport(heading: heading, evaluation: evaluation)
      if let elbo = report.score { keep([elbo], heading) }
      return try results(text: report.text, report.json, file)
    }
    let scores = try asked.scores(of: subject) {
      if part.images.pixels.stored?.problem == nil { keep([$0], heading) }
    }
    try part.images.checkRead()
    let report = ScoreReport(heading: heading, scores: scores)
    return try results(text: report.text, report.json, file)
  }

  /// Keeps what was found in the run folder. One that cannot be written is said, and no reason to throw
  /// the numbers away.
  private func keep(_ scores: [ScoreReport.Entry], _ heading: EvaluationHeading) {
    let run = heading.run
    do {
      try run.folder.keep(
        scores.map { evaluator, score in
          Evaluations.Entry(
            evaluator, score, part: heading.split.rawValue, images: heading.count,
            checkpoint: run.weightsName, fingerprint: run.manifest.dataset.fingerprint,
            epoch: run.position.epoch, step: run.position.step, version: Version.text)
        })
    } catch { Console.warning("the result is not kept in the run folder: \(error)") }
  }

  private func results(text: String, _ report: JSONValue, _ file: String?) throws -> [String] {
    if let file { try AtomicFile.write(report.pretty, to: file) }
    return json ? [String(report.pretty.dropLast())] : [text]
  }
}
