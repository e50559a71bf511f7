public import ExptDocument

/// Makes the points of a sweep from its file.
public struct PointMaker {
  public let file: SweepFile
  private let base: Document
  private let name: String
  private let resolve: Resolve
  /// What is legal and suspicious, in any of the points.
  public private(set) var warnings = Diagnostics()

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
  }

  /// The points, each resolved and found valid; of equal ones the first.
  ///
  /// - Throws: Every mistake in any of them, together, at its place in the sweep file.
  public mutating func points() throws(Diagnostics) -> (points: [Point], repeated: Int) {
    if case .tpe(let tpe) = file.search {
      try check(tpe)
      return ([], 0)
    }
    var made: [Point] = []
    var seen: Set<String> = []
    var problems = Diagnostics()
    var repeated = 0
    for assignments in withSeeds(file.space.points()) {
      do {
        let point = try self.point(made.count + 1, assignments)
        if seen.insert(point.identity).inserted { made.append(point) } else { repeated += 1 }
      } catch {
        problems.append(contentsOf: error)
        if problems.all.count > 1000 { break }
      }
    }
    try problems.throwErrors()
    return (file.limits.runs.map { Array(made.prefix($0)) } ?? made, repeated)
  }

  /// One point.
  public mutating func point(
    _ number: Int, _ assignments: [Assignment]
  ) throws(Diagnostics) -> Point {
    var overrides: [Override] = []
    var problems = Diagnostics()
    for assignment in assignments {
      do { overrides.append(try assignment.override()) } catch {
        problems.append(contentsOf: error)
      }
    }
    try problems.throwErrors()
    let resolved = try resolve(base.applying(overrides), name)
    for warning in resolved.warnings { warnings.append(warning) }
    return Point(number: number, assignments: assignments, resolved: resolved)
  }

  private func withSeeds(_ points: [[Assignment]]) -> [[Assignment]] {
    if file.seeds.isEmpty { return points }
    return points.flatMap { point in
      file.seeds.map { seed in
        let value = Node(.scalar(Scalar(String(seed))), origin: .defaultValue)
        return point.setting([Assignment(key: "seed", keySpan: nil, value: value)])
      }
    }
  }

  /// Tries the ends of every range: what is drawn later lies between them.
  private mutating func check(_ tpe: TPE) throws(Diagnostics) {
    var problems = Diagnostics()
    let first = Draws(count: 1, seed: tpe.seed, settings: tpe.settings).point(0)
    for setting in tpe.settings {
      for value in setting.distribution.extremes(span: setting.span) {
        let end = Assignment(key: setting.key, keySpan: setting.keySpan, value: value)
        do { _ = try point(1, first.setting([end])) } catch {
          problems.append(contentsOf: error)
        }
      }
    }
    try problems.throwErrors()
  }
}
