import ExptFiles
import ExptRunFolder

extension SweepRunner {
  /// Finds out how each point stands, waits for those that are still running, and puts aside those
  /// that failed and are to be repeated.
  func recover(_ events: [JSONValue]) throws {
    var lastEvent: [String: String] = [:]
    var process: [String: String] = [:]
    let numbers = Dictionary(
      states.map { ($0.point.name, $0.point.number) }, uniquingKeysWith: { first, _ in first })
    for event in events {
      guard let point = event["point"]?.string, let kind = event["event"]?.string else { continue }
      lastEvent[point] = kind
      if ["finished", "failed", "paused", "interrupted"].contains(kind) { process[point] = nil }
      if let name = event["process"]?.string { process[point] = name }
      if ["finished", "failed"].contains(kind), let number = numbers[point] {
        order[number] = order.count
      }
    }
    // Most points of a large sweep have neither a run nor anybody who may be running it.
    let begun = Set(try FilePath.names(in: folder.runsFolder)).union(process.keys).union(
      try FilePath.names(in: folder.pointsFolder).compactMap {
        $0.hasSuffix(".lock") ? String($0.dropLast(5)) : nil
      })
    for index in states.indices {
      let name = states[index].point.name
      if begun.contains(name) || lastEvent[name] == "failed" {
        try recover(index, lastEvent: lastEvent[name], process: process[name])
      } else if let task = try launcher.adopt(states[index].point, nil) {
        try adopt(index, task)
      }
    }
  }

  private func recover(_ index: Int, lastEvent: String?, process: String?) throws {
    let point = states[index].point
    states[index].read(folder, file.goal)
    if let task = try launcher.adopt(point, process) { return try adopt(index, task) }
    if isHeld(point) {
      states[index].isAdopted = true
      try adopt(index, nil)
      options.say("\(point.name) is still running: waiting for it")
      return
    }
    states[index].recover(folder, file.search, lastEvent: lastEvent)
    if states[index].stage == .finished, order[point.number] == nil {
      order[point.number] = order.count
      try ledger.append("finished", point: point.name)
    }
    if states[index].stage == .failed, options.repeatsFailed {
      try folder.putAside(point.name)
      states[index] = PointState(point)
      try ledger.append("repeated", point: point.name)
    }
  }

  private func adopt(_ index: Int, _ process: String?) throws {
    states[index].stage = .running
    states[index].attempts = 1
    try ledger.append(
      "adopted", point: states[index].point.name,
      details: process.map { [("process", .string($0))] } ?? [])
  }
}
