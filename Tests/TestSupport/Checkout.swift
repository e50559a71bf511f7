import Foundation

/// This package's folder, where `experiments/` and `scripts/` are.
public let packageFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path

func isExecutable(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }

/// Where a program is on the search path.
public func program(named name: String) -> String? {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
  return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: isExecutable)
}
