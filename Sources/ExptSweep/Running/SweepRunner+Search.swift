import ExptComponents
import ExptDocument
import ExptFiles

/// What a search that chooses the points itself adds.
extension SweepRunner {
  /// Adds a point.
  ///
  /// - Returns: Whether there is one; false if a hundred draws in a row give none, which ends the
  ///   search.
  func propose(_ search: any Search) throws -> Bool {
    var invalid = 0
    var repeated = 0
    while invalid < PointMaker.tries, repeated < PointMaker.tries {
      let number = states.count + skipped.count
      let settings =
        repeated == 0
        ? search.propose(number, after: results) : other(than: search, number, repeated)
      let meanings = settings.map(\.meaning)
      // Of a few whole numbers a search can choose the same twice: nothing is gained by it.
      if skipped.contains(where: { $0.assignments.map(\.meaning) == meanings }) {
        repeated += 1
        continue
      }
      let point: Point
      do { point = try maker.point(states.count + 1, settings) } catch {
        invalid += 1
        try skip(SkippedPoint(settings, error))
        continue
      }
      if states.contains(where: { $0.point.identity == point.identity }) {
        repeated += 1
        continue
      }
      try add(point)
      return true
    }
    endOfSearch =
      invalid < PointMaker.tries
      ? "\(PointMaker.tries) draws in a row were points already tried: there may be no others"
      : "\(PointMaker.tries) draws in a row make no valid model; the last: \(skipped.last?.reason ?? "")"
    return false
  }

  /// A random point, where a search has nothing new to propose.
  private func other(than search: any Search, _ number: Int, _ attempt: Int) -> [Assignment] {
    guard var draws = search.draws else { return [] }
    draws.seed ^= UInt64(attempt) << 32
    return draws.point(number)
  }

  private func add(_ point: Point) throws {
    var points = [point]
    try folder.name(&points)
    try ledger.append(
      "proposed", point: points[0].name,
      details: [
        ("identity", .string(point.identity)), ("settings", point.assignments.ledgerValue),
      ])
    states.append(PointState(points[0]))
  }

  /// What the search learns from: what ended, in that order, and what could not even begin.
  private var results: [TrialResult] {
    states.filter { $0.stage == .finished || $0.stage == .failed }
      .sorted { (order[$0.point.number] ?? .max) < (order[$1.point.number] ?? .max) }
      .map { TrialResult(settings: $0.point.assignments, value: lowerIsBetter($0)) }
      + skipped.map { TrialResult(settings: $0.assignments, value: .infinity) }
  }

  private func lowerIsBetter(_ state: PointState) -> Double {
    guard state.stage == .finished else { return .infinity }
    return state.bestByEpoch.values.min() ?? .infinity
  }

  /// The points that a search proposed before, in their order.
  static func proposed(_ events: [JSONValue], _ maker: inout PointMaker) -> [Point] {
    let spans = maker.file.spansOfDrawn
    var points: [Point] = []
    for event in events where event["event"]?.string == "proposed" {
      let assignments = [Assignment](event["settings"], spans: spans)
      guard let point = try? maker.point(points.count + 1, assignments),
        point.identity == event["identity"]?.string
      else { continue }
      points.append(point)
    }
    return points
  }
}

/// Points that were drawn and make no valid model.
extension SweepRunner {
  /// Those that the ledger knows.
  static func skipped(_ events: [JSONValue], _ maker: PointMaker) -> [SkippedPoint] {
    let spans = maker.file.spansOfDrawn
    var seen: Set<JSONValue> = []
    return events.compactMap { event in
      guard event["event"]?.string == "skipped", let settings = event["settings"],
        seen.insert(settings).inserted
      else { return nil }
      return SkippedPoint(
        [Assignment](settings, spans: spans), reason: event["reason"]?.string ?? "")
    }
  }

  /// Writes down those that the points of this sweep were drawn in place of.
  func noteSkipped() throws {
    var known = Set(skipped.map(\.assignments.ledgerValue))
    for point in maker.skipped where known.insert(point.assignments.ledgerValue).inserted {
      try skip(point)
    }
  }

  private func skip(_ point: SkippedPoint) throws {
    skipped.append(point)
    try ledger.append(
      "skipped",
      details: [
        ("settings", point.assignments.ledgerValue), ("reason", .string(point.reason)),
      ])
  }
}

extension SweepFile {
  /// Each setting that the sweep varies, with its place in the file.
  var spansOfDrawn: [String: SourceSpan?] {
    var spans: [String: SourceSpan?] = [:]
    for key in space.keys { spans[key] = .some(nil) }
    for draws in space.draws {
      for setting in draws.settings { spans[setting.key] = .some(setting.keySpan) }
    }
    if let draws = search?.draws {
      for setting in draws.settings { spans[setting.key] = .some(setting.keySpan) }
    }
    return spans
  }
}
