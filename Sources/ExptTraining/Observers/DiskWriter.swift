import ExptFiles
import Synchronization

/// Writes what an epoch leaves while the next one trains, one thing after the other: what was begun first is on
/// disk first.
///
/// Waiting for the disk took 3 to 11 % of runs of six seconds for checkpoints, and 5 % of runs of three seconds for
/// pictures. Each epoch's end waits for what the epoch before it began, so that a full disk stops training there.
final class DiskWriter {
  private var last: Writing?
  private var epoch = 0

  /// Waits for what earlier epochs began. To be called at an epoch's end before anything is begun.
  ///
  /// - Throws: Why it is not on disk.
  func epochEnded(_ epoch: Int) throws(FileProblem) {
    guard epoch != self.epoch else { return }
    self.epoch = epoch
    try wait()
  }

  /// Begins to write, after what was begun before; not at all, if that failed.
  func begin(_ body: @escaping @Sendable () throws(FileProblem) -> Void) {
    last = Writing(after: last, body)
  }

  /// Returns when all that was begun is on disk.
  ///
  /// - Throws: Why it is not.
  func wait() throws(FileProblem) {
    defer { last = nil }
    try last?.wait()
  }
}

/// Something on its way to the disk.
///
/// `@unchecked Sendable`: one thread waits for it, that of what was begun next, or, of the last, the trainer's.
private final class Writing: @unchecked Sendable {
  private let problem: Problem
  private let call: Threads.Call

  init(after before: Writing?, _ body: @escaping @Sendable () throws(FileProblem) -> Void) {
    let problem = Problem()
    self.problem = problem
    call = Threads.begin {
      StepAllocations.leaveOutThisThread()
      do throws(FileProblem) {
        try before?.wait()
        try body()
      } catch { problem.found.withLock { $0 = error } }
    }
  }

  func wait() throws(FileProblem) {
    call.wait()
    if let found = problem.found.withLock({ $0 }) { throw found }
  }

  private final class Problem: Sendable {
    let found = Mutex<FileProblem?>(nil)
  }
}
