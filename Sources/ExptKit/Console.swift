import ExptReport
import Foundation
import Synchronization

/// Where text goes: messages to stderr, results to stdout.
///
/// Names, paths and metrics come from files that anybody may have written, so characters that could
/// control a terminal are made printable here.
enum Console {
  /// A result, for a person or a script to use.
  ///
  /// If it cannot be written, the command continues, and ends with `ExitStatus.inputOutput`. A reader
  /// that has read enough and closed the pipe, such as `head`, is not an error.
  static func result(_ text: String) {
    // Colours are ours, where there are any; what they colour has been made printable.
    let kept = resultUsesColour ? "\n\t\u{1B}" : "\n\t"
    put(Words.printable(text, keeping: kept))
  }

  /// A path that a script may use: byte for byte, but on a terminal.
  static func path(_ path: String) {
    if resultIsTerminal { return result(path) }
    put(path)
  }

  private static func put(_ text: String) {
    guard let code = StandardStreams.write(text + "\n", to: STDOUT_FILENO), code != EPIPE else {
      return
    }
    let reason = code == EBADF ? "it is closed" : String(cString: strerror(code))
    lost.withLock { $0 = $0 ?? reason }
  }

  /// Why results could not be written; nil if all were.
  static var lostResults: String? { lost.withLock { $0 } }
  private static let lost = Mutex<String?>(nil)

  /// A message on stderr.
  static func note(_ text: String) { note("", text) }

  /// A fact that is only to be known.
  static func remark(_ text: String) { note(styled("note: ", .dim), text) }

  static func warning(_ text: String) { note(styled("warning: ", .yellow), text) }

  static func error(_ text: String) { note(styled("error: ", .red), text) }

  private static func note(_ title: String, _ text: String) {
    draw(title + Words.printable(text, keeping: "\n\t") + "\n")
  }

  /// Raw text on stderr, for a line that is drawn over. If it cannot be written, work continues.
  static func draw(_ text: String) {
    _ = StandardStreams.write(text, to: STDERR_FILENO)
  }

  static let errorIsTerminal = isatty(STDERR_FILENO) == 1
  static let resultIsTerminal = isatty(STDOUT_FILENO) == 1

  /// Colours only on a terminal, and not where `NO_COLOR` is set.
  static let usesColour = errorIsTerminal && allowsColour
  /// The same for results.
  static let resultUsesColour = resultIsTerminal && allowsColour
  private static let allowsColour =
    (Environment["NO_COLOR"] ?? "").isEmpty && Environment["TERM"] != "dumb"

  enum Colour: String {
    case red = "31"
    case yellow = "33"
    case dim = "2"
    case bold = "1"
  }

  static func styled(_ text: String, _ colour: Colour) -> String {
    usesColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Columns of the terminal on stderr; 80 if there is none.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Lines of the terminal on stderr; 24 if there is none.
  static var height: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return 24 }
    return Int(size.ws_row)
  }

  /// Columns for results: `COLUMNS` if it is set, else those of the terminal; 80 where there is
  /// none.
  static var resultWidth: Int { knownWidth ?? 80 }

  /// Columns for lists of runs or points: the same, but without bound if there is no terminal.
  static var listWidth: Int { knownWidth ?? .max / 2 }

  /// Columns for help.
  static var helpWidth: Int { min(100, resultWidth) }

  private static var knownWidth: Int? {
    if let columns = Environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 {
      return max(40, columns)
    }
    var size = winsize()
    for place in [STDOUT_FILENO, STDERR_FILENO]
    where ioctl(place, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 {
      return max(40, Int(size.ws_col))
    }
    return nil
  }

  /// The colour of a curve's text among the results: plain where they go to no terminal.
  static let curveColour: @Sendable (String, Int) -> String = { text, index in
    guard resultUsesColour else { return text }
    return "\u{1B}[\([36, 33, 35, 32, 34, 31][index % 6])m\(text)\u{1B}[0m"
  }

}

/// The process's environment variables.
enum Environment {
  static subscript(name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
