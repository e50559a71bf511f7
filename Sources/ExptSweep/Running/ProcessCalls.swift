// The one file of this module that talks to the operating system.

import ExptFiles

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// How a process ended.
enum ProcessEnd: Hashable {
  case exited(Int32)
  case signalled(Int32)
  /// A cluster ended it, for a reason in words.
  case lost(String)

  /// Whether it was ended for a reason that says nothing about the run itself: by a person, a
  /// cluster, or a machine short of memory or disk.
  var isKill: Bool {
    switch self {
    // What a shell or a batch system says of a process that a signal ended.
    case .exited(let code): code > 128 && Self.kills.contains(code - 128)
    case .signalled(let number): Self.kills.contains(number)
    case .lost: true
    }
  }

  /// SIGBUS is how a full or broken disk behind a mapped file shows.
  private static let kills = [
    SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGXCPU, SIGXFSZ, SIGBUS,
  ]

  /// Reading or writing failed, as on a full disk: other runs would fare no better.
  var isInputOutput: Bool { self == .exited(74) }

  var sentence: String {
    switch self {
    case .exited(let code): "it ended with code \(code)"
    case .lost(let reason): reason
    case .signalled(let number): "signal \(number) ended it (\(String(cString: strsignal(number))))"
    }
  }
}

enum ProcessCalls {
  /// Starts a program that holds the lock at `lock` until it ends, whatever becomes of its parent:
  /// the lock belongs to an open file, which the process inherits.
  ///
  /// It reads nothing, what it says is appended to `log`, and it has a process group of its own, so
  /// that a Ctrl-C reaches it only through its parent.
  ///
  /// - Returns: Its number; nil when another process holds the lock.
  static func start(
    _ program: String, _ arguments: [String], lock: String, log: String
  ) throws(FileProblem) -> Int32? {
    let (lockFile, logFile) = (try AppendingFile(lock), try AppendingFile(log))
    defer { withExtendedLifetime((lockFile, logFile)) {} }
    let file = lockFile.file.number
    if flock(file, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { return nil }
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
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, logFile.file.number, 1)
    posix_spawn_file_actions_adddup2(&actions, logFile.file.number, 2)
    posix_spawn_file_actions_adddup2(&actions, file, inheritedLock)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for number in [SIGINT, SIGTERM, SIGPIPE, SIGXFSZ] { sigaddset(&defaults, number) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    // Signals that this process was started with blocked would stay so: a run must hear them.
    var blocked = sigset_t()
    sigemptyset(&blocked)
    posix_spawnattr_setsigmask(&attributes, &blocked)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var process: pid_t = 0
    let code = posix_spawn(&process, program, &actions, &attributes, words, environ)
    guard code == 0 else { throw problem(.unreadable, "start this program", program, code) }
    return process
  }

  /// The descriptor by which a started process holds its lock: the first after the standard three,
  /// so that it is there however few files a process may have open.
  private static let inheritedLock: Int32 = 3

  /// How a started process ended; nil while it runs.
  static func end(of process: Int32) -> ProcessEnd? {
    var status: Int32 = 0
    let result = waitpid(process, &status, WNOHANG)
    if result == 0 || (result < 0 && errno == EINTR) { return nil }
    if result < 0 { return .signalled(SIGKILL) }
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
  }

  /// Asks a process to save and stop.
  static func interrupt(_ process: Int32) {
    if process > 1 { kill(process, SIGINT) }
  }

  static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }

  /// Seconds by a clock that only goes forward.
  static var seconds: Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }

  private static func problem(
    _ code: FileProblem.Code, _ what: String, _ path: String, _ number: Int32 = errno
  ) -> FileProblem {
    FileProblem(code, "cannot \(what): \(String(cString: strerror(number))).", path: path)
  }
}
