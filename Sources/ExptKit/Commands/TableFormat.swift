import ArgumentParser
import ExptReport

/// How a command prints a table.
struct TableFormat: ParsableArguments {
  @Flag(help: "Print JSON instead of tables.")
  var json = false

  @Flag(help: "Print CSV instead of tables.")
  var csv = false

  func validate() throws {
    if json && csv { throw ValidationError("--json and --csv cannot be combined") }
  }
}

/// What commands that read runs say beside their results, on stderr.
enum Notes {
  /// Warnings, of which more than ten are counted.
  static func warn(_ sentences: [String]) {
    for sentence in sentences.prefix(10) { Console.warning(sentence) }
    if sentences.count > 10 { Console.warning("and \(sentences.count - 10) more like these") }
  }

  /// Columns that a window had no room for.
  static func hidden(_ titles: [String]) {
    guard !titles.isEmpty else { return }
    Console.note(
      "No room for \(titles.joined(separator: ", ")): widen the window, or see --csv and --json.")
  }

  /// - Throws: A mistake in the option's value as a usage error, with a caret below it.
  static func inOption<Value>(
    _ option: String, _ body: () throws -> Value
  ) throws -> Value {
    do { return try body() } catch let problem as QueryProblem {
      throw CommandFailure(.usage, "\(option): \(problem.rendered)")
    }
  }

  /// A sentence in lines of at most `width`.
  static func wrapped(_ text: String, _ width: Int) -> String {
    var lines = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= width {
        lines[lines.count - 1] = line + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.joined(separator: "\n")
  }
}
