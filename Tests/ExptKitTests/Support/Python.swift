import Foundation

/// The Python that tests may compare with: `EXPT_PYTHON`, else `python3`.
enum Python {
  /// Whether it is there and has all of PyTorch, NumPy and safetensors. (Looks for them without
  /// loading them, which takes seconds.)
  static let hasPyTorch = has(["numpy", "safetensors", "torch"])

  /// Whether it is there and has these modules.
  static func has(_ modules: [String]) -> Bool {
    let program = """
      import importlib.util, sys
      for name in sys.argv[1:]: assert importlib.util.find_spec(name)
      """
    return (try? run(["-c", program] + modules)) != nil
  }

  /// Whether there is one at all.
  static let isThere = (try? run(["-c", ""])) != nil

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs Python and returns what it printed on stdout.
  @discardableResult
  static func run(_ arguments: [String]) throws -> String {
    let folder = TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [ProcessInfo.processInfo.environment["EXPT_PYTHON"] ?? "python3"] + arguments
    // Threads that spin for work this small only keep each other from it.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["OMP_NUM_THREADS": "1"], uniquingKeysWith: { $1 })
    // Files, not pipes: neither can fill up and stop the program.
    process.standardOutput = try folder.handle("out")
    process.standardError = try folder.handle("err")
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw Failure(description: try folder.text("err"))
    }
    return try folder.text("out")
  }
}

extension TemporaryFolder {
  /// An empty new file to write to.
  fileprivate func handle(_ name: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: file(name), contents: nil)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: file(name)))
  }

  fileprivate func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }
}
