import ExptDocument
import ExptFiles

/// What a search that chooses the points itself adds.
extension SweepRunner {
  func propose(_ tpe: TPE) throws -> Int {
    let results = states.filter { $0.stage == .finished || $0.stage == .failed }
      .sorted { (order[$0.point.number] ?? .max) < (order[$1.point.number] ?? .max) }
      .map { TPE.Result(point: $0.point.assignments, value: lowerIsBetter($0)) }
    let number = states.count
    var point = try maker.point(number + 1, tpe.propose(number, after: results))
    // Of a few whole numbers a search can choose the same twice: nothing is gained by a second run.
    var extra = 0
    while states.contains(where: { $0.point.identity == point.identity }), extra < 100 {
      extra += 1
      let draws = Draws(count: 1, seed: tpe.seed ^ UInt64(extra) << 32, settings: tpe.settings)
      point = try maker.point(number + 1, draws.point(number))
    }
    var points = [point]
    try folder.prepare(&points)
    try ledger.append(
      "proposed", point: points[0].name,
      details: [
        ("identity", .string(point.identity)),
        (
          "settings",
          .array(point.assignments.map { .array([.string($0.key), .string($0.text)]) })
        ),
      ])
    states.append(PointState(points[0]))
    return states.count - 1
  }

  func lowerIsBetter(_ state: PointState) -> Double {
    guard state.stage == .finished else { return .infinity }
    return state.bestByEpoch.values.min() ?? .infinity
  }

  /// The points that a search proposed before, in their order.
  static func proposed(
    _ events: [JSONValue], _ maker: inout PointMaker
  ) throws(Diagnostics) -> [Point] {
    guard case .tpe(let tpe) = maker.file.search else { return [] }
    var points: [Point] = []
    for event in events where event["event"]?.string == "proposed" {
      var assignments: [Assignment] = []
      for pair in event["settings"]?.array ?? [] {
        guard let key = pair.array?.first?.string, let text = pair.array?.last?.string,
          let setting = tpe.settings.first(where: { $0.key == key }),
          let value = try? Override(parsing: "value=\(text)").value
        else { continue }
        assignments.append(Assignment(key: key, keySpan: setting.keySpan, value: value))
      }
      let point = try maker.point(points.count + 1, assignments)
      if point.identity == event["identity"]?.string { points.append(point) }
    }
    return points
  }
}
