import Foundation
import Synchronization
public import Testing

/// Skips a test, or the tests of a suite, where what it needs is absent; under `CI=true` fails them.
public struct Needs: TestTrait, SuiteTrait {
  let need: Need

  public var isRecursive: Bool { true }

  public func prepare(for test: Test) async throws {
    guard !test.isSuite, !need.isMet else { return }
    if ProcessInfo.processInfo.environment["CI"] == "true", need.excuse == nil {
      throw Absent(need: need)
    }
    Skipped.count(need)
    let skip: ConditionTrait = .disabled("it needs \(need.name)")
    try await skip.prepare(for: test)
  }

  private struct Absent: Error, CustomStringConvertible {
    let need: Need
    var description: String {
      "CI must have \(need.name): Tests/README.md says from where, or Need.swift gives an excuse"
    }
  }
}

extension Trait where Self == Needs {
  public static func needs(_ need: Need) -> Self { Needs(need: need) }
}

/// The tests that were skipped, told in one line when the process ends.
enum Skipped {
  private static let counts = Mutex<[String: Int]>([:])

  static func count(_ need: Need) {
    counts.withLock { counts in
      if counts.isEmpty { atexit { Skipped.report() } }
      counts[need.name, default: 0] += 1
    }
  }

  private static func report() {
    let counts = counts.withLock { $0 }
    let total = counts.values.reduce(0, +)
    let needs = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) (\($0.value))" }
    let skipped =
      total == 1 ? "1 test was skipped, for lack of" : "\(total) tests were skipped, for lack of"
    let line = """
      \(skipped) \(needs.joined(separator: ", ")). scripts/test_tools.sh installs what can be \
      installed; Tests/README.md explains the rest.

      """
    FileHandle.standardError.write(Data(line.utf8))
  }
}
