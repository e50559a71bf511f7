import ArgumentParser
import ExptDocument
import ExptFiles
import ExptReport
import ExptSweep
import ExptTensor
import ExptTraining

/// `expt sweep FILE`: many runs of one experiment with different settings.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Train an experiment with many combinations of settings.",
    usage: "expt sweep <file> [<options>]",
    discussion: """
      The file names an experiment and the settings to vary: see experiments/sweeps/. A sweep is \
      a folder; the same command continues where it stopped: finished runs are left alone, \
      interrupted ones resume, and with --retry failed ones start again.
      """)

  @Argument(help: "The sweep file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    name: .short("j", "jobs"), help: ArgumentHelp("Number of runs at once.", valueName: "number"))
  var jobs: Int = 1

  @Option(
    name: .short("t", "threads"),
    help: ArgumentHelp(
      "Threads per run; default: the processors divided among the jobs.",
      valueName: "number"))
  var threads: Int?

  @Option(
    help: ArgumentHelp("The folder that holds sweeps.", valueName: "folder"),
    completion: .directory)
  var runs: String = "runs"

  @Option(
    help: ArgumentHelp("Use this folder; default: RUNS/NAME.", valueName: "folder"),
    completion: .directory)
  var sweepDir: String?

  @Option(help: ArgumentHelp("Only every nth point, starting with the ith.", valueName: "i/n"))
  var shard: String?

  @Option(
    help: ArgumentHelp(
      "What runs the points: local, or slurm (see 'slurm:' in the sweep file).",
      valueName: "launcher"))
  var launcher: Place = .local

  enum Place: String, ExpressibleByArgument, CaseIterable { case local, slurm }

  @Flag(help: "Restart failed runs from the beginning.")
  var retry = false

  @Flag(help: "Validate, print the points and a time estimate; train only a short probe.")
  var dryRun = false

  @Flag(name: .shortAndLong, help: "Print nothing but warnings, errors and the result.")
  var quiet = false

  @OptionGroup var format: TableFormat

  func validate() throws {
    if !(1...1024).contains(jobs) { throw ValidationError("--jobs must be from 1 to 1024") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024")
    }
    if let shard, Shard(shard) == nil {
      throw ValidationError("--shard is I/N with I from 1 to N, such as 2/4, not '\(shard)'")
    }
  }

  func run() throws {
    do {
      try FileKind.refuse(.experiment, at: file)
      let sweep = try SweepFile.load(file, catalog: Expt.catalog)
      var maker = try PointMaker(sweep) { document, name throws(Diagnostics) in
        try ExperimentFile.resolved(document, name: name)
      }
      let (points, repeated) = try maker.points()
      if !maker.warnings.isEmpty {
        for warning in maker.warnings.sorted { Console.note(warning.rendered) }
      }
      Notes.warn(SweepWarnings.objective(maker))
      if repeated > 0 { Console.warning("\(repeated) points are duplicates and are left out") }
      guard let program = OwnProgram.path else {
        throw CommandFailure(.software, "cannot locate the expt executable")
      }
      let share = max(1, ThreadPool.usableProcessors / jobs)
      let cpus = launcher == .slurm ? sweep.slurm.cpus : share
      let run = RunProgram(path: program, threads: threads ?? cpus)
      if !maker.skipped.isEmpty {
        Console.note(SweepSummary.text(ofSkipped: maker.skipped))
      }
      if dryRun { return try SweepPreview.print(points, maker, run, jobs: jobs, format) }
      try train(maker, points, run)
    } catch { throw CommandFailure(training: error) }
  }

  private func train(_ maker: PointMaker, _ points: [Point], _ program: RunProgram) throws {
    StopSignal.install()
    let display = SweepDisplay()
    var options = SweepRunner.Options()
    options.jobs = jobs
    options.usesSlurm = launcher == .slurm
    options.repeatsFailed = retry
    options.shard = shard.flatMap { Shard($0) }
    options.isStopped = { StopSignal.isRaised }
    let isQuiet = quiet
    if !isQuiet {
      options.say = { display.say($0) }
      options.tick = { display.draw($0) }
    }
    let path = sweepDir ?? FilePath.join(runs, maker.file.name)
    let runner = try SweepRunner(
      maker, points: points, folder: SweepFolder(path: path), program: program, options: options)
    try runner.run()
    display.clear()
    try conclude(runner)
  }

  /// Prints the ranking, and how to go on.
  private func conclude(_ runner: SweepRunner) throws {
    let summary = SweepSummary(runner)
    if let first = summary.reasons.first {
      Notes.warn(["not ranked: \(first)"] + summary.reasons.dropFirst())
    }
    if format.json {
      Console.result(String(summary.json.dropLast()))
    } else if format.csv {
      Console.result(String(summary.csv.dropLast()))
    } else {
      Console.result(summary.table(width: Console.listWidth))
      if !summary.importanceText.isEmpty { Console.result("\n" + summary.importanceText) }
    }
    if runner.skipped.count > runner.maker.skipped.count {
      Console.note(SweepSummary.text(ofSkipped: runner.skipped))
    }
    if let end = runner.endOfSearch {
      Console.warning("the search ended after \(runner.states.count) trials: \(end)")
    }
    let failed = runner.states.filter { $0.stage == .failed }
    let left = runner.unfinished.count - failed.count
    if !failed.isEmpty {
      Console.note("\(failed.count) failed. To retry them: \(again) --retry")
      for state in failed.prefix(5) {
        Console.note("  \(state.point.name): \(state.reason ?? "see its log")")
      }
    }
    if let problem = runner.cannotWrite {
      Console.error("no further runs were started, because one could not read or write: \(problem)")
      Console.note("Once that is fixed (by freeing disk space, for instance), continue: \(again)")
      ExitStatus.inputOutput.exit()
    }
    if runner.ranOutOfHours, left > 0, !StopSignal.isRaised {
      let limit = runner.file.limits.hours.map { Words.significant($0, 4) } ?? ""
      Console.note(
        "Stopped and saved: limits.max_hours, \(limit) over all starts, is used up. To continue: raise "
          + "it in \(file), then \(again)")
    } else if runner.wasStopped, left > 0 || StopSignal.isRaised {
      Console.note("Stopped and saved. To continue: \(again)")
      if StopSignal.isRaised { ExitStatus.interrupted.exit() }
    } else if left > 0 {
      Console.note("\(left) not finished. To continue: \(again)")
      ExitStatus.software.exit()
    } else if !quiet, failed.isEmpty {
      Console.note("To compare: expt compare \(runner.folder.runsFolder)")
    }
    if !failed.isEmpty { ExitStatus.software.exit() }
  }

  /// This command, to be typed again.
  private var again: String {
    var words = ["expt sweep", file]
    if jobs != 1 { words.append("--jobs \(jobs)") }
    if let threads { words.append("--threads \(threads)") }
    if let sweepDir { words.append("--sweep-dir \(sweepDir)") }
    if sweepDir == nil, runs != "runs" { words.append("--runs \(runs)") }
    if launcher != .local { words.append("--launcher \(launcher.rawValue)") }
    if let shard { words.append("--shard \(shard)") }
    return words.joined(separator: " ")
  }
}
