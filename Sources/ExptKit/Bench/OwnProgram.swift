import Foundation

/// This program, run again as a process of its own.
enum OwnProgram {
  /// The path of the program.
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
  /// (Foundation's `Process` waits forever for a thread if the system grants none.)
  ///
  /// - Returns: Its exit code, or a signal's number with a minus, and what it printed on stdout.
  static func run(
    _ arguments: [String], environment: [String: String], isSilent: Bool = false
  ) throws -> (status: Int32, output: [UInt8]) {
    guard let path else { throw CommandFailure(.software, "cannot locate the expt executable") }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw failure(path, errno) }
    defer { close(ends[0]) }
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let started = start(
      [path] + arguments, variables.map { "\($0)=\($1)" }, output: ends, isSilent: isSilent)
    close(ends[1])
    let process = try started.mapError { failure(path, $0.number) }.get()
    let output = readAll(ends[0])
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return (signal == 0 ? (status >> 8) & 0xFF : -signal, output)
  }

  private struct Refusal: Error { var number: Int32 }

  private static func failure(_ path: String, _ number: Int32) -> CommandFailure {
    CommandFailure(.inputOutput, "cannot run \(path): \(String(cString: strerror(number)))")
  }

  private static func start(
    _ words: [String], _ variables: [String], output: [Int32], isSilent: Bool
  ) -> Result<pid_t, Refusal> {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
    for end in output { posix_spawn_file_actions_addclose(&actions, end) }
    if isSilent {
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    }
    // What this process ignores the new one would.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for number in [SIGPIPE, SIGXFSZ] { sigaddset(&defaults, number) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, words[0], &actions, &attributes, &arguments, &environment)
    return code == 0 ? .success(process) : .failure(Refusal(number: code))
  }

  private static func readAll(_ descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count > 0 { bytes += chunk[..<count] }
      if count == 0 || (count < 0 && errno != EINTR) { return bytes }
    }
  }
}
