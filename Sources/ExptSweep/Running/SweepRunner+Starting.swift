import ExptComponents
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
    guard let search = file.search else {
      return states.indices.first { canStart(states[$0]) }.map { ($0, nil) }
    }
    if let step = step(search) { return step }
    let limit = min(search.draws?.count ?? 0, file.limits.runs ?? .max)
    guard states.count < limit, endOfSearch == nil, try propose(search) else { return nil }
    return step(search)
  }

  private func step(_ search: any Search) -> (index: Int, until: Int?)? {
    search.next(states.map(trial)).map { index, until in
      (index, until == states[index].point.epochs ? nil : until)
    }
  }

  func canStart(_ state: PointState) -> Bool {
    (state.stage == .pending || state.stage == .interrupted)
      && state.attempts < launcher.attempts
  }

  /// What a search is to know of a point.
  private func trial(_ state: PointState) -> Trial {
    let stage: Trial.Stage =
      switch state.stage {
      case .finished: .finished
      case .failed: .failed
      case .running: .running
      case .interrupted where state.attempts >= launcher.attempts: .givenUp
      case .pending, .paused, .interrupted: .waiting
      }
    return Trial(
      settings: state.point.assignments, epochs: state.point.epochs,
      done: state.stage == .finished ? state.point.epochs : state.epochsDone, stage: stage,
      values: state.bestByEpoch)
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
