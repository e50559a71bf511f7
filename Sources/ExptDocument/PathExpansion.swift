#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Paths as people write them, for every place that takes one.
///
///     PathExpansion.ofProcess.expand("~/data/${SET}.npz")  // /home/ada/data/faces.npz
///
/// | written | stands for |
/// | --- | --- |
/// | `~`, `~/…` | the home folder, `$HOME` |
/// | `$NAME`, `${NAME}`, `${oc.env:NAME}` | a variable of the environment, which must be set |
/// | `${oc.env:NAME,default}` | it, or if it is not set the default, a path of this kind itself |
/// | `$$` | a dollar |
///
/// A `$` before anything else is itself, and `./~x` is a file called `~x`.
public struct PathExpansion: Sendable {
  /// What is wrong with a path: `the environment variable 'DATA' is not set`.
  public struct Problem: Error, Sendable, Hashable {
    /// A clause without a full stop.
    public var message: String
    /// What to write or do instead.
    public var help: String
  }

  /// A variable of the environment; one that is empty counts as not set, since `${DATA}/x` would
  /// then be `/x`.
  private let variable: @Sendable (String) -> String?

  public init(_ variable: @escaping @Sendable (String) -> String?) { self.variable = variable }

  public static let ofProcess = PathExpansion { name in getenv(name).map { String(cString: $0) } }

  public func expand(_ text: String) throws(Problem) -> String {
    try withHome(withVariables(text[...], depth: 0))
  }

  private func value(of name: some StringProtocol) throws(Problem) -> String {
    if let value = variable(String(name)), !value.isEmpty { return value }
    throw Problem(
      message: "the environment variable \(Diagnostic.quote(String(name))) is not set",
      help: "set it, or write the path in full; '$' refers to environment variables only")
  }

  private func withHome(_ text: String) throws(Problem) -> String {
    guard text.utf8.first == UInt8(ascii: "~") else { return text }
    let rest = text.dropFirst()
    if rest.isEmpty || rest.utf8.first == UInt8(ascii: "/") { return try value(of: "HOME") + rest }
    throw Problem(
      message: "\(Diagnostic.quote(path: text)) begins with '~', and only '~/' is expanded",
      help: "write the folder in full, or './\(text)' for a file of that name")
  }

  private func withVariables(_ text: Substring, depth: Int) throws(Problem) -> String {
    var result = ""
    var rest = text
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "$" {
        result += "$"
        rest = rest.dropFirst()
      } else if rest.first == "{" {
        let inside = try Self.braced(rest)
        result += try self.inside(inside, depth: depth + 1)
        rest = rest[inside.endIndex...].dropFirst()
      } else {
        let name = rest.prefix(while: Self.isName)
        result += Self.isVariable(name) ? try value(of: name) : "$" + name
        rest = rest[name.endIndex...]
      }
    }
    return result + rest
  }

  /// What stands for `${inside}`.
  private func inside(_ inside: Substring, depth: Int) throws(Problem) -> String {
    let resolver = "oc.env:"
    if Self.isVariable(inside) { return try value(of: inside) }
    let parts = inside.dropFirst(resolver.count)
      .split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    guard depth <= Limits.depth, inside.hasPrefix(resolver), let name = parts.first,
      Self.isVariable(Self.trimmed(name))
    else {
      throw Problem(
        message: "'${\(Diagnostic.quote(String(inside)).dropFirst().dropLast())}' is not expanded",
        help: "paths may use ${NAME} and ${oc.env:NAME,default} for environment variables; "
          + "settings cannot refer to one another")
    }
    let found = variable(String(Self.trimmed(name))) ?? ""
    guard found.isEmpty, parts.count == 2 else { return try value(of: Self.trimmed(name)) }
    return try withVariables(Self.unquoted(Self.trimmed(parts[1])), depth: depth)
  }

  /// The text between the braces that `text` begins with, which may hold others.
  private static func braced(_ text: Substring) throws(Problem) -> Substring {
    var depth = 0
    for index in text.indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" { depth -= 1 }
      if depth == 0 { return text[text.index(after: text.startIndex)..<index] }
    }
    throw Problem(
      message: "'$\(Diagnostic.quote(String(text)).dropFirst().dropLast())' has no closing '}'",
      help: "write '${NAME}', or '$$' for a dollar")
  }

  private static func isName(_ character: Character) -> Bool {
    character == "_" || character.isASCII && (character.isLetter || character.isNumber)
  }

  private static func isVariable(_ text: Substring) -> Bool {
    guard let first = text.first else { return false }
    return !first.isNumber && text.allSatisfy(isName)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " }
    while text.last == " " { text = text.dropLast() }
    return text
  }

  private static func unquoted(_ text: Substring) -> Substring {
    for quote: Character in ["'", "\""]
    where text.count >= 2 && text.first == quote && text.last == quote {
      return text.dropFirst().dropLast()
    }
    return text
  }
}
