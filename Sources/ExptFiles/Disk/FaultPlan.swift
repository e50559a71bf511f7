/// For tests only: ends the process's power over the disk after some number of steps, as a
/// SIGKILL would, so that a test can look at what a killed run leaves behind.
///
///     FaultPlan.$current.withValue(FaultPlan(survivingSteps: 3)) { try? saveCheckpoint() }
///
/// Every create, write, fsync, rename, link, truncate, remove and mkdir is a step. The first
/// `survivingSteps` happen; the next one fails (a write first lets half of its bytes through), and
/// so does every later one, clean-up included.
package final class FaultPlan: @unchecked Sendable {  // used by one test task at a time
  @TaskLocal package static var current: FaultPlan?

  private var left: Int
  /// What was asked for, in order, with "✗" before what did not happen.
  package private(set) var steps: [String] = []
  package var struck: Bool { left < 0 }

  package init(survivingSteps: Int) { left = survivingSteps }

  static func killed(_ path: String) -> FileProblem {
    FileProblem(.unwritable, "killed here by a test.", path: path)
  }

  static func step(_ what: String, _ path: String) throws(FileProblem) {
    guard let plan = current else { return }
    plan.left -= 1
    plan.steps.append((plan.left < 0 ? "✗" : "") + what + " " + path)
    if plan.left < 0 { throw killed(path) }
  }

  /// How many of `count` bytes reach the disk.
  static func partOfWrite(_ count: Int, _ path: String) throws(FileProblem) -> Int {
    guard let plan = current else { return count }
    if plan.left == 0 {
      plan.left = -1
      plan.steps.append("✗write half of \(path)")
      return count / 2
    }
    try step("write", path)
    return count
  }
}
