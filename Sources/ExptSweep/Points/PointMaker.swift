public import ExptComponents
public import ExptDocument

/// Makes the points of a sweep from its file.
public struct PointMaker {
  public let file: SweepFile
  private let base: Document
  private let name: String
  private let resolve: Resolve
  /// What is valid but suspicious, in the sweep file and in any of the points.
  public private(set) var warnings = Diagnostics()
  private var seenWarnings: Set<Diagnostic> = []
  /// Points that were drawn and make no valid model.
  public internal(set) var skipped: [SkippedPoint] = []
  /// Resolved experiments that between them show the values of each setting, of many the first.
  public private(set) var samples: [String] = []
  private var seenValues: [String: Set<CoreValue>] = [:]

  /// How often a point that makes no valid model is drawn again.
  static let tries = 100

  /// Reads the base experiment.
  public init(_ file: SweepFile, resolve: @escaping Resolve) throws(Diagnostics) {
    self.file = file
    self.resolve = resolve
    switch file.base {
    case .inline(let node):
      base = try Document.inside(node, file: file.path)
      name = file.name
    case .file(let path, let span):
      do { base = try Document.load(path: path) } catch {
        throw Diagnostics(
          error.all.map { problem in
            var placed = problem
            placed.span = problem.span ?? span
            return placed
          })
      }
      let last = path.split(separator: "/").last.map(String.init) ?? path
      name = last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
    }
    for warning in file.warnings { note(warning) }
  }

  mutating func note(_ warning: Diagnostic) {
    if seenWarnings.insert(warning).inserted { warnings.append(warning) }
  }

  /// One point.
  public mutating func point(
    _ number: Int, _ assignments: [Assignment]
  ) throws(Diagnostics) -> Point {
    Point(number: number, assignments: assignments, resolved: try resolved(assignments))
  }

  /// A point for each seed; the experiment is checked once, since no seed fits worse than another.
  mutating func points(
    _ assignments: [Assignment], seeds: [UInt64], from number: Int
  ) throws(Diagnostics) -> [Point] {
    guard let first = seeds.first else { return [try point(number, assignments)] }
    let checked = try resolved(assignments.settingSeed(first))
    return try seeds.enumerated().map { index, seed throws(Diagnostics) in
      let seeded = assignments.settingSeed(seed)
      if index == 0 { return Point(number: number, assignments: seeded, resolved: checked) }
      guard let identity = checked.identityOfSeed(seed) else {
        return try point(number + index, seeded)
      }
      return Point(
        number: number + index, assignments: seeded, identity: identity, epochs: checked.epochs)
    }
  }

  /// A point's experiment with every setting, as a file.
  mutating func text(of point: Point) throws(Diagnostics) -> String {
    if let text = point.text { return text }
    return try resolved(point.assignments).text
  }

  private mutating func resolved(
    _ assignments: [Assignment]
  ) throws(Diagnostics) -> ResolvedExperiment {
    var overrides: [Override] = []
    var problems = Diagnostics()
    for assignment in assignments {
      do { overrides.append(try assignment.override()) } catch {
        problems.append(contentsOf: error)
      }
    }
    try problems.throwErrors()
    let resolved = try resolve(base.applying(overrides), name)
    for warning in resolved.warnings { note(warning) }
    sample(resolved, assignments)
    return resolved
  }

  private mutating func sample(_ resolved: ResolvedExperiment, _ assignments: [Assignment]) {
    guard samples.count < 200 else { return }
    let isNew = assignments.reduce(false) { isNew, one in
      guard one.key != "seed" else { return isNew }
      return seenValues[one.key, default: []].insert(one.meaning).inserted || isNew
    }
    if isNew { samples.append(resolved.text) }
  }
}

/// A point that was drawn, and why there is no run of it.
public struct SkippedPoint: Sendable {
  public var assignments: [Assignment]
  /// In a sentence, or the first of several.
  public var reason: String

  init(_ assignments: [Assignment], _ problems: Diagnostics) {
    self.assignments = assignments
    reason = problems.sorted.first { $0.severity == .error }?.message ?? "it is not valid"
  }

  init(_ assignments: [Assignment], reason: String) {
    self.assignments = assignments
    self.reason = reason
  }
}

extension [Assignment] {
  func settingSeed(_ seed: UInt64) -> [Assignment] {
    let value = Node(.scalar(Scalar(String(seed))), origin: .defaultValue)
    return setting([Assignment(key: "seed", value: value)])
  }
}
