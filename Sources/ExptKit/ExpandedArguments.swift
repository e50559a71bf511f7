import ExptDocument
import ExptFiles

/// The program's arguments with the paths expanded that the shell left alone: that of
/// `--runs=~/runs`, and those in quotes or given by a program.
///
/// What may be a path is an argument, or the value of `--option=value`, that begins with `~` or in
/// which a `$` has no `=` before it (settings, as in `--set root=~/x`, expand their own). One that
/// is there as it is written is left as it is.
enum ExpandedArguments {
  static func expand(
    _ arguments: [String], by expansion: PathExpansion = .ofProcess
  ) throws(CommandFailure) -> [String] {
    var expanded: [String] = []
    for argument in arguments {
      let (option, value) = split(argument)
      guard isWrittenPath(value) else {
        expanded.append(argument)
        continue
      }
      do {
        expanded.append(option + (try expansion.expand(String(value))))
      } catch {
        throw CommandFailure(.usage, "\(argument): \(error.message)\n\(error.help)")
      }
    }
    return expanded
  }

  /// `--runs=` and `~/runs`; nothing and the argument where it is not of that form.
  private static func split(_ argument: String) -> (option: String, value: Substring) {
    guard argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") else {
      return ("", argument[...])
    }
    let start = argument.index(after: equals)
    return (String(argument[..<start]), argument[start...])
  }

  private static func isWrittenPath(_ value: Substring) -> Bool {
    if value == "~" || value.hasPrefix("~/") { return true }
    guard let dollar = value.firstIndex(of: "$"), !value[..<dollar].contains("=") else {
      return false
    }
    return !FilePath.exists(String(value))
  }
}
