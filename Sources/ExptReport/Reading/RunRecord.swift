public import ExptFiles
public import ExptRunFolder

/// A run as its folder tells it: everything that tables, comparisons and reports start from.
///
/// Reading never changes a folder, and works while the run is being written. A folder that cannot
/// be read is a record too, with the problem in it.
public struct RunRecord: Sendable {
  /// What was read. Thousands of records are moved about, in sorting for one, so they share it.
  private final class Contents: Sendable {
    let folder: RunFolder
    let name: String
    let state: RunState
    let manifest: Manifest?
    let problem: String?
    let settings: RunSettings
    let evaluations: RunEvaluations
    let notes: RunNotes

    init(
      folder: RunFolder, name: String, state: RunState, manifest: Manifest?, problem: String?,
      settings: RunSettings, evaluations: RunEvaluations, notes: RunNotes
    ) {
      self.folder = folder
      self.name = name
      self.state = state
      self.manifest = manifest
      self.problem = problem
      self.settings = settings
      self.evaluations = evaluations
      self.notes = notes
    }
  }

  private let contents: Contents

  public var folder: RunFolder { contents.folder }
  /// As it was found, relative to where the program was started.
  public var path: String { folder.path }
  /// The experiment's name; the folder's where that cannot be read.
  public var name: String { contents.name }
  public var state: RunState { contents.state }
  /// Nil if it cannot be read; then `problem` says why.
  public var manifest: Manifest? { contents.manifest }
  /// Why the manifest, the settings or their origins cannot be read, in a sentence without the path.
  public var problem: String? { contents.problem }
  /// Empty if they cannot be read.
  public var settings: RunSettings { contents.settings }

  /// What evaluators have measured; nothing where that cannot be read.
  public var evaluations: RunEvaluations { contents.evaluations }

  /// Tags and other notes of people; nothing where they cannot be read.
  public var notes: RunNotes { contents.notes }

  /// Reads `run.json`, `resolved.yaml` and `origins.json`, the evaluations, and the notes.
  public init(_ folder: RunFolder) {
    var problem: String?
    func attempt<Value>(_ read: () throws(FileProblem) -> Value) -> Value? {
      do { return try read() } catch {
        if problem == nil { problem = Self.sentence(error, in: folder) }
        return nil
      }
    }
    var manifest = attempt { () throws(FileProblem) in try folder.lookAtManifest() }
    let recorded = attempt { () throws(FileProblem) in try folder.readOrigins(manifest) }
    let settings = attempt { () throws(FileProblem) in
      try RunSettings.read(folder.resolvedFile, recorded ?? nil)
    }
    let evaluations = attempt { () throws(FileProblem) in try RunEvaluations(folder) }
    let notes = attempt { () throws(FileProblem) in try folder.readNotes() }
    let planned = settings?["training.epochs"]?.value.double ?? .infinity
    if Double(manifest?.lastMetrics?.epoch ?? 0) < planned { manifest?.catchUp(with: folder) }
    contents = Contents(
      folder: folder, name: manifest?.name ?? FilePath.name(of: folder.path),
      state: manifest.map { RunState($0, in: folder) } ?? .unreadable, manifest: manifest,
      problem: problem, settings: settings ?? RunSettings(),
      evaluations: evaluations ?? RunEvaluations(), notes: notes ?? RunNotes())
  }

  private static func sentence(_ problem: FileProblem, in folder: RunFolder) -> String {
    let name = FilePath.name(of: problem.path)
    if problem.code == .missing {
      return name == "run.json"
        ? "there is no run.json: its start was cut short" : "there is no \(name)"
    }
    return "\(name): \(problem.message)"
  }

  // MARK: What is said most often

  public var seed: UInt64? { manifest?.seed }
  /// Epochs that are done.
  public var epochsDone: Int { manifest?.lastMetrics?.epoch ?? 0 }
  /// Epochs that the experiment asks for.
  public var epochsPlanned: Int? {
    settings["training.epochs"]?.value.double.flatMap { Int(exactly: $0) }
  }
  /// The dataset that was asked for, where another took its place.
  public var substitutedFor: String? { manifest?.dataset.substitutedFor }
  /// Seconds since the folder was made.
  public func age(now: Timestamp = .now) -> Int? {
    manifest.map { max(0, now.seconds - $0.created.seconds) }
  }

  // MARK: Read when asked

  /// `metrics.csv`, without a last line that is still being written.
  public func metrics() throws(FileProblem) -> MetricsTable {
    try MetricsTable.read(folder.metricsFile)
  }

  /// `timing.csv`: seconds and images a second of each epoch.
  public func timing() throws(FileProblem) -> MetricsTable {
    try MetricsTable.read(folder.timingFile)
  }
}

extension Manifest {
  /// Takes over the epochs that `metrics.csv` has and `run.json` does not: a kill or a full disk may
  /// have come between the two.
  fileprivate mutating func catchUp(with folder: RunFolder) {
    guard let table = try? MetricsTable.read(folder.metricsFile),
      let last = MetricsRecord(table, row: table.rows.count - 1),
      last.epoch > lastMetrics?.epoch ?? 0
    else { return }
    let main = Metric.main(of: last.values.map(\.name))
    take(table, best: main.flatMap { Metric.best(of: $0, in: table) }?.epoch)
  }
}

/// How a run stands, seen from outside.
public enum RunState: String, Sendable, CaseIterable {
  case running, finished, interrupted, failed
  /// It says that it is running, on another machine, which cannot be asked.
  case unknown
  /// The folder cannot be read as a run.
  case unreadable

  /// A run whose process died is interrupted: it can be resumed.
  init(_ manifest: Manifest, in folder: RunFolder) {
    switch manifest.status {
    case .finished: self = .finished
    case .interrupted: self = .interrupted
    case .failed: self = .failed
    case .running:
      switch folder.life(manifest) {
      case .running: self = .running
      case .died, .ended: self = .interrupted
      case .unknown: self = .unknown
      }
    }
  }
}
