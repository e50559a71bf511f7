import ExptDocument

/// What a sweep asks of Slurm, for each of its runs.
public struct SlurmSettings: Sendable, Hashable {
  public var partition: String?
  /// As Slurm takes it: minutes, or `hours:minutes:seconds`.
  public var time: String?
  public var cpus = 1
  /// As Slurm takes it: `4G`.
  public var memory: String?
  public var account: String?
  public var qos: String?
  /// Features that a node must have: `avx512`, `rack1|rack2`.
  public var constraint: String?
  /// Any others that `sbatch` takes, one each: `--gres=gpu:1`.
  public var options: [String] = []
  /// At most so many tasks at once.
  public var throttle: Int?

  public init() {}

  static func reading(_ node: Node, _ reader: inout SweepReader) -> SlurmSettings {
    let keys = [
      "partition", "time", "cpus", "memory", "account", "qos", "constraint", "options", "throttle",
    ]
    let entries = reader.mapping(node, "'slurm'", keys: keys)
    var settings = SlurmSettings()
    settings.partition = reader.line(entries["partition"])
    settings.time = reader.line(entries["time"])
    settings.cpus = reader.integer(entries["cpus"], in: 1...1024, default: 1)
    settings.memory = reader.line(entries["memory"])
    settings.account = reader.line(entries["account"])
    settings.qos = reader.line(entries["qos"])
    settings.constraint = reader.line(entries["constraint"])
    settings.options = options(entries["options"], &reader)
    settings.throttle = reader.integer(entries["throttle"], in: 1...100_000)
    return settings
  }

  /// For `sbatch`, which gets each as a word of its own, through no shell.
  var words: [String] {
    var words = ["--cpus-per-task=\(cpus)"]
    let named = [
      ("partition", partition), ("time", time), ("mem", memory), ("account", account),
      ("qos", qos), ("constraint", constraint),
    ]
    for (name, value) in named { if let value { words.append("--\(name)=\(value)") } }
    return words + options
  }

  private static func options(_ entry: Node.Entry?, _ reader: inout SweepReader) -> [String] {
    guard let entry else { return [] }
    guard let elements = entry.value.elements else {
      reader.error(
        .wrongType, "'options' is a list, not \(entry.value.summary)", entry.value,
        "write options: ['--gres=gpu:1']")
      return []
    }
    return elements.compactMap { element in
      guard let text = reader.line(Node.Entry(key: "options", value: element)) else { return nil }
      guard let problem = problem(with: text) else { return text }
      reader.error(
        .outOfRange, "\(element.scalar?.summary ?? text) is not an option to hand on to sbatch",
        element, problem)
      return nil
    }
  }

  /// What to write instead of an option, or why it cannot be had.
  private static func problem(with option: String) -> String? {
    let name = option.prefix { $0 != "=" }
    let isName = name.dropFirst(2).utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
    }
    guard option.hasPrefix("--"), name.count > 2, isName else {
      return "write each as '--name' or '--name=value'"
    }
    // sbatch takes the beginning of a name for the whole.
    guard let reserved = reserved.first(where: { $0.name.hasPrefix(name.dropFirst(2)) }) else {
      return nil
    }
    return "--\(reserved.name): \(reserved.reason)"
  }

  private static let reserved: [(name: String, reason: String)] =
    [
      "array", "job-name", "output", "parsable", "requeue", "no-requeue", "signal", "dependency",
      "wait", "wrap", "test-only", "help", "usage", "version", "uid", "chdir", "begin",
    ].map { ($0, "the sweep itself depends on it") }
    + [
      ("partition", "partition"), ("time", "time"), ("cpus-per-task", "cpus"), ("mem", "memory"),
      ("account", "account"), ("qos", "qos"), ("constraint", "constraint"),
    ].map { ($0, "it has a key of its own, 'slurm.\($1)'") }
}

extension SweepReader {
  /// A text without line breaks and other control characters.
  mutating func line(_ entry: Node.Entry?) -> String? {
    guard let entry, let text = text(entry) else { return nil }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      error(.outOfRange, "'\(entry.key)' is a text on one line", entry.value)
      return nil
    }
    return text
  }
}
