import ExptComponents
public import ExptDocument

extension PointMaker {
  /// The points, each resolved and found valid; of equal ones the first.
  ///
  /// What a grid, zip or chain says is checked as a whole: one point that fits no model is a mistake
  /// in the file. Of what is drawn at random, only a value that fits with nothing else is; a point
  /// whose values do not fit together is drawn again.
  ///
  /// - Throws: Every mistake in any of them, together, at its place in the sweep file.
  public mutating func points() throws(Diagnostics) -> (points: [Point], repeated: Int) {
    if let draws = file.search?.draws {
      try checkEnds(of: draws.settings, beside: (0..<20).map { draws.point($0) })
      return ([], 0)
    }
    let all = file.space.points()
    let draws = file.space.draws
    if !draws.isEmpty {
      try checkEnds(of: draws.flatMap(\.settings), beside: Array(all.prefix(20)))
    }
    noteSilentConditions(all)
    var collector = Collector()
    for assignments in all {
      try make(assignments, draws, &collector)
      if collector.problems.all.count > 1000 { break }
    }
    try collector.allProblems.throwErrors()
    let made = collector.made
    return (file.limits.runs.map { Array(made.prefix($0)) } ?? made, collector.repeated)
  }

  /// What came of the points so far.
  private struct Collector {
    var made: [Point] = []
    var repeated = 0
    var seen: Set<String> = []
    var problems = Diagnostics()
    /// By what is not drawn in a point: the problems of those points, and whether one of them works.
    var drawn: [[CoreValue]: (works: Bool, problems: Diagnostics)] = [:]
    var nextDraw = 0

    mutating func add(_ points: [Point]) {
      for var point in points {
        guard seen.insert(point.identity).inserted else {
          repeated += 1
          continue
        }
        point.renumber(made.count + 1)
        made.append(point)
      }
    }

    /// Those of points that nothing drawn makes work are mistakes too.
    var allProblems: Diagnostics {
      var all = problems
      for group in drawn.values where !group.works { all.append(contentsOf: group.problems) }
      return all
    }
  }

  private mutating func make(
    _ assignments: [Assignment], _ draws: [Draws], _ collector: inout Collector
  ) throws(Diagnostics) {
    let fixed = assignments.filter { one in !draws.contains { $0.drew(one) } }
    let isDrawn = fixed.count < assignments.count
    let group = fixed.flatMap { [.text(Array($0.key.utf8)), $0.meaning] }
    var candidate: [Assignment]? = assignments
    let isHopeless = collector.drawn[group].map { !$0.works } ?? false
    for attempt in 0...(isDrawn && !isHopeless ? Self.tries : 0) {
      guard let point = candidate else { break }
      do {
        let number = collector.made.count + 1
        collector.add(try points(point, seeds: file.seeds, from: number))
        if isDrawn { collector.drawn[group, default: (true, Diagnostics())].works = true }
        return
      } catch {
        guard isDrawn else { return collector.problems.append(contentsOf: error) }
        skipped.append(SkippedPoint(point, error))
        if attempt == 0 {
          collector.drawn[group, default: (false, Diagnostics())].problems
            .append(contentsOf: error)
        }
      }
      candidate = redrawn(assignments, draws, &collector.nextDraw)
    }
  }

  /// The point with other draws; nil if none of a hundred leaves the same parts of the space in it.
  private func redrawn(
    _ point: [Assignment], _ draws: [Draws], _ next: inout Int
  ) -> [Assignment]? {
    func holds(_ point: [Assignment]) -> [Bool] {
      file.space.conditions.map { $0.allSatisfy { $0.holds(for: point) } }
    }
    let wanted = holds(point)
    for _ in 0..<Self.tries {
      next += 1
      let other = draws.reduce(point) { $1.redrawing($0, $1.count + next - 1) }
      if holds(other) == wanted { return other }
    }
    return nil
  }

  /// Warns of parts that no point has.
  private mutating func noteSilentConditions(_ points: [[Assignment]]) {
    for conditions in file.space.conditions {
      guard let first = conditions.first,
        !points.contains(where: { point in conditions.allSatisfy { $0.holds(for: point) } })
      else { continue }
      note(
        .warning(
          .sweep, "no point satisfies this condition: its part is left out", at: first.keySpan))
    }
  }
}

extension Draws {
  /// Whether a value of a point came from here.
  func drew(_ assignment: Assignment) -> Bool {
    settings.contains { $0.key == assignment.key && $0.keySpan == assignment.keySpan }
  }

  /// The point with the `number`th draw for what came from here.
  func redrawing(_ point: [Assignment], _ number: Int) -> [Assignment] {
    let new = self.point(number)
    return point.map { old in
      drew(old) ? new.first { $0.key == old.key } ?? old : old
    }
  }
}
