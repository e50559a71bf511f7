import Synchronization

/// For tests only: ends the process's power over the disk after some number of steps, as a
/// SIGKILL would, so that a test can look at what a killed run leaves behind.
///
///     FaultPlan.$current.withValue(FaultPlan(survivingSteps: 3)) { try? saveCheckpoint() }
///
/// Every create, write, fsync, rename, link, truncate, remove and mkdir is a step. The first
/// `survivingSteps` happen; the next one fails (a write first lets half of its bytes through), and
/// so does every later one, clean-up included, also on the threads that `Threads.begin` starts.
package final class FaultPlan: Sendable {
  @TaskLocal package static var current: FaultPlan?

  private struct State {
    var left: Int
    var steps: [String] = []
  }
  private let state: Mutex<State>

  /// What was asked for, in order, with "✗" before what did not happen.
  package var steps: [String] { state.withLock { $0.steps } }
  package var struck: Bool { state.withLock { $0.left < 0 } }

  package init(survivingSteps: Int) { state = Mutex(State(left: survivingSteps)) }

  static func killed(_ path: String) -> FileProblem {
    FileProblem(.unwritable, "killed here by a test.", path: path)
  }

  static func step(_ what: String, _ path: String) throws(FileProblem) {
    guard let plan = current else { return }
    let isKilled = plan.state.withLock { state in
      state.left -= 1
      state.steps.append((state.left < 0 ? "✗" : "") + what + " " + path)
      return state.left < 0
    }
    if isKilled { throw killed(path) }
  }

  /// How many of `count` bytes reach the disk.
  static func partOfWrite(_ count: Int, _ path: String) throws(FileProblem) -> Int {
    guard let plan = current else { return count }
    let isLast = plan.state.withLock { state in
      guard state.left == 0 else { return false }
      state.left = -1
      state.steps.append("✗write half of \(path)")
      return true
    }
    if isLast { return count / 2 }
    try step("write", path)
    return count
  }
}
