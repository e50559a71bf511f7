import ArgumentParser
import ExptFiles
import ExptReport

/// `expt compare RUN… | DIR…`: runs side by side.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare runs side by side: settings that differ, metrics, curves.",
    usage: "expt compare <run> ... [<options>]",
    discussion: """
      Runs that differ only in their seed (or name, outputs, data folder) are one group, shown as \
      mean ± standard deviation (number of seeds) with a 95 % confidence interval of the mean, \
      from Student's t. Two groups are compared by a t-test: paired if both have the same \
      seeds, otherwise Welch's. @ is the epoch. Runs whose losses are not comparable (different \
      data, likelihood, model or β) are not ranked, and a warning says why.
      """)

  @Argument(
    help: ArgumentHelp("Runs, or folders of runs.", valueName: "run"),
    completion: Completions.runOrFolder)
  var runs: [String]

  @OptionGroup var place: RunsFolderOption

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The metric to rank by and plot; default: validation_loss, else train_loss.",
      valueName: "metric"), completion: Completions.metric)
  var metric: String?

  @Option(
    name: [.customShort("o"), .customLong("html")],
    help: ArgumentHelp("Also write the page of 'expt report' to this file.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var html: String?

  @OptionGroup var overwriting: ForceOption

  @OptionGroup var format: TableFormat

  func run() throws {
    try printing {
      let page = try html.map { try overwriting.page($0) }
      let records = try place.records(runs)
      let comparison = try Notes.inOption("--metric") { try Comparison(records, metric: metric) }
      Notes.warn(comparison.notes)
      guard !comparison.groups.isEmpty else {
        throw CommandFailure(.data, "none of these runs can be read")
      }
      if let first = comparison.reasons.first {
        Notes.warn(["not ranked: \(first)"] + comparison.reasons.dropFirst())
      }
      if let page { try Report(comparison).write(to: page) }
      if format.json { return [String(comparison.json.pretty.dropLast())] }
      if format.csv { return [String(comparison.csv.dropLast())] }
      return [text(comparison)]
    }
  }

  private func text(_ comparison: Comparison) -> String {
    let width = Console.resultWidth
    return [
      comparison.overview(width: width), comparison.verdict.map { Notes.wrapped($0, width) },
      comparison.metrics.isEmpty ? nil : comparison.metricsTable(width: width),
      comparison.curves(width: width, colour: Console.curveColour),
    ].compactMap { $0 }.joined(separator: "\n\n")
  }
}
