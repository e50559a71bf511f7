import ArgumentParser
import ExptFiles
import ExptReport

/// `expt axes [DIR]`: runs as lines over the settings in which they differ.
struct AxesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "axes",
    abstract: "Draw runs as lines over the settings in which they differ, as a page.",
    usage: "expt axes [<folder> ...] [<options>]",
    discussion: """
      Parallel axes: one for each setting that differs, the metric at the right. The page is \
      self-contained; it holds the drawing of 'expt serve' byte for byte, and what speaks against \
      comparing the runs. Conditions are those of 'expt runs'. Prints its path.
      """)

  @OptionGroup var choice: RunChoice

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The metric at the right, its best value; default: what the runs are judged by.",
      valueName: "metric"), completion: Completions.metric)
  var metric: String?

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "The file to write, or the folder for axes.html.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output = "axes.html"

  @OptionGroup var overwriting: ForceOption

  func run() throws {
    try printing {
      let page = try overwriting.file(output, named: "axes.html")
      let runs = try RunListing.sorted(try choice.records(), by: nil)
      guard runs.count > 1 else {
        throw CommandFailure(.data, "parallel axes need two runs or more, not \(runs.count)")
      }
      guard let metric = metric ?? Metric.main(of: runs) else {
        throw CommandFailure(.data, "none of these runs has metrics yet")
      }
      guard ParallelChart.values(of: metric, runs).contains(where: { $0 != nil }) else {
        throw CommandFailure(.data, "none of these runs has a value of '\(metric)'")
      }
      guard let chart = ParallelChart(runs, metric: metric) else {
        throw CommandFailure(.data, "these runs do not differ in their settings")
      }
      Notes.warn(Comparability.warnings(runs, metric: metric))
      try AtomicFile.write(chart.page(runs), to: page)
      return [page]
    }
  }
}
