import ExptFiles
import ExptRunFolder

extension SweepRunner {
  /// Finds out how each point stands, waits for those that are still running, and puts aside those
  /// that failed and are to be repeated.
  func recover(_ events: [JSONValue]) throws {
    var lastEvent: [String: String] = [:]
    var process: [String: String] = [:]
    for event in events {
      guard let point = event["point"]?.string, let kind = event["event"]?.string else { continue }
      lastEvent[point] = kind
      if ["finished", "failed", "paused", "interrupted"].contains(kind) { process[point] = nil }
      if let name = event["process"]?.string { process[point] = name }
      if kind == "finished", let index = states.firstIndex(where: { $0.point.name == point }) {
        order[states[index].point.number] = order.count
      }
    }
    for index in states.indices {
      let point = states[index].point
      states[index].read(folder, file.goal)
      if let process = try launcher.adopt(point, process[point.name]) {
        states[index].stage = .running
        states[index].attempts = 1
        try ledger.append("adopted", point: point.name, details: [("process", .string(process))])
        continue
      }
      if isHeld(point) {
        states[index].stage = .running
        states[index].isAdopted = true
        states[index].attempts = 1
        try ledger.append("adopted", point: point.name)
        options.say("\(point.name) is still running: waiting for it")
        continue
      }
      states[index].recover(folder, lastEvent: lastEvent[point.name])
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
  }
}
