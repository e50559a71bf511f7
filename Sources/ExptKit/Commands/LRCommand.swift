import ArgumentParser
import ExptComponents
import ExptFiles
import ExptReport
import ExptTraining

/// `expt lr FILE`: looks for a learning rate.
struct LRCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lr",
    abstract: "Look for a learning rate: train at rates that rise until the loss does.",
    usage: "expt lr <file> [<key.path=value> ...] [<options>]",
    discussion: """
      Trains for some steps, each at a higher rate than the one before by the same factor, until the \
      smoothed loss has risen by twice what it had fallen (and by more than its first value), and shows \
      the loss over the rates. Suggests a tenth of the rate at which the smoothed loss is lowest. Weights \
      of the objective stand at their schedules' targets; the schedule of the learning rate does not \
      count. Leaves no run; -o writes lr.csv (rate, loss, smoothed_loss) and lr.svg into a folder, or one \
      of them where it names a file.

      Source: Smith, "Cyclical learning rates for training neural networks", arXiv 1506.01186.
      """)

  @Argument(
    help: "The experiment file, or - for standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @OptionGroup var experiment: ExperimentOptions

  @Option(help: ArgumentHelp("The first learning rate.", valueName: "rate"))
  var from = 1e-6

  @Option(help: ArgumentHelp("The last learning rate.", valueName: "rate"))
  var to = 10.0

  @Option(help: ArgumentHelp("Number of steps.", valueName: "number"))
  var steps = 200

  @Option(
    help: ArgumentHelp("Share of the smoothed loss that is kept each step.", valueName: "share"))
  var smoothing = 0.9

  @OptionGroup var threading: ThreadsOption

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "Also write the curve: a folder, or a file ending in .csv or .svg.", valueName: "path"),
    completion: .file())
  var output: String?

  @OptionGroup var overwriting: ForceOption

  @Flag(help: "Print JSON instead: the suggestion and the points.")
  var json = false

  func validate() throws {
    guard from > 0, from < to, to <= 1e4 else {
      throw ValidationError("--from must be above 0 and below --to, and --to at most 10000")
    }
    try Self.check("--steps", steps, in: 10...100_000)
    try Self.check("--smoothing", smoothing, in: 0...0.999)
  }

  func run() throws {
    let file = try experiment.load(ExperimentOptions.checkFile(file))
    let places = try places()
    StopSignal.install()
    let range: RateRange
    do {
      let options = RunSession.Options(
        threads: threading.count, environment: .ofProcess(quiet: json), versions: Version.ofBuild,
        warn: Console.warning, note: Console.remark)
      let (trainer, _) = try RunSession.prepare(file, options)
      range = try test(trainer)
    } catch { throw CommandFailure(training: error, file: file) }
    let found = FoundRate(range, of: file.experiment)
    try printing {
      for path in places { try found.write(to: path) }
      return json
        ? [String(found.json.pretty.dropLast())]
        : [found.plot(width: Console.resultWidth, colour: Console.curveColour), found.sentence]
          + places
    }
    if range.end == .stopped { ExitStatus.interrupted.exit() }
  }

  private func test(_ trainer: Trainer) throws -> RateRange {
    var test = RateRangeTest()
    (test.from, test.to, test.steps, test.smoothing) = (from, to, steps, smoothing)
    let display = CountDisplay(steps, unit: "steps")
    defer { display.erase() }
    var done = 0
    return try test.run(trainer) {
      display.show(done)
      done += 1
      return StopSignal.isRaised
    }
  }

  /// The files to write.
  private func places() throws -> [String] {
    guard let output else { return [] }
    let isFolder = output.hasSuffix("/") || FilePath.isFolder(output)
    if !isFolder, let ending = FileEndings.known(in: output) {
      guard ["csv", "svg"].contains(ending) else {
        throw CommandFailure(
          .usage,
          "-o \(output): no .\(ending) file is made here; name a file ending in .csv or .svg, or a folder"
        )
      }
      return [try overwriting.file(output, named: "")]
    }
    let folder = isFolder ? output : output + "/"
    return try ["lr.csv", "lr.svg"].map { try overwriting.file(folder, named: $0) }
  }
}
