public import ExptComponents
public import ExptDocument

/// One experiment of a sweep.
public struct Point: Sendable {
  /// From 1, in the order of the sweep file.
  public var number: Int
  /// The settings that the sweep varies, the seed last.
  public var assignments: [Assignment]
  /// The hash of its resolved experiment: what makes it the same point, however it is written.
  public var identity: String
  /// Its experiment with every setting, as a file; nil for one of many seeds, of which it is made
  /// when it is needed.
  public var text: String?
  public var epochs: Int
  /// What its files and its run folder are called.
  public var name: String

  public init(number: Int, assignments: [Assignment], resolved: ResolvedExperiment) {
    self.init(
      number: number, assignments: assignments, identity: resolved.identity,
      epochs: resolved.epochs)
    text = resolved.text
  }

  init(number: Int, assignments: [Assignment], identity: String, epochs: Int) {
    self.number = number
    self.assignments = assignments
    self.identity = identity
    self.epochs = epochs
    name = ""
    renumber(number)
  }

  mutating func renumber(_ number: Int) {
    self.number = number
    let digits = String(number)
    name =
      String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-"
      + Self.short(identity)
  }

  /// The part of an identity that names hold.
  static func short(_ identity: String) -> String { String(identity.prefix(12)) }

  /// What the sweep varies, as text.
  var settings: [String: String] {
    Dictionary(assignments.map { ($0.key, $0.text) }, uniquingKeysWith: { $1 })
  }

  public subscript(key: String) -> String? { assignments.last { $0.key == key }?.text }
}

/// What a sweep needs to know about an experiment.
public struct ResolvedExperiment: Sendable {
  public var identity: String
  /// The experiment with every setting, as a file.
  public var text: String
  public var epochs: Int
  public var warnings: [Diagnostic]
  /// The identity of the same experiment with another seed, without checking it again.
  public var identityOfSeed: @Sendable (UInt64) -> String?

  public init(
    identity: String, text: String, epochs: Int, warnings: [Diagnostic],
    identityOfSeed: @escaping @Sendable (UInt64) -> String? = { _ in nil }
  ) {
    self.identity = identity
    self.text = text
    self.epochs = epochs
    self.warnings = warnings
    self.identityOfSeed = identityOfSeed
  }
}

/// Checks an experiment; the text is its name where the document gives none.
public typealias Resolve = (Document, String) throws(Diagnostics) -> ResolvedExperiment
