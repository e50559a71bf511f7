public import ExptDocument

/// One experiment of a sweep.
public struct Point: Sendable {
  /// From 1, in the order of the sweep file.
  public var number: Int
  /// The settings that the sweep varies, the seed last.
  public var assignments: [Assignment]
  /// The hash of its resolved experiment: what makes it the same point, however it is written.
  public var identity: String
  /// Its experiment with every setting, as a file.
  public var text: String
  public var epochs: Int
  /// What its files and its run folder are called.
  public var name: String

  public init(number: Int, assignments: [Assignment], resolved: ResolvedExperiment) {
    self.number = number
    self.assignments = assignments
    identity = resolved.identity
    text = resolved.text
    epochs = resolved.epochs
    let digits = String(number)
    name =
      String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-"
      + Self.short(resolved.identity)
  }

  /// The part of an identity that names hold.
  static func short(_ identity: String) -> String { String(identity.prefix(12)) }

  /// What the sweep varies, as text.
  var settings: [String: String] {
    Dictionary(assignments.map { ($0.key, $0.text) }, uniquingKeysWith: { $1 })
  }

  public subscript(key: String) -> String? { assignments.last { $0.key == key }?.text }
}

/// What a sweep has to know of an experiment; whoever knows experiments finds it out.
public struct ResolvedExperiment: Sendable {
  public var identity: String
  /// The experiment with every setting, as a file.
  public var text: String
  public var epochs: Int
  public var warnings: [Diagnostic]

  public init(identity: String, text: String, epochs: Int, warnings: [Diagnostic]) {
    self.identity = identity
    self.text = text
    self.epochs = epochs
    self.warnings = warnings
  }
}

/// Checks an experiment; the text is its name where the document gives none.
public typealias Resolve = (Document, String) throws(Diagnostics) -> ResolvedExperiment
