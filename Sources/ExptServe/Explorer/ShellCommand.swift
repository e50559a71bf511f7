import ExptFiles

/// A command as a person can paste it into a shell: it writes the bytes that the page shows.
struct ShellCommand {
  private var words: [String]

  init(_ command: String, _ path: String) { self.init(command, [path]) }
  init(_ command: String, _ paths: [String]) { words = ["expt", command] + paths }

  mutating func add(_ option: String) { words.append(option) }
  mutating func add(_ option: String, _ value: String) { words.append("\(option)=\(value)") }

  var text: String { words.map(Self.quoted).joined(separator: " ") }

  /// In single quotes, where a shell would take a character for more than itself.
  private static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || $0.properties.numericType != nil
          || "-_=.,/:+@%".unicodeScalars.contains($0))
    }
    if plain, !word.isEmpty { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  static func numbers(_ values: some Sequence<Float>) -> String {
    values.map { $0 == $0.rounded() && abs($0) < 1e6 ? "\(Int($0))" : "\($0)" }
      .joined(separator: ",")
  }
}
