/// Everything found wrong with an experiment, reported together.
public struct Diagnostics: Error, Sendable {
  public var all: [Diagnostic]

  public init(_ all: [Diagnostic] = []) { self.all = all }
  public init(_ one: Diagnostic) { all = [one] }

  public var isEmpty: Bool { all.isEmpty }
  public var hasErrors: Bool { all.contains { $0.severity == .error } }

  public mutating func append(_ diagnostic: Diagnostic) { all.append(diagnostic) }
  public mutating func append(contentsOf other: Diagnostics) { all += other.all }

  /// Throws `self` if it holds an error; warnings alone pass.
  public func throwErrors() throws(Diagnostics) {
    if hasErrors { throw self }
  }

  /// The diagnostics without repetitions, in file order: files as they first appear, then line
  /// and column; those without a place come last.
  public var sorted: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    var fileOrder: [String: Int] = [:]
    var unique: [(file: Int, place: SourceLocation, index: Int, diagnostic: Diagnostic)] = []
    for diagnostic in all where seen.insert(diagnostic).inserted {
      var file = Int.max
      if let name = diagnostic.span?.file {
        file = fileOrder[name] ?? fileOrder.count
        fileOrder[name] = file
      }
      let place = diagnostic.span?.start ?? SourceLocation(line: 0, column: 0)
      unique.append((file, place, unique.count, diagnostic))
    }
    unique.sort { ($0.file, $0.place, $0.index) < ($1.file, $1.place, $1.index) }
    return unique.map(\.diagnostic)
  }

  /// Each diagnostic with its line and caret, then a line that counts them.
  public var rendered: String {
    let sorted = self.sorted
    guard !sorted.isEmpty else { return "" }
    var parts = sorted.prefix(Limits.printed).map(\.rendered)
    if sorted.count > Limits.printed {
      parts.append("… and \(sorted.count - Limits.printed) more")
    }
    let errors = sorted.count { $0.severity == .error }
    let counts = [Self.count(errors, "error"), Self.count(sorted.count - errors, "warning")]
    parts.append(counts.compactMap(\.self).joined(separator: ", "))
    return parts.joined(separator: "\n")
  }

  private static func count(_ number: Int, _ noun: String) -> String? {
    number == 0 ? nil : "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}

extension Diagnostics: CustomStringConvertible {
  public var description: String { rendered }
}
