import ArgumentParser
import ExptComponents
import ExptFiles
import ExptReport
import ExptRunFolder
import ExptTraining

/// What a shell offers when tab is pressed, asked of this program while the line is being typed.
///
/// The shell says what is typed so far, and drops from the answer what does not begin so.
enum Completions {
  /// A run: `latest`, names, folders' names; folders where a path is begun.
  static let run = kind { line in
    line.prefix.contains("/") || line.prefix.hasPrefix(".")
      ? folders(line.prefix) : RunFinder(line.runsFolder).words
  }

  /// A run, or a folder of runs.
  static let runOrFolder = kind { line in
    line.prefix.contains("/") || line.prefix.hasPrefix(".")
      ? folders(line.prefix) : RunFinder(line.runsFolder).words + folders(line.prefix)
  }

  /// `key.path=`, as the experiment file on the line has them, and the choices behind it.
  static let setting = kind { line in SettingCompletions(line).words }

  /// A metric of the runs there are.
  static let metric = kind { line in
    line.runs.flatMap { $0.manifest?.lastMetrics?.values.map(\.name) ?? [] }.unique
  }

  /// A setting, metric or field of the runs there are.
  static let field = kind { line in
    let names = RunFields.names(in: line.runs)
    return line.prefix.hasPrefix("-") ? names.map { "-" + $0 } : names
  }

  /// A role or a component, for `describe`.
  static let subject = kind { _ in DescribeCommand.subjects }

  /// A component of a role.
  static func components(of role: String) -> CompletionKind {
    kind { _ in Expt.catalog.ids(role: role) }
  }

  /// A sampler that was fitted to the run on the line.
  static let fittedSampler = kind { line in line.run?.samplers ?? [] }

  /// A checkpoint of the run on the line.
  static let checkpoint = kind { line in
    ["best", "last"] + (line.run.map { $0.checkpoints.epochs.map { "\($0)" } } ?? [])
  }

  private static func kind(
    _ words: @escaping @Sendable (CommandLineSoFar) -> [String]
  ) -> CompletionKind {
    let complete: @Sendable ([String], Int, String) -> [String] = { line, _, prefix in
      words(CommandLineSoFar(words: line, prefix: prefix))
    }
    return .custom(complete)
  }

  private static func folders(_ prefix: String) -> [String] {
    let folder =
      prefix.contains("/")
      ? String(prefix[...(prefix.lastIndex(of: "/") ?? prefix.startIndex)]) : ""
    let names = (try? FilePath.names(in: folder.isEmpty ? "." : folder)) ?? []
    return names.filter { !$0.hasPrefix(".") && FilePath.isFolder(FilePath.join(folder, $0)) }
      .map { FilePath.join(folder, $0) }
  }
}

/// A command line that is being typed.
struct CommandLineSoFar {
  var words: [String]
  /// What stands before the cursor of the word to complete.
  var prefix: String

  /// The value of `--runs`.
  var runsFolder: String { value(of: "--runs") ?? "runs" }

  /// The value of an option.
  func value(of option: String) -> String? {
    guard let place = words.firstIndex(of: option), place + 1 < words.count else { return nil }
    return words[place + 1]
  }

  /// The runs there are.
  var runs: [RunRecord] { (try? RunIndex.records([runsFolder])) ?? [] }

  /// The first word that means a run.
  var run: RunFolder? {
    let finder = RunFinder(runsFolder)
    return words.dropFirst(2).lazy.filter { !$0.hasPrefix("-") && $0 != prefix }
      .compactMap { try? finder.find($0) }.first
  }
}

extension [String] {
  /// Each once, in their order.
  var unique: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
