import ExptComponents
import ExptDocument
import ExptReport

/// A setting of an experiment file that is being written, and why it is what it is.
struct StartingLine {
  var key: String
  /// The value as YAML on one line.
  var value: String
  /// Written above the line, as a comment; nil where the line says enough.
  var reason: String?

  init(_ key: String, _ value: String, because reason: String? = nil) {
    (self.key, self.value, self.reason) = (key, value, reason)
  }

  /// - Parameter text: Any text, quoted where YAML needs it.
  init(_ key: String, text: String, because reason: String? = nil) {
    let line = YAMLWriter.write([YAMLWriter.Entry(key, .text(text))])
    self.init(key, String(line.dropFirst(key.count + 2).dropLast()), because: reason)
  }

  /// - Parameter texts: A list of any texts.
  init(_ key: String, texts: [String], because reason: String? = nil) {
    let line = YAMLWriter.write([YAMLWriter.Entry(key, .list(texts.map { .text($0) }))])
    self.init(key, String(line.dropFirst(key.count + 2).dropLast()), because: reason)
  }

  /// A path as somebody gave it on the command line, where the shell has expanded what it expands.
  init(_ key: String, path: String, because reason: String? = nil) {
    self.init(key, text: WrittenPath(literal: path).written, because: reason)
  }

  /// `size: 64`.
  var yaml: String { "\(key): \(value)" }

  /// The line, below its reason.
  func lines(indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    return (reason.map { Self.comment($0, indent: indent) } ?? []) + [margin + yaml]
  }

  /// A comment in lines of at most 100 columns; what could steer a terminal or end the line is replaced.
  static func comment(_ text: String, indent: Int = 0) -> [String] {
    let lead = String(repeating: " ", count: indent) + "#"
    var lines: [String] = []
    var line = lead
    for word in Words.printable(text).split(separator: " ") {
      if line.count + word.count > 99, line != lead {
        lines.append(line)
        line = lead
      }
      line += " " + word
    }
    return lines + [line]
  }
}

extension WrittenPath {
  /// A path in which nothing is to be expanded: `$` and a `~` in front mean themselves.
  init(literal path: String) {
    let escaped = path.split(separator: "$", omittingEmptySubsequences: false)
      .joined(separator: "$$")
    self.init(path.hasPrefix("~") ? "./" + escaped : escaped)
  }
}

/// A word of a shell's command line.
enum ShellWord {
  /// The word in single quotes, where it needs them.
  static func quoted(_ word: String) -> String {
    let plain = "0123456789_-./=:@%+,".unicodeScalars
    let isPlain = word.unicodeScalars.allSatisfy {
      $0.isASCII && $0.properties.isAlphabetic || plain.contains($0)
    }
    if isPlain, !word.isEmpty, !word.hasPrefix("-") { return word }
    let parts = word.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: "'\\''") + "'"
  }
}
