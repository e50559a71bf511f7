import ExptFiles

/// What a sweep asks of Slurm's commands.
struct SlurmCalls {
  private let folder: SweepFolder

  init(_ folder: SweepFolder) { self.folder = folder }

  /// A task as `squeue` shows it.
  struct Task {
    /// The number of its array and its own: `4711_3`.
    var name: String
    /// Slurm's word for how it stands: `PENDING`, `NODE_FAIL`, …
    var state: String
    /// The name of its array.
    var job: String

    /// A state that is not known here counts as going on: nothing may run twice at once.
    var isOver: Bool { Self.reasons[state] != nil }

    /// How it ended, where Slurm and not the run decided that.
    var end: ProcessEnd? {
      guard let reason = Self.reasons[state], !reason.isEmpty else { return nil }
      return .lost("\(reason) (\(state))")
    }

    private static let reasons = [
      "COMPLETED": "", "FAILED": "", "REVOKED": "Slurm revoked it",
      "CANCELLED": "it was cancelled", "TIMEOUT": "Slurm ended it at its time limit",
      "DEADLINE": "Slurm ended it at its deadline", "NODE_FAIL": "its node was lost",
      "BOOT_FAIL": "its node did not boot", "PREEMPTED": "another job preempted it",
      "OUT_OF_MEMORY": "it exceeded its memory limit", "LAUNCH_FAILED": "its node failed",
    ]
  }

  /// Holds a folder for each array that was submitted.
  var arrays: String { folder.file("slurm") }

  /// What the array in a folder is called: `expt-`, a number drawn once for the sweep's folder, and
  /// the name of the array's.
  func jobName(_ place: String) throws(FileProblem) -> String {
    let file = FilePath.join(arrays, "identity")
    if !FilePath.exists(file) {
      try ExclusiveFolder.makeAll(arrays)
      let number = UInt64.random(in: UInt64(1) << 60...UInt64.max)
      try AtomicFile.write(String(number, radix: 16), to: file)
    }
    return "expt-\(try FileBytes.readText(file, limit: 64))-\(FilePath.name(of: place))"
  }

  /// The tasks that Slurm knows, also those that ended a moment ago; nil if it does not answer.
  func queue() throws(FileProblem) -> [String: Task]? {
    let text = try call([
      "squeue", "--noheader", "--array", "--states=all", "--me", "--format=%F_%K|%T|%j",
    ])
    var tasks: [String: Task] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0].allSatisfy({ $0.isNumber || "_N/A".contains($0) }) else {
        return nil
      }
      let name = String(parts[0])
      tasks[name] = Task(name: name, state: String(parts[1]), job: String(parts[2]))
    }
    return tasks
  }

  /// The tasks of this sweep that wait or run, by the name of their point.
  ///
  /// - Throws: `unreadable` if Slurm does not answer for a minute: who does not know what runs
  ///   cannot start anything.
  func tasksOfPoints() throws(FileProblem) -> [String: String] {
    guard FilePath.isFolder(arrays) else { return [:] }
    var points: [String: [String]] = [:]
    for name in try FilePath.names(in: arrays) where name.hasPrefix("array") {
      let place = FilePath.join(arrays, name)
      let text = try? FileBytes.readText(FilePath.join(place, "points.txt"), limit: 64 << 20)
      points[try jobName(place)] = (text ?? "").split(separator: "\n").map(String.init)
    }
    let end = ProcessCalls.seconds + 60
    var answer = try queue()
    while answer == nil, ProcessCalls.seconds < end {
      ProcessCalls.sleep(milliseconds: 1000)
      answer = try queue()
    }
    guard let answer else {
      throw FileProblem(
        .unreadable,
        "cannot tell which tasks of this sweep are still queued or running; try again when squeue works.",
        path: arrays)
    }
    var found: [String: String] = [:]
    for task in answer.values where !task.isOver {
      guard let names = points[task.job], let index = task.name.split(separator: "_").last,
        let index = Int(index), names.indices.contains(index)
      else { continue }
      found[names[index]] = task.name
    }
    return found
  }

  /// How many tasks an array may have here (`MaxArraySize`); nil if Slurm does not say.
  func largestArray() -> Int? {
    guard let text = try? call(["scontrol", "show", "config"]) else { return nil }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.split(separator: " ") }
      if parts.count == 2, parts[0] == ["MaxArraySize"], let size = parts[1].first {
        return Int(size).flatMap { $0 > 0 ? $0 : nil }
      }
    }
    return nil
  }

  /// Submits an array and returns its number.
  ///
  /// - Parameter after: The array that has to end first.
  func submit(_ words: [String], after: String?) throws(FileProblem) -> String {
    let dependency = after.map { ["--dependency=afterany:\($0)"] } ?? []
    let text = try call(["sbatch", "--parsable"] + dependency + words)
    let number = text.split(separator: "\n").last?.prefix { $0 != ";" } ?? ""
    if !number.isEmpty, number.allSatisfy({ $0.isASCII && $0.isNumber }) { return String(number) }
    // One that ended meanwhile, and is forgotten.
    if after != nil, text.contains("dependency") { return try submit(words, after: nil) }
    let advice =
      text.contains("array specification")
      ? " To submit fewer tasks at once: --shard 1/2, then 2/2." : ""
    throw FileProblem(
      .unwritable, "Slurm rejected the job: \(text.prefix(500))\(advice)",
      path: words.first { !$0.hasPrefix("-") } ?? arrays)
  }

  /// Runs one of Slurm's commands and returns what it said.
  ///
  /// A command that a sweep before this one left behind is waited for: it may be submitting tasks.
  func call(_ words: [String]) throws(FileProblem) -> String {
    let lock = folder.file(".slurm.lock")
    let log = folder.file(".slurm.txt")
    let end = ProcessCalls.seconds + 120
    while true {
      if FileLock.isHeld(lock) != true {
        try FilePath.remove(log)
        if let process = try ProcessCalls.start("/usr/bin/env", words, lock: lock, log: log) {
          return try answer(of: process, words[0], log)
        }
      }
      guard ProcessCalls.seconds < end else {
        throw FileProblem(
          .taken, "another process is already talking to Slurm for this sweep.", path: lock)
      }
      ProcessCalls.sleep(milliseconds: 100)
    }
  }

  private func answer(
    of process: Int32, _ command: String, _ log: String
  ) throws(FileProblem) -> String {
    while true {
      if let end = ProcessCalls.end(of: process) {
        if end == .exited(127) {
          throw FileProblem(
            .missing, "there is no '\(command)' here: is this machine part of a Slurm cluster?",
            path: command)
        }
        return (try? FileBytes.readText(log, limit: 64 << 20)) ?? ""
      }
      ProcessCalls.sleep(milliseconds: 5)
    }
  }
}
