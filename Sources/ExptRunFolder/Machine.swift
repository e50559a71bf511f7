import ExptFiles

/// The machine that a run ran on.
public struct Machine: Sendable, Hashable {
  /// The host's name.
  public var host: String
  /// For example `AMD EPYC 9654 96-Core Processor`.
  public var processor: String
  public var cores: Int
  /// Physical memory in bytes.
  public var memory: Int
  /// For example `Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64`.
  public var system: String

  public init(host: String, processor: String, cores: Int, memory: Int, system: String) {
    self.host = host
    self.processor = processor
    self.cores = cores
    self.memory = memory
    self.system = system
  }

  /// The machine this process runs on.
  public static var current: Machine {
    Machine(
      host: HostCalls.host, processor: processorName, cores: HostCalls.cores,
      memory: HostCalls.memory, system: systemName)
  }

  private static var processorName: String {
    #if canImport(Darwin)
      return HostCalls.sysctlText("machdep.cpu.brand_string") ?? "unknown"
    #else
      // ARM kernels give no name; the kernel line under `system` has at least the kind.
      return value(of: "model name", in: "/proc/cpuinfo", separator: ":") ?? "unknown"
    #endif
  }

  private static var systemName: String {
    #if canImport(Darwin)
      let name = HostCalls.sysctlText("kern.osproductversion").map { "macOS \($0)" }
    #else
      let name = value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "=")
    #endif
    return [name, HostCalls.kernel].compactMap { $0 }.joined(separator: ", ")
  }

  /// The first `key<separator>value` line's value, without quotes.
  private static func value(of key: String, in path: String, separator: Character) -> String? {
    guard let bytes = try? FileBytes.readStart(path) else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1)
      guard parts.count == 2, parts[0].filter({ $0 != "\t" }) == key else { continue }
      return String(parts[1].drop { $0 == " " }).filter { $0 != "\"" }
    }
    return nil
  }
}

/// A process, named so that it can be told from a later one with the same number.
public struct ProcessRecord: Sendable, Hashable {
  public var id: Int
  public var host: String
  /// Changes with every start of the machine; empty if the system has none.
  public var boot: String

  public init(id: Int, host: String, boot: String) {
    self.id = id
    self.host = host
    self.boot = boot
  }

  /// This process.
  public static var current: ProcessRecord {
    ProcessRecord(id: HostCalls.processIdentifier, host: HostCalls.host, boot: bootIdentifier)
  }

  /// Whether the process is there; nil when it belongs to another machine.
  public var exists: Bool? {
    guard host == HostCalls.host else { return nil }
    return boot == Self.bootIdentifier && HostCalls.processExists(id)
  }

  private static var bootIdentifier: String {
    #if canImport(Darwin)
      return HostCalls.sysctlText("kern.bootsessionuuid") ?? ""
    #else
      let bytes = (try? FileBytes.readStart("/proc/sys/kernel/random/boot_id")) ?? []
      return String(decoding: bytes.prefix { $0 > 32 }, as: UTF8.self)
    #endif
  }
}

/// The commit of the source that a run was started from.
public struct GitState: Sendable, Hashable {
  public var commit: String
  /// Whether tracked files differ from the commit.
  public var isDirty: Bool

  public init(commit: String, isDirty: Bool) {
    self.commit = commit
    self.isDirty = isDirty
  }

  /// The state of the repository around the working folder; nil if there is none, no commit, or
  /// no git. Starts one process, which takes some milliseconds.
  public static var current: GitState? {
    let command =
      "GIT_OPTIONAL_LOCKS=0 git status --porcelain=v2 --branch --untracked-files=no 2>/dev/null"
    return HostCalls.output(ofShellCommand: command).flatMap(GitState.init(status:))
  }

  /// From what `git status --porcelain=v2 --branch` prints.
  init?(status: String) {
    let lines = status.split(separator: "\n")
    let mark = "# branch.oid "
    guard let line = lines.first(where: { $0.hasPrefix(mark) }) else { return nil }
    commit = String(line.dropFirst(mark.count))
    isDirty = lines.contains { !$0.hasPrefix("#") }
    if commit == "(initial)" { return nil }
  }
}
