import ArgumentParser
import ExptFiles
import ExptReport

/// `expt diff RUN RUN`: why two runs differ.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what differs between two runs, and where each value came from.",
    discussion: """
      Settings with their origins, the data, the code and the machine; then whether the metrics \
      are the same. Exits with 0 whether they differ or not.
      """)

  @Argument(
    help: ArgumentHelp("The first run.", valueName: "run"), completion: Completions.run)
  var first: String

  @Argument(
    help: ArgumentHelp("The second run.", valueName: "run"), completion: Completions.run)
  var second: String

  @OptionGroup var place: RunsFolderOption

  @Flag(help: "Print JSON instead of tables.")
  var json = false

  func run() throws {
    try printing {
      let runs = [try read(first), try read(second)]
      Notes.warn(Comparability.substitutions(runs))
      Notes.warn(runs.compactMap { run in run.problem.map { "\(run.path): \($0)" } })
      let diff = RunDiff(runs[0], runs[1])
      if json { return [String(diff.json.pretty.dropLast())] }
      return [diff.text(width: Console.resultWidth)]
    }
  }

  /// One run; a folder of several is a mistake.
  private func read(_ word: String) throws -> RunRecord {
    let found = try place.records([word])
    guard found.count == 1 else {
      throw CommandFailure(
        .usage, "\(word) holds \(found.count) runs: name one, such as \(found[0].path)")
    }
    return found[0]
  }
}
