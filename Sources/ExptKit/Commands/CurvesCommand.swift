import ArgumentParser
import ExptFiles
import ExptReport

/// `expt curves RUN…`: one metric of several runs over each other.
struct CurvesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "curves",
    abstract: "Draw one metric of several runs over each other, as a page.",
    usage: "expt curves <run> ... [<options>]",
    discussion: """
      The page is self-contained and shows the values of all runs under the pointer; it holds the \
      drawing of 'expt serve' byte for byte. Prints its path.
      """)

  @Argument(
    help: ArgumentHelp("Runs, or folders of runs.", valueName: "run"),
    completion: Completions.runOrFolder)
  var runs: [String]

  @OptionGroup var place: RunsFolderOption

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The column of metrics.csv; default: validation_loss, else train_loss.",
      valueName: "metric"), completion: Completions.metric)
  var metric: String?

  @Option(help: ArgumentHelp("What x is: epoch, step or time.", valueName: "axis"))
  var x: CurveSheet.Axis = .epoch

  @Option(
    help: ArgumentHelp(
      "The share of each point that is the points before it, from 0 to 0.999.",
      valueName: "share"))
  var smooth = 0.0

  @Flag(help: "A logarithmic x.")
  var logX = false

  @Flag(help: "A logarithmic y.")
  var logY = false

  @Flag(help: "One curve, with a band, for runs that differ only in their seed.")
  var seeds = false

  @Option(help: ArgumentHelp("Where x begins.", valueName: "number"))
  var from: Double?

  @Option(help: ArgumentHelp("Where x ends.", valueName: "number"))
  var to: Double?

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "The file to write, or the folder for curves.html.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output = "curves.html"

  @OptionGroup var overwriting: ForceOption

  func validate() throws {
    try Self.check("--smooth", smooth, in: 0...0.999)
    guard (from == nil) == (to == nil) else {
      throw ValidationError("--from and --to come together")
    }
    if let from, let to, !(from < to) { throw ValidationError("--from must be below --to") }
  }

  func run() throws {
    try printing {
      let page = try overwriting.file(output, named: "curves.html")
      let records = try place.records(runs)
      let read = RunIndex.map(records) { RunMetrics($0) }
      guard
        let metric = metric ?? Metric.main(of: CurveSheet.metrics(read))
      else { throw CommandFailure(.data, "none of these runs has metrics yet") }
      var sheet = CurveSheet(
        metric: metric, axis: x, smoothing: smooth, isLogarithmicX: logX, isLogarithmicY: logY,
        groupsSeeds: seeds)
      if let from, let to { sheet.shown = from...to }
      Notes.warn(sheet.warnings(read) + Comparability.substitutions(records))
      guard let text = sheet.page(read) else {
        throw CommandFailure(.data, "none of these runs has values of '\(metric)' to draw")
      }
      try AtomicFile.write(text, to: page)
      return [page]
    }
  }
}

extension CurveSheet.Axis: ExpressibleByArgument {}
