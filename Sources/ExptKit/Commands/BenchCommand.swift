import ArgumentParser
import ExptDocument
import ExptFiles
import ExptRunFolder
import ExptTensor
import ExptTraining

/// `expt bench`: measures how fast models train on this machine.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the speed of training on this machine.",
    usage: "expt bench [<workload> ...] [<options>]",
    discussion: """
      W1 to W13 train the experiments of experiments/bench, but for W5, which reconstructs the test \
      images with the models of W1 and W2. Each is measured in a process of its own, and no run \
      folder is made. If MNIST is missing, drawn digits are used instead, with a warning.
      """)

  @Argument(
    help: ArgumentHelp(
      "W1 … W13, or experiment files; and settings as key.path=value. Default: W1 to W5.",
      valueName: "workload"),
    completion: .file(extensions: ["yaml", "yml"]))
  var words: [String] = []

  @OptionGroup var threading: ThreadsOption

  @Option(
    help: ArgumentHelp(
      "Epochs to measure, or passes over the test images, after one to warm up.",
      valueName: "number"))
  var rounds: Int = 3

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting in all workloads.", valueName: "key.path=value"),
    completion: Completions.setting)
  var sets: [String] = []

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Flag(help: .hidden)
  var inThisProcess = false

  private static func isSetting(_ word: String) -> Bool {
    word.contains("=") && !FilePath.exists(word)
  }

  private var workloads: [String] { words.filter { !Self.isSetting($0) } }
  private var overrides: [String] { sets + words.filter(Self.isSetting) }

  func validate() throws {
    if !(1...10_000).contains(rounds) { throw ValidationError("--rounds must be from 1 to 10000") }
    for name in workloads where Workload.named(name).isEmpty && !name.contains(".") {
      throw ValidationError("there is no workload \(name): name W1 … W13, or an experiment file")
    }
  }

  func run() throws {
    let names = workloads.isEmpty ? ["W1", "W2", "W3", "W4", "W5"] : workloads
    let each = names.flatMap { name in
      Workload.named(name).isEmpty ? [name] : Workload.named(name).map(\.rawValue)
    }
    if inThisProcess {
      for name in each { try Console.result(measuring(name).json.compact) }
      return
    }
    var measurements: [Measurement] = []
    for name in each {
      Console.note("measuring \(name)")
      measurements.append(try measuredApart(name))
    }
    Console.result(json ? Self.json(measurements) : Self.text(measurements))
  }

  /// In a process of its own, so that its memory is its own; its allocations are counted where the
  /// library for that lies beside the program.
  private func measuredApart(_ name: String) throws -> Measurement {
    var arguments = ["bench", name, "--in-this-process", "--rounds", "\(rounds)"]
    if let threads = threading.threads { arguments += ["--threads", "\(threads)"] }
    arguments += overrides.flatMap { ["--set", $0] }
    let counter = OwnProgram.allocationCounter
    let (status, output) = try OwnProgram.run(
      arguments, environment: counter.map { ["LD_PRELOAD": $0] } ?? [:])
    guard status == 0 else {
      throw CommandFailure(ExitStatus(rawValue: status) ?? .software, "\(name) failed")
    }
    guard let json = try? JSONValue.parse(output, path: name), let found = Measurement(json) else {
      throw CommandFailure(.software, "\(name) printed no measurement")
    }
    return found
  }

  private func measuring(_ name: String) throws -> Measurement {
    let workload = Workload.named(name).first
    do {
      let file = try load(name, workload)
      let measuring = Measuring(
        name: name, title: workload?.title ?? file.experiment.name,
        isReconstruction: workload?.isReconstruction ?? false, file: file, rounds: rounds,
        options: RunSession.Options(
          threads: threading.count, environment: .ofProcess(),
          versions: Version.ofBuild, warn: Console.warning))
      return try measuring.run()
    } catch { throw CommandFailure(training: error) }
  }

  /// Epochs: one to warm up, those measured, and one for the profile.
  private func load(_ name: String, _ workload: Workload?) throws -> ExperimentFile {
    let overrides = try (overrides + ["training.epochs=\(rounds + 2)"]).map {
      try Override(parsing: $0)
    }
    guard let workload else {
      return try ExperimentFile.load(path: name, overrides: overrides, catalog: Expt.catalog)
    }
    let document = try Document.parse(
      workload.text, file: workload.rawValue, overrides: overrides)
    return try ExperimentFile(document, name: workload.rawValue, catalog: Expt.catalog)
  }

  private static func text(_ measurements: [Measurement]) -> String {
    let splits = measurements.filter { !$0.split.isEmpty }.map { BenchTable.split($0) }
    let machine = Machine.current
    let threads = measurements.first.map { "\($0.threads) threads, \($0.instructionSet)" } ?? ""
    return
      ([
        "\(machine.processor), \(machine.cores) cores, \(threads), expt \(Version.text)",
        BenchTable.text(measurements), BenchTable.legend,
      ] + splits).joined(separator: "\n\n")
  }

  private static func json(_ measurements: [Measurement]) -> String {
    let machine = Machine.current
    let object: JSONValue = [
      "expt": .string(Version.text), "processor": .string(machine.processor),
      "cores": JSONValue(machine.cores), "system": .string(machine.system),
      "workloads": .array(measurements.map(\.json)),
    ]
    return object.pretty
  }
}
