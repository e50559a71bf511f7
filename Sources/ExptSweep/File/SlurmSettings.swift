import ExptDocument

/// What a sweep asks of Slurm, for each of its runs.
public struct SlurmSettings: Sendable, Hashable {
  public var partition: String?
  /// As Slurm takes it: minutes, or `hours:minutes:seconds`.
  public var time: String?
  public var cpus = 1
  /// As Slurm takes it: `4G`.
  public var memory: String?
  /// At most so many tasks at once.
  public var throttle: Int?

  public init() {}

  static func reading(_ node: Node, _ reader: inout SweepReader) -> SlurmSettings {
    let entries = reader.mapping(
      node, "'slurm'", keys: ["partition", "time", "cpus", "memory", "throttle"])
    var settings = SlurmSettings()
    settings.partition = reader.text(entries["partition"])
    settings.time = reader.text(entries["time"])
    settings.cpus = reader.integer(entries["cpus"], in: 1...1024, default: 1)
    settings.memory = reader.text(entries["memory"])
    settings.throttle = reader.integer(entries["throttle"], in: 1...100_000)
    return settings
  }

  /// For `sbatch`.
  var options: [String] {
    var options = ["--cpus-per-task=\(cpus)"]
    if let partition { options.append("--partition=\(partition)") }
    if let time { options.append("--time=\(time)") }
    if let memory { options.append("--mem=\(memory)") }
    return options
  }
}
