import ExptFiles

/// Runs tasks on a cluster that Slurm manages: those that can start together as one job array, or
/// as several if the cluster has a bound for one.
///
/// A task is the run itself in place of the batch shell, so that the SIGINT that Slurm sends a
/// minute before the time limit makes it save and stop. How a task ended that is no longer in the
/// queue, its run folder tells: killed, timed out or lost with its node, it is interrupted, and is
/// submitted again, to go on; Slurm tells why.
///
/// Each array has a name of its own, and a file beside it says which task is which point, both
/// before Slurm is asked to take it. So a sweep that was killed before it wrote the array's number
/// down finds its tasks again by name.
final class SlurmLauncher: Launcher {
  let capacity: Int
  let attempts = 3
  private let folder: SweepFolder
  private let program: RunProgram
  private let settings: SlurmSettings
  private let slurm: SlurmCalls
  private var waiting: [RunTask] = []
  /// Those that were never submitted, since the sweep is to stop.
  private var dropped: [RunTask] = []
  /// How many tasks an array may have here.
  private var largest: Int?
  /// When to submit again what Slurm did not take.
  private var nextTry = 0.0
  /// By Slurm's name of the task, `4711_3`, the number of the point.
  private var submitted: [String: Int] = [:]
  /// By the number of the point, what its newest task says before the run does: the shell's words.
  private var outputs: [Int: String] = [:]
  private var lastLook = 0.0
  /// The tasks that wait or run as this sweep starts, by the name of their point.
  private var found: [String: String]?

  /// - Parameter isSearch: Whether what runs later hangs on what ran before. If not, all tasks are
  ///   submitted at once: the cluster's queue is the place to wait.
  init(
    _ folder: SweepFolder, _ program: RunProgram, _ settings: SlurmSettings, isSearch: Bool
  ) {
    capacity = isSearch ? settings.throttle ?? 4 : .max
    self.folder = folder
    self.program = program
    self.settings = settings
    slurm = SlurmCalls(folder)
  }

  func start(_ task: RunTask) -> String? {
    waiting.append(task)
    return "slurm"
  }

  func adopt(_ point: Point, _ process: String?) throws(FileProblem) -> String? {
    if found == nil { found = try slurm.tasksOfPoints() }
    guard let task = found?[point.name] else { return nil }
    submitted[task] = point.number
    return task
  }

  func flush() throws(FileProblem) -> [(point: Point, process: String)] {
    guard !waiting.isEmpty, ProcessCalls.seconds >= nextTry else { return [] }
    if waiting.count > 1, largest == nil { largest = slurm.largestArray() ?? .max }
    var taken: [(point: Point, process: String)] = []
    while !waiting.isEmpty {
      let tasks = Array(waiting.prefix(largest ?? .max))
      do { taken += try submit(tasks) } catch {
        // A limit of jobs or of the user's: there is room again when some of them have ended.
        guard !submitted.isEmpty else { throw error }
        nextTry = ProcessCalls.seconds + 30
        return taken
      }
      waiting.removeFirst(tasks.count)
    }
    return taken
  }

  /// Submits tasks as one array.
  ///
  /// `throttle` bounds the tasks of one array. So where all are submitted at once, each array waits
  /// for the one before it; a search has no more of them going than that in any case.
  private func submit(_ tasks: [RunTask]) throws(FileProblem) -> [(point: Point, process: String)] {
    let place = try ExclusiveFolder.make(FilePath.join(slurm.arrays, "array"))
    for (index, task) in tasks.enumerated() {
      try AtomicFile.write(
        script(task), to: FilePath.join(place, "task-\(index).sh"))
    }
    let job = FilePath.join(place, "job.sh")
    try AtomicFile.write("#!/bin/sh\nexec sh \"$1/task-$SLURM_ARRAY_TASK_ID.sh\"\n", to: job)
    try AtomicFile.write(
      tasks.map { $0.point.name + "\n" }.joined(), to: FilePath.join(place, "points.txt"))
    let array = "0-\(tasks.count - 1)" + (settings.throttle.map { "%\($0)" } ?? "")
    let name = try slurm.jobName(place)
    let number = try slurm.submit(
      [
        "--job-name=\(name)", "--array=\(array)", "--no-requeue", "--signal=B:INT@60",
        "--output=\(FilePath.join(place, "task-%a.txt"))",
      ] + settings.words + [job, place],
      after: settings.throttle == nil || capacity < .max ? nil : newest)
    return tasks.enumerated().map { index, task in
      submitted["\(number)_\(index)"] = task.point.number
      outputs[task.point.number] = FilePath.join(place, "task-\(index).txt")
      return (task.point, "\(number)_\(index)")
    }
  }

  /// The array that was submitted last, of those that still have tasks waiting or running.
  private var newest: String? {
    submitted.keys.compactMap { Int($0.prefix { $0 != "_" }) }.max().map(String.init)
  }

  func ended() throws(FileProblem) -> [(number: Int, end: ProcessEnd?)] {
    let given = dropped.map { task in
      (number: task.point.number, end: ProcessEnd?.some(.lost("it was not submitted")))
    }
    dropped = []
    guard !submitted.isEmpty, ProcessCalls.seconds - lastLook > 1 else { return given }
    lastLook = ProcessCalls.seconds
    // A controller that does not answer says nothing about the tasks.
    guard let queue = try slurm.queue() else { return given }
    let gone = submitted.filter { queue[$0.key]?.isOver ?? true }
    for name in gone.keys { submitted[name] = nil }
    return given
      + gone.map { (number: $0.value, end: queue[$0.key]?.end) }.sorted { $0.number < $1.number }
  }

  func output(of point: Point) -> String? { outputs[point.number] }

  func interrupt() {
    dropped += waiting
    waiting = []
    for job in Set(submitted.keys.map { $0.prefix { $0 != "_" } }).sorted() {
      _ = try? slurm.call(["scancel", "--state=PENDING", String(job)])
      _ = try? slurm.call(["scancel", "--signal=INT", "--batch", String(job)])
    }
  }

  /// What a task runs, quoted for the shell.
  private func script(_ task: RunTask) -> String {
    func quoted(_ word: String) -> String {
      "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
    }
    let words = [program.path] + program.arguments(task, in: folder)
    return "exec \(words.map(quoted).joined(separator: " ")) "
      + ">>\(quoted(folder.log(task.point.name))) 2>&1\n"
  }
}
