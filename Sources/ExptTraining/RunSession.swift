public import ExptComponents
import ExptDocument
public import ExptRunFolder
import ExptData
import ExptFiles
import ExptTensor

/// One run: an experiment, its data, a trainer, and the folder that observers write.
public final class RunSession {
  /// What is not in the experiment file: where and on how many threads to run.
  public struct Options {
    /// The folder that holds run folders.
    public var runsFolder: String
    /// A folder to use exactly, instead of one made in `runsFolder`.
    public var exactFolder: String?
    public var threads: Int
    public var environment: DataEnvironment
    public var versions: Manifest.Versions
    /// Records where time goes, if there is one.
    public var profile: Profile?
    /// Called with warnings, such as that a fallback dataset is used.
    public var warn: (String) -> Void
    /// Called with what is only to be known, such as what the columns of a table were found to be.
    public var note: (String) -> Void

    public init(
      runsFolder: String = "runs", exactFolder: String? = nil, threads: Int,
      environment: DataEnvironment, versions: Manifest.Versions,
      profile: Profile? = nil, warn: @escaping (String) -> Void = { _ in },
      note: @escaping (String) -> Void = { _ in }
    ) {
      self.runsFolder = runsFolder
      self.exactFolder = exactFolder
      self.threads = threads
      self.environment = environment
      self.versions = versions
      self.profile = profile
      self.warn = warn
      self.note = note
    }
  }

  public let folder: RunFolder
  public let trainer: Trainer
  public private(set) var diagnosis: [String] = []
  /// A sentence saying that a fallback dataset was used; nil otherwise.
  public let substitution: String?
  private let manifest: ManifestObserver
  let checkpoints: CheckpointObserver
  private let lock: FileLock
  /// Warns, and writes it into the log.
  private let say: (String) -> Void
  /// Whether there is nothing to do: training writes nothing then.
  private let isWhole: Bool

  private init(
    _ folder: RunFolder, _ trainer: Trainer, _ manifest: Manifest, _ file: ExperimentFile,
    _ loaded: LoadedDataset, lock: FileLock, resuming: Bool, isWhole: Bool = false,
    warn: @escaping (String) -> Void
  ) throws {
    self.folder = folder
    self.trainer = trainer
    self.lock = lock
    self.manifest = ManifestObserver(folder, manifest)
    let disk = DiskWriter()
    checkpoints = CheckpointObserver(folder, disk)
    substitution = manifest.dataset.substitutedFor.map {
      "this run was trained on '\(manifest.dataset.name)', not on '\($0)'"
    }
    self.isWhole = isWhole
    if isWhole {
      say = warn
      return
    }
    let log = try RunLog(folder.logFile)
    for warning in Diagnostics(file.warnings).sorted { try log.append(warning.rendered) }
    for note in loaded.notes { try log.append("note: \(note)") }
    for warning in loaded.warnings { try log.append("warning: \(warning)") }
    say = { sentence in
      warn(sentence)
      try? log.append("warning: \(sentence)")
    }
    trainer.loneLastBatch.map(say)
    trainer.add(OwnershipObserver(folder))
    // The row of an epoch comes before its checkpoint: what a checkpoint has behind it is on disk.
    trainer.add(try MetricsObserver(folder, trainer, resuming: resuming))
    trainer.add(try TimingObserver(folder, trainer, resuming: resuming))
    trainer.add(LogObserver(log))
    trainer.add(ImagesObserver(folder, disk, trainer))
    trainer.add(OutputsObserver(folder, trainer, warn: say))
    trainer.add(EvaluationsObserver(folder, trainer, manifest, resuming: resuming, warn: say))
    trainer.add(SummaryObserver(folder))
    if trainer.experiment.outputs.tensorboard {
      trainer.add(try TensorBoardObserver(folder, disk, created: manifest.created))
    }
    trainer.add(BatchProgressObserver(folder))
    trainer.add(checkpoints)
    trainer.add(self.manifest)
  }

  /// Loads the data, builds the model, checks it on one batch, then makes the run folder.
  ///
  /// - Throws: `Diagnostics`, `DataProblem`, `TrainingFailure` or `FileProblem`; no folder is left.
  public static func starting(_ file: ExperimentFile, _ options: Options) throws -> RunSession {
    let (trainer, loaded) = try prepare(file, options)
    try trainer.checkFirstBatch()
    options.profile?.charge(.checkingFirstBatch)
    trainer.profile = options.profile
    let folder = try makeFolder(file, options)
    let lock = try ClosedFolder.within(folder.path) { () throws(FileProblem) in
      let lock = try folder.lock()
      try folder.removeLeftovers()
      try AtomicFile.write(file.document.text, to: folder.experimentFile)
      try file.record(in: folder)
      return lock
    }
    let manifest = try makeManifest(file.experiment, trainer, loaded, options)
    try folder.write(manifest)
    defer { options.profile?.charge(.records) }
    return try RunSession(
      folder, trainer, manifest, file, loaded, lock: lock, resuming: false,
      warn: options.warn)
  }

  /// Resumes a run from its last checkpoint.
  ///
  /// - Parameters:
  ///   - file: The run's resolved experiment, perhaps with overrides such as more epochs.
  ///   - original: The same without the overrides, to say what they change unasked.
  public static func resuming(
    _ path: String, _ file: ExperimentFile, from original: ExperimentFile? = nil,
    _ options: Options
  ) throws -> RunSession {
    let folder = try RunFolder.open(path)
    let lock = try folder.lock()
    var manifest = try folder.readManifest()
    // Killed before the first checkpoint, a run starts over: its start follows from the seed.
    let recovered = try folder.recover(
      keeping: file.experiment.outputs.keepCheckpoints, warn: options.warn)
    let scale = folder.scale(of: file.experiment)
    let (trainer, loaded) = try prepare(
      file, options, scale: scale, recalling: manifest.dataset)
    let fingerprint = loaded.splits.images.fingerprint(DataEdition(manifest.dataset))
    guard fingerprint == manifest.dataset.fingerprint else {
      throw DataProblem(
        .malformed,
        "the data are not those that \(path) was trained on "
          + "(fingerprint \(fingerprint), was \(manifest.dataset.fingerprint)): "
          + "restore the data, or start a new run")
    }
    try trainer.restore(recovered, of: folder, &manifest, warn: options.warn)
    try trainer.checkEpochs(file)
    let isWhole = try trainer.isWhole(folder, manifest, file)
    trainer.profile = options.profile
    if manifest.status == .running { manifest.status = .interrupted }
    try file.record(in: folder, resuming: &manifest, warn: options.warn)
    manifest.threads = trainer.network.run.pool.threads
    manifest.instructionSet = InstructionSet.current.rawValue
    let session = try RunSession(
      folder, trainer, manifest, file, loaded, lock: lock, resuming: true,
      isWhole: isWhole, warn: options.warn)
    if scale == .trained { session.say(Judging.olderRun) }
    if let original {
      trainer.stretches(from: original.experiment.training.epochs).forEach(session.say)
    }
    return session
  }

  /// Loads the data and builds the model.
  ///
  /// - Parameter record: What the run was trained on before: its data are looked for if they
  ///   were, and no others are taken in their place.
  /// - Throws: `Diagnostics`, `DataProblem`.
  public static func prepare(
    _ file: ExperimentFile, _ options: Options, wanted: DataParts = .train,
    recalling record: Manifest.DatasetRecord? = nil
  ) throws -> (trainer: Trainer, data: LoadedDataset) {
    try prepare(file, options, wanted: wanted, scale: .target, recalling: record)
  }

  private static func prepare(
    _ file: ExperimentFile, _ options: Options, wanted: DataParts = .train, scale: Judging.Scale,
    recalling record: Manifest.DatasetRecord?
  ) throws -> (trainer: Trainer, data: LoadedDataset) {
    let pool = ThreadPool(
      threads: options.threads, precision: file.experiment.training.precision)
    if let warning = pool.shortage { options.warn(warning) }
    var environment = options.environment
    environment.seed = file.experiment.seed
    environment.pool = pool
    environment.wanted = wanted
    environment.edition = record.map { DataEdition($0) } ?? .current
    environment.table = record?.table.flatMap { TableColumns($0) }
    // The model is built for the image's shape first: what does not fit is said before loading.
    let blueprint = try environment.recalling(record) {
      try file.validated($0, judges: scale == .target, isNew: record == nil)
    }
    options.profile?.charge(.buildingModel)
    let loaded = try file.building { () throws in
      try environment.recalling(record) { place throws(DataProblem) in
        try LoadedDataset(
          file.experiment.dataset, for: file.experiment.model.parts, asIn: record, place)
      }
    }
    loaded.notes.forEach(options.note)
    loaded.warnings.forEach(options.warn)
    options.profile?.charge(.loadingData)
    if let reason = loaded.substitution {
      options.warn(
        "dataset '\(type(of: file.experiment.dataset).id)' is not available: \(reason). "
          + "TRAINING ON '\(type(of: loaded.dataset).id)' INSTEAD: these results are not "
          + "\(type(of: file.experiment.dataset).id) results")
    }
    let trainer = try file.building { () throws in
      let recording = try blueprint.recording.fitting(loaded.splits)
      return Trainer(file.experiment, recording, data: loaded.splits, pool: pool)
    }
    try trainer.checkBatchNorms()
    options.profile?.charge(.buildingModel)
    return (trainer, loaded)
  }

  private static func makeFolder(_ file: ExperimentFile, _ options: Options) throws -> RunFolder {
    if let exact = options.exactFolder { return try RunFolder.exact(exact) }
    return try RunFolder.create(
      root: options.runsFolder, name: file.experiment.name, hash: file.shortHash)
  }

  private static func makeManifest(
    _ experiment: Experiment, _ trainer: Trainer, _ loaded: LoadedDataset, _ options: Options
  ) throws -> Manifest {
    let splits = loaded.splits
    let isSubstitute = loaded.substitution != nil
    let fingerprints = splits.images.fingerprints
    var dataset = Manifest.DatasetRecord(
      name: type(of: loaded.dataset).id, fingerprint: fingerprints.images,
      training: splits.train.count, validation: splits.validation.count,
      test: try loaded.dataset.counts(options.environment)?.test
        ?? (splits.test.count > 0 ? splits.test.count : nil),
      shape: splits.images.shape.dimensions,
      substitutedFor: isSubstitute ? type(of: experiment.dataset).id : nil,
      substitutionReason: loaded.substitution,
      workingFolder: options.environment.absoluteWorkingFolder,
      dataFolder: options.environment.absoluteDataFolder)
    dataset.fingerprintWithLabels = fingerprints.withLabels
    dataset.edition = DataEdition.current.rawValue
    if experiment.model.needsAnnotations {
      dataset.classes = trainer.network.facts.classes
      dataset.factors = trainer.network.facts.factors
    }
    dataset.table = splits.images.table.map(\.json)
    let likelihood = experiment.model.parts.likelihood.following(splits.images.table)
    var manifest = Manifest(
      name: experiment.name, seed: experiment.seed, versions: options.versions,
      git: GitState.current, threads: trainer.network.run.pool.threads,
      instructionSet: InstructionSet.current.rawValue,
      precision: experiment.training.precision.rawValue, dataset: dataset,
      model: type(of: experiment.model).id,
      likelihood: type(of: likelihood).id,
      parameterCount: trainer.network.store.specs.filter { !$0.isState }.reduce(0) {
        $0 + $1.shape.count
      })
    manifest.measure = likelihood.measure.rawValue
    manifest.levels = likelihood.levels.map { Int($0) }
    return manifest
  }

  /// Trains to the end, or until `shouldStop` says so between two batches.
  ///
  /// - Throws: What stopped it, after writing it into `run.json`.
  public func train(shouldStop: () -> Bool = { false }) throws -> Trainer.Ending {
    // What stops training does not stop the checkpoint and the pictures that are being written.
    defer { try? checkpoints.waitForDisk() }
    do {
      let ending: Trainer.Ending =
        isWhole
        ? .finished(stoppedEarly: trainer.isStoppedEarly)
        : try trainer.train(shouldStop: shouldStop)
      if case .finished = ending { diagnosis = manifest.manifest.diagnosis }
      return ending
    } catch let problem as RunTaken {
      throw problem
    } catch {
      folder.removeProgress()
      try? manifest.fail("\(error)")
      throw error
    }
  }
}

extension ExperimentFile {
  /// Runs `body`; what does not fit is thrown as a diagnostic at the setting that caused it.
  public func building<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let problem as BuildProblem {
      throw Diagnostics([diagnostic(problem)])
    } catch let problem as DataProblem {
      throw diagnostic(problem).map { Diagnostics([$0]) } ?? problem
    }
  }
}

extension DataEdition {
  /// How the data of a run are read: a later version's edition is as close as this one gets.
  init(_ record: Manifest.DatasetRecord) {
    self = DataEdition(rawValue: record.edition) ?? .current
  }
}
