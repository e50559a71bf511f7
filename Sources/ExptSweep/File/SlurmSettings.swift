public import ExptComponents
import ExptDocument

/// What a sweep requests from Slurm for each of its runs.
public struct SlurmSettings: Settings {
  @Setting("The partition.") public var partition: String? = nil
  @Setting("The time limit, as Slurm writes it: minutes, or 'hours:minutes:seconds'.")
  public var time: String? = nil
  @Setting("Processors per run.", .within(1...1024)) public var cpus: Int = 1
  @Setting("Memory per run, as Slurm writes it: 4G.") public var memory: String? = nil
  @Setting("The account to charge.") public var account: String? = nil
  @Setting("The quality of service.") public var qos: String? = nil
  @Setting("Features that a node must have: 'rack1|rack2'.") public var constraint: String? = nil
  @Setting("Other options for sbatch, one per entry: '--gres=gpu:1'.")
  public var options: [String] = []
  @Setting("Number of tasks at once; null: no limit.", .within(1...100_000))
  public var throttle: Int? = nil

  public init() {}

  public func check(_ report: SettingsReport) {
    let texts = [
      ("partition", partition), ("time", time), ("memory", memory), ("account", account),
      ("qos", qos), ("constraint", constraint),
    ]
    for (key, text) in texts {
      if let text, let problem = Self.problem(withText: text) {
        report.error("'\(key)' \(problem)", at: key)
      }
    }
    for (index, option) in options.enumerated() {
      let place = ["options", "[\(index)]"]
      if let problem = Self.problem(withText: option) {
        report.report(.error, "'options[\(index)]' \(problem)", at: place)
      } else if let problem = Self.problem(with: option) {
        report.report(
          .error, "\(Diagnostic.quote(option)) is not an option to pass on to sbatch", at: place,
          help: problem)
      }
    }
  }

  private static func problem(withText text: String) -> String? {
    if text.isEmpty { return "is empty" }
    let isLine = !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    return isLine ? nil : "must be text on one line"
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

  /// What to write instead of an option, or why it is not allowed.
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
    ].map { ($0, "it has a setting of its own, 'slurm.\($1)'") }
}
