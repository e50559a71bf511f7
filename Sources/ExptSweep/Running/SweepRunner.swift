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
    /// Restart failed runs.
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
  public internal(set) var states: [PointState]
  /// Whether it was stopped because its hours, those of all its starts together, were used up.
  public private(set) var ranOutOfHours = false
  /// Whether it was asked to stop, or ran out of hours.
  public private(set) var wasStopped = false
  /// A run that could neither read nor write, and why: nothing is started after it.
  public internal(set) var cannotWrite: String?
  /// Why a search chose fewer points than asked for.
  public internal(set) var endOfSearch: String?
  /// Points that were drawn and make no valid model.
  public internal(set) var skipped: [SkippedPoint]
  let options: Options
  public internal(set) var maker: PointMaker
  let launcher: any Launcher
  let ledger: Ledger
  private let lock: FileLock
  /// Seconds of the starts before this one.
  let secondsBefore: Double
  private var lastTick = 0.0
  private var lastGoing = 0.0
  /// By the number of a point, the place at which it ended.
  var order: [Int: Int] = [:]

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
    secondsBefore = try Ledger.seconds(folder, shard: options.shard)
    var points = points.filter { options.shard?.holds($0.number) ?? true }
    if file.search?.draws != nil { points = Self.proposed(events, &self.maker) }
    skipped = Self.skipped(events, maker)
    try folder.name(&points)
    states = points.map(PointState.init)
    ledger = try Ledger(folder, shard: options.shard)
    var details = [("points", JSONValue(points.count))]
    if launcher.capacity < .max { details.append(("jobs", JSONValue(launcher.capacity))) }
    try ledger.append("sweep", details: details)
    try noteSkipped()
    try recover(events)
  }

  /// Runs what there is to run.
  ///
  /// - Throws: A folder or program that cannot be used. A run that fails throws nothing.
  public func run() throws {
    var isInterrupted = false
    while true {
      try collect()
      ranOutOfHours = ranOutOfHours || isOutOfHours
      wasStopped = wasStopped || ranOutOfHours || options.isStopped()
      if wasStopped, !isInterrupted {
        isInterrupted = true
        launcher.interrupt()
        interruptAdopted()
      }
      if !wasStopped, cannotWrite == nil { try startAll() }
      try tick()
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

  /// Hours that the sweep has run, over all its starts.
  public var hours: Double { (secondsBefore + ledger.seconds) / 3600 }

  private var isOutOfHours: Bool { file.limits.hours.map { hours > $0 } ?? false }

  private func tick() throws {
    let now = ProcessCalls.seconds
    // So that a kill hides no more than a minute from the limit of hours.
    if file.limits.hours != nil, now - lastGoing > 60 {
      lastGoing = now
      try ledger.append("going")
    }
    guard now - lastTick > 0.25 else { return }
    lastTick = now
    for index in states.indices where states[index].stage == .running {
      states[index].read(folder, file.goal)
    }
    options.tick(self)
  }
}
