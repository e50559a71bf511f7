import ExptFiles
import Foundation

/// A folder of a test's own, removed with the value.
final class Folder: Sendable {
  let path: String
  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/expt-test-\(UUID().uuidString)"
    try ExclusiveFolder.makeAll(path)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  var target: String { path + "/data.bin" }
  var names: [String] { (try? FilePath.names(in: path)) ?? ["unreadable"] }
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
