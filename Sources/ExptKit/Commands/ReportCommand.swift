import ArgumentParser
import ExptFiles
import ExptReport

/// `expt report RUN… | DIR…`: one page to look at.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write one HTML page about a run, or about several side by side.",
    usage: "expt report <run> ... [<options>]",
    discussion: """
      The page is self-contained: it needs no network and can be mailed. One run: settings, \
      curves, latent space, pictures, diagnosis. Several: the settings that differ, overlaid \
      curves with bands over seeds, the same images reconstructed. Prints the page's path.
      """)

  @Argument(
    help: ArgumentHelp("Runs, or folders of runs.", valueName: "run"),
    completion: Completions.runOrFolder)
  var runs: [String]

  @OptionGroup var place: RunsFolderOption

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "The file to write, or the folder for report.html.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output = "report.html"

  @OptionGroup var overwriting: ForceOption

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The metric to rank by; default: validation_loss, else train_loss.", valueName: "metric"),
    completion: Completions.metric)
  var metric: String?

  func run() throws {
    try printing {
      let page = try overwriting.page(output)
      let records = try place.records(runs)
      let comparison = try Notes.inOption("--metric") { try Comparison(records, metric: metric) }
      Notes.warn(comparison.notes)
      guard !comparison.groups.isEmpty else {
        throw CommandFailure(.data, "none of these runs can be read")
      }
      if let first = comparison.reasons.first { Notes.warn(["not ranked: \(first)"]) }
      try Report(comparison).write(to: page)
      return [page]
    }
  }
}
