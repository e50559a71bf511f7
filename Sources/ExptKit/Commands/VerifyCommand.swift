import ArgumentParser
import ExptDocument
import ExptFiles
import ExptReport
import ExptSweep
import ExptTensor
import ExptTraining

/// `expt verify`: whether experiments come to what is expected of them.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Train experiments and compare what they come to with published numbers.",
    usage: "expt verify [<name> ...] [<options>]",
    discussion: """
      Each experiment of --folder says under 'expect:' which numbers it should come to, and where those \
      are from. The tier quick takes minutes, standard most of an hour, full as long as the papers took. A \
      NAME is a file of that folder without its ending, or a file of your own; experiments that its checks \
      refer to are run too.

      The runs are kept in RUNS/verify: killed and started again, the same command continues where it \
      stopped. Evaluators measure the last weights. Prints what is reproduced and what is not, writes \
      verify.json and verify.html there, and exits with 1 where something is not reproduced or could \
      not be measured.
      """)

  @Argument(
    help: ArgumentHelp("Experiments; default: all of the tier.", valueName: "name"),
    completion: .file(extensions: ["yaml", "yml"]))
  var names: [String] = []

  @Option(help: ArgumentHelp("quick, standard or full.", valueName: "tier"))
  var tier: Expectations.Tier = .quick

  @Option(
    help: ArgumentHelp("The folder of the experiments.", valueName: "folder"),
    completion: .directory)
  var folder = "experiments/verify"

  @Option(
    name: .short("j", "jobs"), help: ArgumentHelp("Number of runs at once.", valueName: "number"))
  var jobs: Int = 1

  @Option(
    name: .short("t", "threads"),
    help: ArgumentHelp(
      "Threads per run; default: the processors divided among the jobs.", valueName: "number"))
  var threads: Int?

  @Option(
    help: ArgumentHelp("The folder that holds the folder verify.", valueName: "folder"),
    completion: .directory)
  var runs: String = "runs"

  @Flag(help: "Restart failed runs from the beginning.") var retry = false

  @Flag(name: .shortAndLong, help: "Print nothing but warnings, errors and the result.")
  var quiet = false

  @Flag(help: "Print verify.json instead of text.") var json = false

  func validate() throws {
    try Self.check("--jobs", jobs, in: 1...1024)
    try Self.check("--threads", threads, in: 1...1024)
  }

  func run() throws {
    do { try verify() } catch { throw CommandFailure(training: error) }
  }

  private func verify() throws {
    let experiments = try [VerifiedExperiment](named: names, in: folder, tier: tier)
    let points = experiments.points
    announce(experiments, points.count)
    let (runner, folder) = try train(experiments, points.map(\.point))
    guard !runner.wasStopped, runner.cannotWrite == nil else {
      Console.note("Stopped and saved. The same command continues.")
      (runner.cannotWrite == nil ? ExitStatus.interrupted : .inputOutput).exit()
    }
    let verification = Verification(
      experiments, points.map(\.owner), runner.states, in: folder, threads: share,
      report: { if !quiet { Console.note($0) } })
    let result = verification.json(version: Version.text)
    try AtomicFile.write(result.pretty, to: FilePath.join(folder.path, "verify.json"))
    let page = FilePath.join(folder.path, "verify.html")
    try VerificationPage(verification).write(to: page)
    Console.result(json ? String(result.pretty.dropLast()) : verification.text)
    if !quiet { Console.note("The same as a page: \(page)") }
    if !verification.isReproduced { ExitStatus.notReproduced.exit() }
  }

  /// Says what there is to be done, and about how long that takes where it is known.
  private func announce(_ experiments: [VerifiedExperiment], _ count: Int) {
    if quiet { return }
    let minutes = experiments.compactMap(\.expectations.minutes)
    let unknown = experiments.count - minutes.count
    let total = minutes.reduce(0, +)
    let time =
      total < 100
      ? "\(Words.significant(total, 2)) minutes"
      : "\(Words.significant(total / 60, 2)) hours"
    let known = minutes.isEmpty ? "" : "; about \(time) on two processors"
    let rest =
      unknown == 0
      ? ""
      : "; how long \(minutes.isEmpty ? "they take" : "\(unknown) of them take") is not known"
    Console.note(
      "\(Words.count(experiments.count, "experiment")), \(Words.count(count, "run"))\(known)\(rest)"
    )
  }

  private var share: Int { threads ?? max(1, ThreadPool.usableProcessors / jobs) }

  private func train(
    _ experiments: [VerifiedExperiment], _ points: [Point]
  ) throws -> (runner: SweepRunner, folder: SweepFolder) {
    guard let program = OwnProgram.path else {
      throw CommandFailure(.software, "cannot locate the expt executable")
    }
    let list = "verify:\n" + experiments.map { "- \($0.path)\n" }.joined()
    let file = SweepFile(listing: "verify", path: "expt verify", text: Array(list.utf8))
    let maker = try PointMaker(file) { document, name throws(Diagnostics) in
      try ExperimentFile.resolved(document, name: name)
    }
    StopSignal.install()
    let display = SweepDisplay()
    var options = SweepRunner.Options()
    options.jobs = jobs
    options.repeatsFailed = retry
    options.isStopped = { StopSignal.isRaised }
    if !quiet {
      options.say = { display.say($0) }
      options.tick = { display.draw($0) }
    }
    let folder = SweepFolder(path: FilePath.join(runs, "verify"))
    let runner = try SweepRunner(
      maker, points: points, folder: folder,
      program: RunProgram(path: program, threads: share), options: options)
    let finished = runner.states.count { $0.stage == .finished }
    if finished > 0, !quiet {
      Console.note(
        "finished before, and not trained again: \(finished) of \(Words.count(points.count, "run")); to train anew, "
          + "perhaps with another version of expt, remove \(folder.path)")
    }
    try runner.run()
    display.clear()
    return (runner, folder)
  }
}

extension Expectations.Tier: ExpressibleByArgument {}
