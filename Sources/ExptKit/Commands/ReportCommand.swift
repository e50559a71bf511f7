import ArgumentParser
import ExptFiles
import ExptReport

/// `expt report RUN… | DIR…`: one page to look at.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write one HTML page about a run, or about several side by side.",
    discussion: """
      The page has everything inside: it needs no network and can be mailed. One run: settings, \
      curves, latent space, pictures, diagnosis. Several: the settings that differ, curves over each \
      other with bands over seeds, the same images reconstructed. Prints the page's path.
      """)

  @Argument(help: "Runs, or folders of runs.", completion: .directory)
  var runs: [String]

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The file to write.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output = "report.html"

  @Option(help: "The metric to rank by; default: validation_loss, else train_loss.")
  var metric: String?

  func run() throws {
    try printing {
      let records = try RunIndex.records(runs)
      let comparison = try Notes.inOption("--metric") { try Comparison(records, metric: metric) }
      Notes.warn(comparison.notes)
      guard !comparison.groups.isEmpty else {
        throw CommandFailure(.data, "none of these runs can be read")
      }
      if let first = comparison.reasons.first { Notes.warn(["not ranked: \(first)"]) }
      try Report(comparison).write(to: output)
      return [output]
    }
  }
}
