import ExptFiles

/// A run to start or to resume.
struct RunTask {
  var point: Point
  /// Whether the run has a folder to resume from.
  var isResumed: Bool
  /// The epoch to pause at; nil: train to the end.
  var until: Int?
}

/// What runs tasks: processes of this machine, or a cluster.
protocol Launcher: AnyObject {
  /// How many tasks may run at once.
  var capacity: Int { get }
  /// How many starts in a row may end a point's tasks without it getting any further.
  var attempts: Int { get }

  /// - Returns: The process, for the ledger; nil when the point is running already.
  func start(_ task: RunTask) throws(FileProblem) -> String?
  /// Called after the tasks that can be started now.
  ///
  /// - Returns: Those that have a name only now, for the ledger.
  func flush() throws(FileProblem) -> [(point: Point, process: String)]
  /// Takes over a task that a sweep before this one started, if it is still to be waited for.
  ///
  /// - Parameter process: What the ledger says of it.
  /// - Returns: The process; nil when it is over, or there was none.
  func adopt(_ point: Point, _ process: String?) throws(FileProblem) -> String?
  /// The tasks that ended since the last call, by the number of their point; nil if it is not known
  /// how they ended.
  func ended() throws(FileProblem) -> [(number: Int, end: ProcessEnd?)]
  /// Asks all tasks to save and stop.
  func interrupt()
  /// Where what a task of this point says goes, besides the point's log, if that is known.
  func output(of point: Point) -> String?
}

extension Launcher {
  func output(of point: Point) -> String? { nil }
}

/// The program that runs points, and how.
public struct RunProgram: Sendable {
  public var path: String
  public var threads: Int

  public init(path: String, threads: Int) {
    self.path = path
    self.threads = threads
  }

  func arguments(_ task: RunTask, in folder: SweepFolder) -> [String] {
    let run = folder.run(task.point.name).path
    let what =
      task.isResumed
      ? ["--resume", run] : [folder.experiment(task.point.name), "--run-dir", run]
    let pause = task.until.map { ["--pause-after", String($0)] } ?? []
    return ["run"] + what + ["--threads", String(threads), "--quiet"] + pause
  }
}

/// Runs each task as a process of its own on this machine.
final class LocalLauncher: Launcher {
  let capacity: Int
  let attempts = 1
  private let folder: SweepFolder
  private let program: RunProgram
  private var processes: [(number: Int, process: Int32)] = []

  init(_ folder: SweepFolder, _ program: RunProgram, jobs: Int) {
    self.folder = folder
    self.program = program
    capacity = jobs
  }

  func start(_ task: RunTask) throws(FileProblem) -> String? {
    let name = task.point.name
    guard
      let process = try ProcessCalls.start(
        program.path, program.arguments(task, in: folder), lock: folder.lock(name),
        log: folder.log(name))
    else { return nil }
    processes.append((task.point.number, process))
    return String(process)
  }

  func flush() -> [(point: Point, process: String)] { [] }

  // The lock tells.
  func adopt(_ point: Point, _ process: String?) -> String? { nil }

  func ended() -> [(number: Int, end: ProcessEnd?)] {
    var ended: [(number: Int, end: ProcessEnd?)] = []
    processes.removeAll { number, process in
      guard let end = ProcessCalls.end(of: process) else { return false }
      ended.append((number, end))
      return true
    }
    return ended
  }

  func interrupt() {
    for (_, process) in processes { ProcessCalls.interrupt(process) }
  }
}
