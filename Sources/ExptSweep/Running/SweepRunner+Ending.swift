import ExptFiles
import ExptReport
import ExptRunFolder

extension SweepRunner {
  /// Records the runs that ended.
  func collect() throws {
    for (number, end) in try launcher.ended() {
      guard let index = states.firstIndex(where: { $0.point.number == number }) else { continue }
      try conclude(index, end)
    }
    for index in states.indices where states[index].stage == .running && states[index].isAdopted {
      if !isHeld(states[index].point) { try conclude(index, nil) }
    }
  }

  func isHeld(_ point: Point) -> Bool {
    if let isHeld = FileLock.isHeld(folder.lock(point.name)) { return isHeld }
    let run = folder.run(point.name)
    return (try? run.readManifest()).map { run.life($0) == .running } ?? false
  }

  func conclude(_ index: Int, _ end: ProcessEnd?) throws {
    states[index].isAdopted = false
    states[index].read(folder, file.goal)
    if states[index].position > states[index].positionAtStart { states[index].attempts = 1 }
    let point = states[index].point
    let manifest = try? folder.run(point.name).readManifest()
    let reason = manifest?.failure ?? lastWords(point)
    let goal = states[index].goal
    switch (manifest?.status, end) {
    case (.finished, _):
      states[index].stage = .finished
      order[point.number] = order.count
      try ledger.append(
        "finished", point: point.name,
        details: states[index].value.map { [("metric", JSONValue($0))] } ?? [])
      options.say(
        "\(point.name) finished"
          + (states[index].value.map { ": \(Words.metric($0))" } ?? ""))
    case (_, let end?) where end.isInputOutput:
      cannotWrite = "\(point.name): \(reason ?? "reading or writing failed")"
      try interrupt(index, reason ?? "reading or writing failed")
    case (.failed, _): try fail(index, reason ?? "it failed")
    case (_, let end)
    where (manifest?.status == .interrupted && goal.map { states[index].epochsDone >= $0 } ?? false)
      || ((end?.isKill ?? true) && manifest != nil && states[index].isAtPause(file.search)):
      states[index].stage = .paused
      states[index].attempts = 0
      try ledger.append("paused", point: point.name, details: [("epoch", JSONValue(goal ?? 0))])
    case (nil, nil) where reason != nil: try fail(index, reason ?? "")
    case (_, .exited(let code)?) where code != 130:
      try fail(index, reason ?? "it ended with code \(code)")
    case (_, let end?) where !end.isKill && end != .exited(130):
      try fail(index, end.sentence)
    default:
      let without =
        manifest?.status == .interrupted
        ? "it was asked to stop, by hand or before its time limit, and saved"
        : "its process is gone" + (farewell(point).map { "; the last it said: \($0)" } ?? "")
      let sentence = wasStopped ? "the sweep was stopped" : end?.sentence ?? without
      try interrupt(index, sentence)
      if !wasStopped, launcher.attempts > 1, states[index].attempts >= launcher.attempts {
        options.say(
          "\(point.name) given up: \(launcher.attempts) starts in a row made no progress. "
            + "The last: \(sentence)")
      }
    }
    states[index].goal = nil
  }

  private func interrupt(_ index: Int, _ reason: String) throws {
    states[index].stage = .interrupted
    states[index].reason = reason
    let name = states[index].point.name
    try ledger.append("interrupted", point: name, details: [("reason", .string(reason))])
    if !wasStopped { options.say("\(name) interrupted: \(reason)") }
  }

  func fail(_ index: Int, _ reason: String) throws {
    states[index].stage = .failed
    states[index].reason = reason
    let name = states[index].point.name
    order[states[index].point.number] = order.count
    try ledger.append("failed", point: name, details: [("reason", .string(reason))])
    options.say("\(name) failed: \(reason)")
  }

  /// The last line that a point's process said.
  func lastWords(_ point: Point) -> String? {
    guard let text = try? FileBytes.readText(folder.log(point.name), limit: 1 << 20) else {
      return nil
    }
    return text.split(separator: "\n").last { $0.contains("error") }.map(String.init)
  }

  /// The last line that a task of a point left behind, also before it was a run.
  private func farewell(_ point: Point) -> String? {
    for file in [folder.log(point.name), launcher.output(of: point)].compactMap(\.self) {
      let text = (try? FileBytes.readText(file, limit: 1 << 20)) ?? ""
      if let line = text.split(separator: "\n").last { return String(line.prefix(200)) }
    }
    return nil
  }

  func interruptAdopted() {
    for state in states where state.stage == .running && state.isAdopted {
      let manifest = try? folder.run(state.point.name).readManifest()
      if let process = manifest?.process, process.exists == true {
        ProcessCalls.interrupt(Int32(truncatingIfNeeded: process.id))
      }
    }
  }
}
