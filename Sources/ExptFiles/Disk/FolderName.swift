/// Which names can be those of an experiment, a sweep or anything else that gets a folder of its
/// name: the one rule, for `name:`, `--name`, sweeps, and what makes folders.
///
/// A name is letters of any script, digits, inner spaces and punctuation. Not taken are separators
/// and the marks that no name on Windows may hold, control characters and what nobody sees, `-` in
/// front (an option), `.` in front (hidden) and `~` in front (a home folder).
public enum FolderName {
  /// Bytes in UTF-8. File systems take 255; the rest is room for endings such as `.html`.
  public static let longest = 200

  /// The rule in a sentence, for remedies.
  public static let rule =
    "begin with a letter or digit; then letters, digits, inner spaces and punctuation, but none of "
    + "\(reserved.map(String.init).joined(separator: " ")); at most \(longest) bytes"

  /// Why a name cannot be a folder's, to be said after it: `begins with '-'`; nil if it can.
  public static func problem(with name: String) -> String? {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, let last = scalars.last else { return "is empty" }
    if let bad = scalars.first(where: isRefused) { return "contains \(title(bad))" }
    if name.contains("${") { return "contains '${', which is not expanded here" }
    if first == "-" || first == "." || first == "~" { return "begins with '\(first)'" }
    if first == " " { return "begins with a space" }
    if last == " " { return "ends with a space" }
    let bytes = name.utf8.count
    return bytes > longest ? "has \(bytes) bytes" : nil
  }

  private static let reserved: [Unicode.Scalar] = ["/", "\\", ":", "*", "?", "\"", "<", ">", "|"]

  private static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == " " { return false }
    if reserved.contains(scalar) { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate:
      return true
    default: return scalar.properties.isNoncharacterCodePoint
    }
  }

  /// `'/'`, or `U+200B` for what cannot be seen.
  private static func title(_ scalar: Unicode.Scalar) -> String {
    if reserved.contains(scalar) { return "'\(scalar)'" }
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    switch scalar.properties.generalCategory {
    case .control: return "the control character \(code)"
    case .spaceSeparator: return "the unusual space \(code)"
    default: return "the invisible character \(code)"
    }
  }
}
