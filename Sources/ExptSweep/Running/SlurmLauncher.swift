import ExptFiles

/// Runs tasks on a cluster that Slurm manages: those that can start together as one job array.
///
/// A task is the run itself in place of the batch shell, so that the SIGINT that Slurm sends a
/// minute before the time limit makes it save and stop. A task that is no longer in the queue has
/// ended, how, its run folder tells: killed, timed out or lost with its node, it is interrupted, and
/// is submitted again, to go on.
final class SlurmLauncher: Launcher {
  let capacity: Int
  let attempts = 10
  private let folder: SweepFolder
  private let program: RunProgram
  private let settings: SlurmSettings
  private var waiting: [RunTask] = []
  /// By Slurm's name of the task, `4711_3`, the number of the point.
  private var submitted: [String: Int] = [:]
  private var lastLook = 0.0

  /// - Parameter isSearch: Whether what runs later hangs on what ran before. If not, all tasks are
  ///   submitted at once: the cluster's queue is the place to wait.
  init(
    _ folder: SweepFolder, _ program: RunProgram, _ settings: SlurmSettings, isSearch: Bool
  ) {
    capacity = isSearch ? settings.throttle ?? 4 : .max
    self.folder = folder
    self.program = program
    self.settings = settings
  }

  func start(_ task: RunTask) -> String? {
    waiting.append(task)
    return "slurm"
  }

  func adopt(_ point: Point, _ process: String) -> Bool {
    guard let queue = try? queue(), queue.contains(process) else { return false }
    submitted[process] = point.number
    return true
  }

  func flush() throws(FileProblem) -> [(point: Point, process: String)] {
    guard !waiting.isEmpty else { return [] }
    let tasks = waiting
    waiting = []
    let place = try ExclusiveFolder.make(folder.file("slurm/array"))
    for (index, task) in tasks.enumerated() {
      try AtomicFile.write(
        script(task), to: FilePath.join(place, "task-\(index).sh"))
    }
    let job = FilePath.join(place, "job.sh")
    try AtomicFile.write("#!/bin/sh\nexec sh \"$1/task-$SLURM_ARRAY_TASK_ID.sh\"\n", to: job)
    let array = "0-\(tasks.count - 1)" + (settings.throttle.map { "%\($0)" } ?? "")
    let text = try call(
      ["sbatch", "--parsable", "--array=\(array)", "--no-requeue", "--signal=B:INT@60"]
        + ["--output=\(FilePath.join(place, "task-%a.txt"))"] + settings.options + [job, place])
    let number = text.split(separator: "\n").last?.prefix { $0 != ";" } ?? ""
    guard !number.isEmpty, number.allSatisfy(\.isNumber) else {
      throw FileProblem(
        .unwritable, "Slurm did not take the job: \(text.prefix(500))", path: job)
    }
    return tasks.enumerated().map { index, task in
      submitted["\(number)_\(index)"] = task.point.number
      return (task.point, "\(number)_\(index)")
    }
  }

  func ended() throws(FileProblem) -> [(number: Int, end: ProcessEnd?)] {
    guard !submitted.isEmpty, ProcessCalls.seconds - lastLook > 1 else { return [] }
    lastLook = ProcessCalls.seconds
    // A controller that does not answer says nothing about the tasks.
    guard let queue = try queue() else { return [] }
    let gone = submitted.filter { !queue.contains($0.key) }
    for name in gone.keys { submitted[name] = nil }
    return gone.values.sorted().map { ($0, nil) }
  }

  func interrupt() {
    for job in Set(submitted.keys.map { $0.prefix { $0 != "_" } }).sorted() {
      _ = try? call(["scancel", "--state=PENDING", String(job)])
      _ = try? call(["scancel", "--signal=INT", "--batch", String(job)])
    }
  }

  /// The tasks that are waiting or running; nil where Slurm does not answer.
  private func queue() throws(FileProblem) -> Set<String>? {
    let text = try call(["squeue", "--noheader", "--array", "--format=%F_%K", "--me"])
    let lines = text.split(separator: "\n").map(String.init)
    guard lines.allSatisfy({ $0.allSatisfy { $0.isNumber || "_N/A".contains($0) } }) else {
      return nil
    }
    return Set(lines)
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

  /// Runs one of Slurm's commands and returns what it said.
  private func call(_ words: [String]) throws(FileProblem) -> String {
    let lock = folder.file(".slurm.lock")
    let log = folder.file(".slurm.txt")
    try FilePath.remove(log)
    guard let process = try ProcessCalls.start("/usr/bin/env", words, lock: lock, log: log) else {
      throw FileProblem(.taken, "another process asks Slurm for this sweep.", path: lock)
    }
    while true {
      if let end = ProcessCalls.end(of: process) {
        if end == .exited(127) {
          throw FileProblem(
            .missing, "there is no '\(words[0])' here: is this a machine of a Slurm cluster?",
            path: words[0])
        }
        return (try? FileBytes.readText(log, limit: 64 << 20)) ?? ""
      }
      ProcessCalls.sleep(milliseconds: 5)
    }
  }
}
