import ArgumentParser
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
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var data: SplitOptions

  @Option(
    name: .short("s", "samples"),
    help: ArgumentHelp("Posterior samples per image (k).", valueName: "number"))
  var samples = 50

  @Option(
    name: .short("n", "limit"),
    help: ArgumentHelp("Only the first N images; default: all.", valueName: "number"))
  var limit: Int?

  @Option(help: ArgumentHelp("The seed of the noise.", valueName: "number"))
  var seed: UInt64 = 0

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
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let file = try output.map { try overwriting.file($0, named: "evaluation.json") }
    let run = try trained.open()
    let part = try data.load(run, limit: limit)
    let progress = CountDisplay(part.count, unit: "images")
    let evaluation = run.evaluate(part, samples: samples, seed: seed, report: progress.show)
    progress.erase()
    let report = EvaluationReport(run: run, split: part.split, evaluation: evaluation)
    if let file { try AtomicFile.write(report.json.pretty, to: file) }
    return json ? [String(report.json.pretty.dropLast())] : [report.text]
  }
}
