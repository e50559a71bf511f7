import ExptFiles
import ExptRunFolder

extension SweepRunner {
  /// Starts runs while there is room and something to run.
  func startAll() throws {
    while states.count(where: { $0.stage == .running }) < launcher.capacity,
      let (index, until) = try next()
    {
      try start(index, until: until)
    }
    for (point, process) in try launcher.flush() {
      try ledger.append("submitted", point: point.name, details: [("process", .string(process))])
    }
  }

  /// The point to run next, and the epoch to pause it at.
  func next() throws -> (index: Int, until: Int?)? {
    switch file.search {
    case nil: return states.indices.first { canStart(states[$0]) }.map { ($0, nil) }
    case .asha(let asha):
      let task = asha.next(states.map { entry($0, asha) })
      return task.map { index, until in
        (index, until == states[index].point.epochs ? nil : until)
      }
    case .tpe(let tpe):
      if let index = states.indices.first(where: { canStart(states[$0]) }) { return (index, nil) }
      let limit = min(tpe.trials, file.limits.runs ?? .max)
      guard states.count < limit, endOfSearch == nil else { return nil }
      return try propose(tpe).map { ($0, nil) }
    }
  }

  func canStart(_ state: PointState) -> Bool {
    (state.stage == .pending || state.stage == .interrupted)
      && state.attempts < launcher.attempts
  }

  func entry(_ state: PointState, _ asha: ASHA) -> ASHA.Entry {
    let isOut =
      state.stage == .failed
      || (state.stage == .interrupted && state.attempts >= launcher.attempts)
    let goal = state.stage == .running ? state.goal ?? state.point.epochs : isOut ? .max : nil
    return ASHA.Entry(
      epochs: state.point.epochs,
      done: state.stage == .finished ? state.point.epochs : state.epochsDone, goal: goal,
      hasFailed: state.stage == .failed, values: state.bestByEpoch)
  }

  func start(_ index: Int, until: Int?) throws {
    let point = states[index].point
    let isResumed = FilePath.exists(folder.run(point.name).manifestFile)
    let file = folder.experiment(point.name)
    if !FilePath.exists(file) { try AtomicFile.write(maker.text(of: point), to: file) }
    let task = RunTask(point: point, isResumed: isResumed, until: until)
    let process = try launcher.start(task)
    states[index].stage = .running
    states[index].goal = until
    states[index].reason = nil
    states[index].attempts += 1
    states[index].positionAtStart = states[index].position
    states[index].isAdopted = process == nil
    var details: [(String, JSONValue)] = [("identity", .string(point.identity))]
    if let process { details.append(("process", .string(process))) }
    if let until { details.append(("until", JSONValue(until))) }
    try ledger.append(
      process == nil ? "adopted" : isResumed ? "resumed" : "started", point: point.name,
      details: details)
  }
}
