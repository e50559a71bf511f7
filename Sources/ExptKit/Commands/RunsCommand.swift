import ArgumentParser
import ExptFiles
import ExptReport

/// `expt runs [DIR]`: the runs there are.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List runs, with the settings in which they differ.",
    usage: "expt runs [<folder> ...] [<options>]",
    discussion: """
      A condition can use settings (model.beta), metrics (validation_loss, best.validation_loss) and \
      \(RunFields.described.map(\.name).joined(separator: ", ")). Compare with == != < <= > \
      >=, in [a, b], and ~ (contains); combine with and, or, not and parentheses. Ages have \
      units: age < 2h. A value that a run does not have is null. A setting may be shortened to \
      its last part (beta) if no other setting ends in it. For example

        expt runs --where 'model.beta > 1 and age < 2d' --sort validation_loss

      A metric is the last epoch's; best.NAME is its value in the epoch with the best weights, \
      shown after @ in the table. A run whose process died is interrupted; one that claims to run \
      on another machine, which cannot be asked, is unknown.
      """)

  @OptionGroup var choice: RunChoice

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A setting, metric or field to sort by, -KEY from high to low; default: newest first.",
      valueName: "key"), completion: Completions.field)
  var sort: String?

  @Option(
    name: .short("n", "limit"),
    help: ArgumentHelp("Only the first N runs, after sorting.", valueName: "number"))
  var limit: Int?

  @OptionGroup var format: TableFormat

  @Flag(
    help: """
      A column for every setting, not only for those that differ, so that the columns do not \
      depend on the runs listed.
      """)
  var allSettings = false

  @Flag(help: "Print only the paths, one per line.")
  var paths = false

  func validate() throws {
    try Self.check("--limit", limit, in: 0...Int.max)
    if paths && (format.json || format.csv) {
      throw ValidationError("--paths, --json and --csv cannot be combined")
    }
    if allSettings && (format.json || paths) {
      throw ValidationError(
        "--all-settings works with tables and --csv; --json always has all of them")
    }
  }

  func run() throws {
    try printing {
      let listing = RunListing(try chosen(), allSettings: allSettings)
      Notes.warn(Comparability.substitutions(listing.runs) + listing.problems)
      if paths {
        for run in listing.runs { Console.path(run.path) }
        return []
      }
      if format.json { return [listing.json] }
      if format.csv { return [String(listing.csv.dropLast())] }
      if listing.runs.isEmpty { return [] }
      let (text, hidden) = listing.table(width: Console.listWidth)
      Console.result(text)
      Notes.hidden(hidden)
      return []
    }
  }

  private func chosen() throws -> [RunRecord] {
    let runs = try choice.records()
    let sorted = try Notes.inOption("--sort") { try RunListing.sorted(runs, by: sort) }
    return limit.map { Array(sorted.prefix($0)) } ?? sorted
  }
}

/// Runs of some folders that match a condition.
struct RunChoice: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Folders of runs, or runs. Default: the folder of --runs.", valueName: "folder"),
    completion: Completions.runOrFolder)
  var folders: [String] = []

  @OptionGroup var place: RunsFolderOption

  @Option(
    name: [.customShort("w"), .customLong("where")],
    help: ArgumentHelp("Only runs that match this condition.", valueName: "condition"),
    completion: Completions.field)
  var condition: String?

  @Flag(help: "Archived runs too: see 'expt archive'.")
  var archived = false

  func records() throws -> [RunRecord] {
    var runs = try place.records(folders.isEmpty ? [place.runs] : folders)
    if !archived {
      let hidden = runs.count(where: \.notes.isArchived)
      runs.removeAll(where: \.notes.isArchived)
      if hidden > 0 {
        Console.note("\(Words.count(hidden, "archived run")) left out; --archived shows them")
      }
    }
    guard let condition else { return runs }
    let query = try Notes.inOption("--where") { try Query(condition) }
    let chosen = try Notes.inOption("--where") { try query.filter(runs) }
    Notes.warn(query.hints(runs))
    if chosen.isEmpty { Console.note("No run matches \(condition) (of \(runs.count)).") }
    return chosen
  }
}
