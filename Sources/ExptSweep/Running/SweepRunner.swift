import ExptDocument
import ExptFiles
import ExptReport
import ExptRunFolder

/// Runs the points of a sweep, as many at once as there is room for, until there is nothing left
/// to do or somebody asks it to stop.
///
/// All that it knows of a point it reads from the point's run folder and the ledger, so a sweep can
/// be killed at any instant and started again.
public final class SweepRunner {
  public struct Options {
    public var jobs = 1
    /// Run on the cluster that Slurm manages, not on this machine.
    public var usesSlurm = false
    /// Begin runs that failed anew.
    public var repeatsFailed = false
    public var shard: Shard?
    /// Asked between steps; true stops the sweep and its runs.
    public var isStopped: () -> Bool = { false }
    /// Told each event, as a sentence.
    public var say: (String) -> Void = { _ in }
    /// Called several times a second.
    public var tick: (SweepRunner) -> Void = { _ in }

    public init() {}
  }

  public let file: SweepFile
  public let folder: SweepFolder
  public private(set) var states: [PointState]
  /// Whether it was asked to stop, or ran out of hours.
  public private(set) var wasStopped = false
  private let options: Options
  private var maker: PointMaker
  let launcher: any Launcher
  private let ledger: Ledger
  private let lock: FileLock
  private let began = ProcessCalls.seconds
  private var lastTick = 0.0
  /// By the number of a point, the place at which it ended.
  private var order: [Int: Int] = [:]

  /// Opens the sweep's folder and finds out how far its points are.
  public convenience init(
    _ maker: PointMaker, points: [Point], folder: SweepFolder, program: RunProgram,
    options: Options
  ) throws {
    try self.init(
      maker, points: points, folder: folder,
      launcher: options.usesSlurm
        ? SlurmLauncher(folder, program, maker.file.slurm, isSearch: maker.file.search != nil)
        : LocalLauncher(folder, program, jobs: options.jobs), options: options)
  }

  init(
    _ maker: PointMaker, points: [Point], folder: SweepFolder, launcher: any Launcher,
    options: Options
  ) throws {
    self.maker = maker
    file = maker.file
    self.folder = folder
    self.launcher = launcher
    self.options = options
    lock = try folder.open(maker.file.text, shard: options.shard)
    let events = try Ledger.read(folder)
    var points = points.filter { options.shard?.holds($0.number) ?? true }
    if case .tpe = file.search { points = try Self.proposed(events, &self.maker) }
    try folder.prepare(&points)
    states = points.map(PointState.init)
    ledger = try Ledger(folder, shard: options.shard)
    try ledger.append(
      "sweep",
      details: [("points", JSONValue(points.count)), ("jobs", JSONValue(launcher.capacity))])
    try recover(events)
  }

  /// Runs what there is to run.
  ///
  /// - Throws: A folder or program that cannot be used. A run that fails throws nothing.
  public func run() throws {
    var isInterrupted = false
    while true {
      try collect()
      if !wasStopped, options.isStopped() || isOutOfTime { wasStopped = true }
      if wasStopped, !isInterrupted {
        isInterrupted = true
        launcher.interrupt()
        interruptAdopted()
      }
      if !wasStopped { try startAll() }
      tick()
      if !states.contains(where: { $0.stage == .running }) { break }
      ProcessCalls.sleep(milliseconds: 10)
    }
    try ledger.append("stopped", details: [("unfinished", JSONValue(unfinished.count))])
    options.tick(self)
  }

  /// The points that are neither finished nor left behind by a search.
  public var unfinished: [PointState] {
    states.filter { $0.stage != .finished && $0.stage != .paused }
  }

  private var isOutOfTime: Bool {
    file.limits.hours.map { ProcessCalls.seconds - began > $0 * 3600 } ?? false
  }

  private func tick() {
    let now = ProcessCalls.seconds
    guard now - lastTick > 0.25 else { return }
    lastTick = now
    for index in states.indices where states[index].stage == .running {
      states[index].read(folder, file.goal)
    }
    options.tick(self)
  }
}

// MARK: - Starting

extension SweepRunner {
  private func startAll() throws {
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
  private func next() throws -> (index: Int, until: Int?)? {
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
      return states.count < limit ? (try propose(tpe), nil) : nil
    }
  }

  private func canStart(_ state: PointState) -> Bool {
    (state.stage == .pending || state.stage == .interrupted)
      && state.attempts < launcher.attempts
  }

  private func entry(_ state: PointState, _ asha: ASHA) -> ASHA.Entry {
    let isOut =
      state.stage == .failed
      || (state.stage == .interrupted && state.attempts >= launcher.attempts)
    let goal = state.stage == .running ? state.goal ?? state.point.epochs : isOut ? .max : nil
    return ASHA.Entry(
      epochs: state.point.epochs,
      done: state.stage == .finished ? state.point.epochs : state.epochsDone, goal: goal,
      hasFailed: state.stage == .failed, values: state.bestByEpoch)
  }

  private func start(_ index: Int, until: Int?) throws {
    let point = states[index].point
    let isResumed = FilePath.exists(folder.run(point.name).manifestFile)
    let task = RunTask(point: point, isResumed: isResumed, until: until)
    let process = try launcher.start(task)
    states[index].stage = .running
    states[index].goal = until
    states[index].reason = nil
    states[index].attempts += 1
    states[index].isAdopted = process == nil
    var details: [(String, JSONValue)] = [("identity", .string(point.identity))]
    if let process { details.append(("process", .string(process))) }
    if let until { details.append(("until", JSONValue(until))) }
    try ledger.append(
      process == nil ? "adopted" : isResumed ? "resumed" : "started", point: point.name,
      details: details)
  }

  private func propose(_ tpe: TPE) throws -> Int {
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

  private func lowerIsBetter(_ state: PointState) -> Double {
    guard state.stage == .finished else { return .infinity }
    return state.bestByEpoch.values.min() ?? .infinity
  }

  /// The points that a search proposed before, in their order.
  private static func proposed(
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

// MARK: - Ending

extension SweepRunner {
  /// Takes note of the runs that ended.
  private func collect() throws {
    for (number, end) in try launcher.ended() {
      guard let index = states.firstIndex(where: { $0.point.number == number }) else { continue }
      try conclude(index, end)
    }
    for index in states.indices where states[index].stage == .running && states[index].isAdopted {
      if !isHeld(states[index].point) { try conclude(index, nil) }
    }
  }

  private func isHeld(_ point: Point) -> Bool {
    if let isHeld = FileLock.isHeld(folder.lock(point.name)) { return isHeld }
    let run = folder.run(point.name)
    return (try? run.readManifest()).map { run.life($0) == .running } ?? false
  }

  private func conclude(_ index: Int, _ end: ProcessEnd?) throws {
    states[index].isAdopted = false
    states[index].read(folder, file.goal)
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
    case (.failed, _): try fail(index, reason ?? "it failed")
    case (.interrupted, _) where goal.map { states[index].epochsDone >= $0 } ?? false:
      states[index].stage = .paused
      states[index].attempts = 0
      try ledger.append("paused", point: point.name, details: [("epoch", JSONValue(goal ?? 0))])
    case (nil, nil) where reason != nil: try fail(index, reason ?? "")
    case (_, .exited(let code)?) where code != 130:
      try fail(index, reason ?? "it ended with code \(code)")
    case (_, let end?) where !end.isKill && end != .exited(130):
      try fail(index, end.sentence)
    default:
      states[index].stage = .interrupted
      let sentence = wasStopped ? "the sweep was stopped" : end?.sentence ?? "its process is gone"
      states[index].reason = sentence
      try ledger.append("interrupted", point: point.name, details: [("reason", .string(sentence))])
      if !wasStopped { options.say("\(point.name) interrupted: \(sentence)") }
    }
    states[index].goal = nil
  }

  private func fail(_ index: Int, _ reason: String) throws {
    states[index].stage = .failed
    states[index].reason = reason
    let name = states[index].point.name
    order[states[index].point.number] = order.count
    try ledger.append("failed", point: name, details: [("reason", .string(reason))])
    options.say("\(name) failed: \(reason)")
  }

  /// The last line that a point's process said.
  private func lastWords(_ point: Point) -> String? {
    guard let text = try? FileBytes.readText(folder.log(point.name), limit: 1 << 20) else {
      return nil
    }
    return text.split(separator: "\n").last { $0.contains("error") }.map(String.init)
  }

  private func interruptAdopted() {
    for state in states where state.stage == .running && state.isAdopted {
      let manifest = try? folder.run(state.point.name).readManifest()
      if let process = manifest?.process, process.exists == true {
        ProcessCalls.interrupt(Int32(truncatingIfNeeded: process.id))
      }
    }
  }
}

// MARK: - Starting again

extension SweepRunner {
  /// Finds out how each point stands, waits for those that are still running, and puts aside those
  /// that failed and are to be repeated.
  private func recover(_ events: [JSONValue]) throws {
    var lastEvent: [String: String] = [:]
    var process: [String: String] = [:]
    for event in events {
      guard let point = event["point"]?.string, let kind = event["event"]?.string else { continue }
      lastEvent[point] = kind
      process[point] = event["process"]?.string
      if kind == "finished", let index = states.firstIndex(where: { $0.point.name == point }) {
        order[states[index].point.number] = order.count
      }
    }
    for index in states.indices {
      let point = states[index].point
      states[index].read(folder, file.goal)
      if isHeld(point) {
        states[index].stage = .running
        states[index].isAdopted = true
        states[index].attempts = 1
        try ledger.append("adopted", point: point.name)
        options.say("\(point.name) is still running: waiting for it")
        continue
      }
      if let process = process[point.name], launcher.adopt(point, process) {
        states[index].stage = .running
        try ledger.append("adopted", point: point.name, details: [("process", .string(process))])
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
