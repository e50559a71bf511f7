import Foundation

/// The Python that tests may compare with: `EXPT_PYTHON`, else the one that `scripts/test_tools.sh`
/// makes, else `python3`.
public enum Python {
  public static let program: String = {
    let own = packageFolder + "/.build/python/bin/python"
    return ProcessInfo.processInfo.environment["EXPT_PYTHON"]
      ?? (isExecutable(own) ? own : "python3")
  }()

  /// Whether it is there and has all these modules. (Looks for them without loading them, which
  /// takes seconds.)
  static func has(_ modules: [String]) -> Bool {
    let search = """
      import importlib.util, sys
      for name in sys.argv[1:]: assert importlib.util.find_spec(name)
      """
    return (try? run(search, modules)) != nil
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs a program text and returns what it printed on stdout.
  /// - Throws: What it said on stderr, if it fails.
  @discardableResult
  public static func run(_ program: String, _ arguments: [String] = []) throws -> String {
    try start(["-c", program] + arguments)
  }

  /// Runs a program in a file.
  @discardableResult
  public static func run(file: String, _ arguments: [String] = []) throws -> String {
    try start([file] + arguments)
  }

  private static func start(_ arguments: [String]) throws -> String {
    let folder = TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
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
  /// A new file to write to.
  fileprivate func handle(_ name: String) throws -> FileHandle {
    try FileHandle(forWritingTo: URL(fileURLWithPath: write("", to: name)))
  }

  fileprivate func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }
}
