import ExptTestSupport
import Foundation

extension TemporaryFolder {
  /// Where a download goes.
  var target: String { file("data.bin") }
}

/// Collects what is reported.
///
/// `@unchecked Sendable`: the lock guards the lines.
final class Said: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []
  func add(_ line: String) { lock.withLock { lines.append(line) } }
  var all: [String] { lock.withLock { lines } }
}
