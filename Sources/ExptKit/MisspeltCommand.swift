import ExptDocument
import ExptFiles

/// `expt comapre` would train the experiment file of this name.
enum MisspeltCommand {
  /// - Parameter word: What stands where a command or an experiment file is expected.
  /// - Throws: `CommandFailure` if it is neither.
  static func refuse(_ word: String) throws(CommandFailure) {
    let isName =
      !word.isEmpty && !word.hasPrefix("-") && !["/", ".", "="].contains { word.contains($0) }
    let commands = RootCommand.configuration.subcommands.compactMap {
      $0.configuration.commandName
    }
    guard isName, !(commands + ["help"]).contains(word), !FilePath.exists(word) else { return }
    let begun = commands.filter { $0.hasPrefix(word) }
    let meant =
      synonyms[word] ?? (begun.count == 1 ? begun.first : closestMatch(to: word, among: commands))
    let advice = meant.map { "did you mean 'expt \($0)'?" }
    throw CommandFailure(
      .usage,
      "there is no command '\(word)', and no experiment file of that name: "
        + (advice ?? "'expt --help' lists the commands"))
  }

  /// What these commands are called in other programs.
  private static let synonyms = [
    "new": "init", "create": "init", "start": "init", "train": "run", "resume": "run --resume",
    "validate": "check", "list": "runs",
    "ls": "runs", "generate": "sample", "plot": "report", "lr_find": "lr", "lr-find": "lr",
  ]
}
