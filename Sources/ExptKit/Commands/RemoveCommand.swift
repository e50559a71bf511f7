import ArgumentParser
import ExptFiles
import ExptReport
import ExptRunFolder
import Foundation

/// `expt rm RUN…`: removes run folders, after a question.
struct RemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm",
    abstract: "Remove runs with all their files, after a question.",
    usage: "expt rm <run> ... [<options>]",
    discussion: """
      Removes what training wrote and what commands made of it, for good. A run that is being trained \
      is refused, and so is a folder that is no run. 'expt archive' hides runs and keeps them. Prints \
      the path of each run that was removed.
      """)

  @Argument(help: ArgumentHelp("Runs.", valueName: "run"), completion: Completions.run)
  var runs: [String]

  @OptionGroup var place: RunsFolderOption

  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  func run() throws {
    try printing {
      var folders: [RunFolder] = []
      for folder in try runs.map(place.find) where !folders.contains(folder) {
        folders.append(folder)
      }
      // Held until all are removed: nobody may begin to train in them.
      let locks = try folders.map { try $0.lock() }
      defer { withExtendedLifetime(locks) {} }
      guard try isConfirmed(folders) else { return [] }
      for folder in folders { try remove(folder) }
      return folders.map(\.path)
    }
  }

  private func isConfirmed(_ folders: [RunFolder]) throws -> Bool {
    if yes { return true }
    for folder in folders { Console.note("  " + folder.path) }
    guard isatty(STDIN_FILENO) == 1 else {
      throw CommandFailure(
        .usage,
        "'expt rm' asks before it removes \(Words.count(folders.count, "run")), and nobody can "
          + "answer here: give --yes")
    }
    Console.draw("Remove \(Words.count(folders.count, "run")) for good? [y/N] ")
    return ["y", "yes"].contains((readLine() ?? "").lowercased())
  }

  /// Links in it are removed, and what they lead to stays.
  private func remove(_ folder: RunFolder) throws {
    do { try FileManager.default.removeItem(atPath: folder.path) } catch {
      throw CommandFailure(
        .inputOutput, "\(folder.path): cannot remove it: \(error.localizedDescription)")
    }
  }
}
