import Foundation

/// This program, run again as a process of its own.
enum OwnProgram {
  /// The program's file.
  static var path: String? { Bundle.main.executablePath }

  /// A library beside the program that counts allocations when loaded before all others.
  static var allocationCounter: String? {
    guard let path else { return nil }
    let library = URL(fileURLWithPath: path).deletingLastPathComponent()
      .appendingPathComponent("libexpt-allocations.so").path
    return FileManager.default.fileExists(atPath: library) ? library : nil
  }

  /// Runs it to its end. What it says on stderr goes to stderr, or nowhere.
  ///
  /// - Returns: Its exit code and what it printed on stdout.
  static func run(
    _ arguments: [String], environment: [String: String], isSilent: Bool = false
  ) throws -> (status: Int32, output: [UInt8]) {
    guard let path else { throw CommandFailure(.software, "cannot find this program's own file") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    if isSilent { process.standardError = FileHandle.nullDevice }
    do { try process.run() } catch {
      throw CommandFailure(.software, "cannot run \(path): \(error.localizedDescription)")
    }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, Array(output))
  }
}
