import ArgumentParser
import ExptComponents
import ExptDocument
import ExptFiles
import ExptRunFolder
import ExptTensor
import ExptTraining

/// `expt run FILE`: trains the model that a file declares.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Train the model that an experiment file declares.",
    usage: """
      expt run <file> [<key.path=value> ...] [<options>]
      expt run --resume <run> [<key.path=value> ...] [<options>]
      """,
    discussion: """
      Prints the run folder's path as the last line of stdout, so that \
      run=$(expt FILE --quiet) works in a script. Settings can follow the file as \
      key.path=value, the same as --set.
      """)

  @Argument(
    help: "The experiment file, or - for standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @OptionGroup var experiment: ExperimentOptions

  @OptionGroup var place: RunsFolderOption

  @Option(
    help: ArgumentHelp(
      "Use exactly this run folder instead of a new one in RUNS/NAME.", valueName: "folder"),
    completion: .directory)
  var runDir: String?

  @OptionGroup var threading: ThreadsOption

  @Option(
    help: ArgumentHelp(
      "Resume a run that was interrupted, or that should train for more epochs; a RUN is a path, "
        + "a name, the start of a folder's name, or 'latest'.", valueName: "run"),
    completion: Completions.run)
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Save and stop at the end of this epoch, as if interrupted there (exit code 130).",
      valueName: "epoch"))
  var pauseAfter: Int?

  @Flag(
    name: .shortAndLong, help: "Print nothing but warnings, errors and the run folder's path.")
  var quiet = false

  @Flag(help: "At the end, print to stderr where the time went.")
  var profile = false

  @Flag(help: "Validate and print the resolved experiment, without training.")
  var dryRun = false

  func validate() throws {
    if let pauseAfter, pauseAfter < 1 {
      throw ValidationError("--pause-after must be an epoch, counted from 1")
    }
    if resume != nil && runDir != nil {
      throw ValidationError("--resume RUN continues in that folder: leave out --run-dir")
    }
  }

  func run() throws {
    if dryRun {
      return try Check.print(experiment.load(experimentPath(), settings))
    }
    StopSignal.install()
    let profile = profile ? Profile(spentBefore: ProcessAge.seconds) : nil
    let session = try start(profile)
    if !quiet { session.trainer.add(ProgressObserver()) }
    let ending = try finish(session)
    if let profile { Console.note(ProfileTable.text(profile)) }
    Console.path(session.folder.path)
    if case .interrupted = ending { ExitStatus.interrupted.exit() }
  }

  /// The experiment file, or that of the run to resume.
  private func experimentPath() throws -> String {
    if let resume {
      if let file, settings.isEmpty {
        throw CommandFailure(
          .usage,
          "--resume RUN continues the experiment in the run folder: leave out '\(file)'")
      }
      do { return try place.find(resume).resolvedFile } catch {
        throw CommandFailure(training: error)
      }
    }
    guard let file else {
      throw CommandFailure(
        .usage,
        "name an experiment file, or a run with --resume RUN; 'expt --help' lists the commands")
    }
    try MisspeltCommand.refuse(file)
    return try ExperimentOptions.checkFile(file)
  }

  /// With --resume, what stands in the file's place is a setting.
  private var settings: [String] {
    guard resume != nil, let file, file.contains("="), !FilePath.exists(file) else { return [] }
    return [file]
  }

  /// The experiment of the run to resume, with those overrides that such a run can have.
  private func resumedExperiment() throws -> (file: ExperimentFile, original: ExperimentFile) {
    let path = try experimentPath()
    let file = try experiment.load(path, settings)
    let original = try ExperimentFile.load(path: path, overrides: [], catalog: Expt.catalog)
    try file.checkResumes(original)
    return (file, original)
  }

  private func start(_ profile: Profile?) throws -> RunSession {
    let options = RunSession.Options(
      runsFolder: place.runs, exactFolder: runDir, threads: threading.count,
      environment: .ofProcess(quiet: quiet), versions: Version.ofBuild, profile: profile,
      warn: Console.warning, note: Console.remark)
    do {
      if let resume {
        let (file, original) = try resumedExperiment()
        profile?.charge(.readingExperiment)
        return try RunSession.resuming(
          place.find(resume).path, file, from: original, options)
      }
      let file = try experiment.load(experimentPath())
      profile?.charge(.readingExperiment)
      return try RunSession.starting(file, options)
    } catch { throw CommandFailure(training: error) }
  }

  /// Why a run that was to be resumed has trained no epoch.
  private func sayNothingIsLeft(_ session: RunSession) {
    let epochs = session.trainer.position.epoch
    if let reason = session.trainer.earlyStop {
      Console.warning(reason)
    } else if !quiet {
      Console.note(
        "This run has trained all its \(epochs) \(epochs == 1 ? "epoch" : "epochs"). For more: expt run --resume "
          + "\(session.folder.path) --set training.epochs=\(2 * epochs)")
    }
  }

  private func finish(_ session: RunSession) throws -> Trainer.Ending {
    do {
      let epochs = session.trainer.position.epoch
      let pause = pauseAfter ?? .max
      let ending = try session.train {
        StopSignal.isRaised || session.trainer.position.epoch >= pause
      }
      if resume != nil, epochs == session.trainer.position.epoch, case .finished = ending {
        sayNothingIsLeft(session)
      }
      if case .interrupted = ending {
        Console.note(
          "Stopped and saved. To continue: expt run --resume \(session.folder.path)")
      } else if !quiet {
        for sentence in session.diagnosis { Console.note(sentence) }
        if let substitution = session.substitution { Console.warning(substitution) }
      }
      return ending
    } catch { throw CommandFailure(training: error) }
  }
}
