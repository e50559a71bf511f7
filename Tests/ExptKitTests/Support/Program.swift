import ExptTestSupport
import Foundation
import Testing

/// The built program, run as a user runs it.
struct Program {
  struct Result {
    var status: Int32
    var output: String
    var messages: String
    /// The last line of stdout: for `run` the run folder.
    var lastLine: String { output.split(separator: "\n").last.map(String.init) ?? "" }
  }

  /// `expt` beside the test bundle.
  static var path: String {
    get throws {
      let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
      var folder = bundle.deletingLastPathComponent()
      for _ in 0..<4 {
        let candidate = folder.appendingPathComponent("expt").path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder),
          !isFolder.boolValue
        {
          return candidate
        }
        folder.deleteLastPathComponent()
      }
      throw ProgramMissing()
    }
  }

  /// The same program built in the other configuration (release where this one is debug): named by
  /// the environment variable `EXPT_OTHER_BUILD`.
  static let otherBuild = ProcessInfo.processInfo.environment["EXPT_OTHER_BUILD"]

  struct ProgramMissing: Error, CustomStringConvertible {
    var description: String { "no 'expt' beside the tests: build the package first" }
  }

  /// Starts the program in the package's folder.
  static func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Running {
    try start(tool: [try path] + arguments, environment: environment)
  }

  /// Starts any program, found through the search path, in the package's folder.
  static func start(tool: [String], environment: [String: String] = [:]) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = tool
    process.currentDirectoryURL = URL(fileURLWithPath: packageFolder)
    var variables = ProcessInfo.processInfo.environment
    variables["EXPT_OFFLINE"] = "1"
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    return try Running(process)
  }

  @discardableResult
  static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
    try start(arguments, environment: environment).wait()
  }

  /// A process whose output is being collected in files, so that no pipe can fill up.
  final class Running {
    let process: Process
    private let folder = TemporaryFolder()

    init(_ process: Process) throws {
      self.process = process
      process.standardOutput = try handle("out")
      process.standardError = try handle("err")
      try process.run()
    }

    private func handle(_ name: String) throws -> FileHandle {
      let path = folder.file(name)
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      return try #require(FileHandle(forWritingAtPath: path))
    }

    func wait() throws -> Result {
      process.waitUntilExit()
      let signalled = process.terminationReason == .uncaughtSignal
      return Result(
        status: signalled ? -process.terminationStatus : process.terminationStatus,
        output: try String(contentsOfFile: folder.file("out"), encoding: .utf8),
        messages: try String(contentsOfFile: folder.file("err"), encoding: .utf8))
    }

    /// What the program has written so far on stdout.
    var outputSoFar: String {
      (try? String(contentsOfFile: folder.file("out"), encoding: .utf8)) ?? ""
    }

    /// What the program has said so far on stderr.
    var messagesSoFar: String {
      (try? String(contentsOfFile: folder.file("err"), encoding: .utf8)) ?? ""
    }
  }
}
