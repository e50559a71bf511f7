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
    discussion: """
      Prints the run folder's path as the last line of stdout, so that \
      run=$(expt FILE --quiet) works in a script.
      """)

  @Argument(help: "The experiment file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @OptionGroup var experiment: ExperimentOptions

  @Option(help: "The folder that holds run folders.", completion: .directory)
  var runs: String = "runs"

  @Option(help: "Use this run folder exactly.", completion: .directory)
  var runDir: String?

  @Option(help: "Threads; default: one for each processor this process may use.")
  var threads: Int?

  @Option(help: "Go on with a run that was interrupted (or has more epochs now).")
  var resume: String?

  @Option(
    help: "Save and stop at the end of this epoch, as if interrupted there (exit code 130).")
  var pauseAfter: Int?

  @Flag(help: "Print nothing but warnings, errors and the run folder's path.")
  var quiet = false

  @Flag(help: "Print where the time went, at the end, on stderr.")
  var profile = false

  @Flag(help: "Validate and print the resolved experiment; train nothing.")
  var dryRun = false

  func validate() throws {
    if file == nil && resume == nil {
      throw ValidationError(
        "name an experiment file, or a run with --resume RUN; 'expt --help' lists the commands")
    }
    if file != nil && resume != nil {
      throw ValidationError(
        "--resume RUN goes on with the experiment in the run folder: leave out the file")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024")
    }
    if let pauseAfter, pauseAfter < 1 {
      throw ValidationError("--pause-after is an epoch, from 1 on")
    }
    if resume != nil && runDir != nil {
      throw ValidationError("--resume RUN goes on in that folder: leave out --run-dir")
    }
  }

  func run() throws {
    if dryRun {
      return try Check.print(experiment.load(experimentPath()))
    }
    StopSignal.install()
    let profile = profile ? Profile(spentBefore: ProcessAge.seconds) : nil
    let session = try start(profile)
    if !quiet { session.trainer.add(ProgressObserver()) }
    let ending = try finish(session)
    if let profile { Console.note(ProfileTable.text(profile)) }
    Console.result(session.folder.path)
    if case .interrupted = ending { ExitStatus.interrupted.exit() }
  }

  /// The experiment file, or that of the run to go on with.
  private func experimentPath() throws -> String {
    if let file {
      try Self.refuseMisspeltCommand(file)
      return file
    }
    do { return try RunFolder.open(resume ?? "").resolvedFile } catch {
      throw CommandFailure(training: error)
    }
  }

  /// `expt comapre` would run the experiment file of this name.
  private static func refuseMisspeltCommand(_ file: String) throws {
    guard !file.contains("/"), !file.contains("."), !FilePath.exists(file) else { return }
    let commands = RootCommand.configuration.subcommands.compactMap {
      $0.configuration.commandName
    }
    let advice = closestMatch(to: file, among: commands).map { "did you mean 'expt \($0)'?" }
    throw CommandFailure(
      .usage,
      "there is no command '\(file)', and no experiment file of that name: "
        + (advice ?? "'expt --help' lists the commands"))
  }

  /// The experiment of the run to go on with, with those overrides that such a run can have.
  private func resumedExperiment() throws -> ExperimentFile {
    let path = try experimentPath()
    let file = try experiment.load(path)
    let original = try ExperimentFile.load(path: path, overrides: [], catalog: Expt.catalog)
    try file.checkResumes(original)
    return file
  }

  private func start(_ profile: Profile?) throws -> RunSession {
    let options = RunSession.Options(
      runsFolder: runs, exactFolder: runDir, threads: threads ?? ThreadPool.usableProcessors,
      environment: .ofProcess(quiet: quiet), versions: Version.ofBuild, profile: profile,
      warn: Console.warning)
    do {
      let file = try resume == nil ? experiment.load(experimentPath()) : resumedExperiment()
      profile?.charge(.readingExperiment)
      if let resume { return try RunSession.resuming(resume, file, options) }
      return try RunSession.starting(file, options)
    } catch { throw CommandFailure(training: error) }
  }

  private func finish(_ session: RunSession) throws -> Trainer.Ending {
    do {
      let epochs = session.trainer.position.epoch
      let pause = pauseAfter ?? .max
      let ending = try session.train {
        StopSignal.isRaised || session.trainer.position.epoch >= pause
      }
      if resume != nil, !quiet, epochs == session.trainer.position.epoch, case .finished = ending {
        Console.note(
          "This run has its \(epochs) epochs. For more: expt run --resume \(session.folder.path) "
            + "--set training.epochs=\(2 * epochs)")
      }
      if case .interrupted = ending {
        Console.note(
          "Stopped and saved. To go on: expt run --resume \(session.folder.path)")
      } else if !quiet {
        for sentence in session.diagnosis { Console.note(sentence) }
        if let substitution = session.substitution { Console.warning(substitution) }
      }
      return ending
    } catch { throw CommandFailure(training: error) }
  }
}
