public import ExptFiles

/// `run.json`: what a run is, on what it ran and how far it came.
///
/// Nothing in it enters `metrics.csv` or a checkpoint. Written whole each time, so that a reader
/// always sees a complete one.
public struct Manifest: Sendable, Hashable {
  public enum Status: String, Sendable, CaseIterable {
    case running, finished, interrupted, failed
  }

  public var status: Status
  /// The experiment's name.
  public var name: String
  public var seed: UInt64
  public var versions: Versions
  /// The source's commit, where there is a repository.
  public var git: GitState?
  public var machine: Machine
  public var threads: Int
  /// `avx512`, `avx2`, `neon` or `portable`.
  public var instructionSet: String
  /// For example `float32`.
  public var precision: String
  public var dataset: DatasetRecord
  /// Ids of the components.
  public var model: String
  public var likelihood: String
  /// What the likelihood gives the logarithm of, `probability`, `density` or `loss`, and how many levels
  /// of its values make 1; nil where that is not known.
  public var measure: String?
  public var levels: Int?
  public var parameterCount: Int
  /// When the folder was made.
  public var created: Timestamp
  /// When training began, the first time.
  public var started: Timestamp?
  /// When it ended, in whatever way, the last time.
  public var finished: Timestamp?
  /// Time spent training, over all resumptions.
  public var secondsTrained: Double
  /// After the last epoch that was finished.
  public var lastMetrics: MetricsRecord?
  /// After the epoch whose weights are `best`.
  public var bestMetrics: MetricsRecord?
  /// Who writes here, or did last.
  public var process: ProcessRecord?
  /// Why it failed, in a sentence.
  public var failure: String?
  /// What to say about the result, in sentences.
  public var diagnosis: [String]
  /// When and where it was resumed.
  public var resumptions: [Resumption]
  /// Keys that this version does not know, to be written back.
  var unknown = UnknownKeys()

  /// What the file held. No part of the value: any two are equal.
  struct UnknownKeys: Sendable, Hashable {
    var source = JSONObject()
    static func == (a: UnknownKeys, b: UnknownKeys) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
  }

  public struct Versions: Sendable, Hashable {
    /// Of the run folder: 1 has no `origins.json`. Readers accept newer ones and leave alone what
    /// they do not know.
    public var format: Int
    public var expt: String
    public var swift: String
    public static let currentFormat = 2
    var hasOrigins: Bool { format >= 2 }

    public init(format: Int = currentFormat, expt: String, swift: String) {
      self.format = format
      self.expt = expt
      self.swift = swift
    }
  }

  public struct DatasetRecord: Sendable, Hashable {
    public var name: String
    /// A checksum of the training and validation images. Test images are not in it: training does
    /// not load them.
    public var fingerprint: String
    /// The same with the labels, as edition 1 took it: data with labels are recognised by it in runs
    /// of either. Nil in those of edition 1.
    public var fingerprintWithLabels: String?
    /// How the files were read: see `DataEdition`.
    public var edition = 1
    /// Numbers of images.
    public var training: Int
    public var validation: Int
    /// Nil if it was not known.
    public var test: Int?
    /// Of one image: [channels, height, width].
    public var shape: [Int]
    /// The dataset that the experiment asked for, when this is its fallback.
    public var substitutedFor: String?
    /// Why, in a sentence.
    public var substitutionReason: String?
    /// What relative paths were counted from: an absolute path; nil in older runs.
    public var workingFolder: String?
    /// `EXPT_DATA`, as an absolute path; nil if it was not set.
    public var dataFolder: String?
    /// The number of classes and the names of factors that a conditional model was built for.
    public var classes: Int?
    public var factors: [String] = []
    /// The columns of a table that names them, as they were when training began; nil for images.
    public var table: JSONValue?

    public init(
      name: String, fingerprint: String, training: Int, validation: Int, test: Int?, shape: [Int],
      substitutedFor: String? = nil, substitutionReason: String? = nil,
      workingFolder: String? = nil, dataFolder: String? = nil
    ) {
      self.name = name
      self.fingerprint = fingerprint
      self.training = training
      self.validation = validation
      self.test = test
      self.shape = shape
      self.substitutedFor = substitutedFor
      self.substitutionReason = substitutionReason
      self.workingFolder = workingFolder
      self.dataFolder = dataFolder
    }
  }

  public struct MetricsRecord: Sendable, Hashable {
    public var epoch: Int
    public var step: Int
    /// By column name of `metrics.csv`, in its order.
    public var values: [Metric]

    public struct Metric: Sendable, Hashable {
      public var name: String
      public var value: Double
      public init(_ name: String, _ value: Double) {
        self.name = name
        self.value = value
      }
    }

    public init(epoch: Int, step: Int, values: [Metric]) {
      self.epoch = epoch
      self.step = step
      self.values = values
    }

    public subscript(name: String) -> Double? { values.first { $0.name == name }?.value }
  }

  public struct Resumption: Sendable, Hashable {
    public var time: Timestamp
    /// Where training went on: whole epochs, and steps in all.
    public var epoch: Int
    public var step: Int
    /// What the status was before.
    public var after: Status
    public var host: String

    public init(time: Timestamp, epoch: Int, step: Int, after: Status, host: String) {
      self.time = time
      self.epoch = epoch
      self.step = step
      self.after = after
      self.host = host
    }
  }

  public init(
    status: Status = .running, name: String, seed: UInt64, versions: Versions,
    git: GitState? = nil, machine: Machine = .current, threads: Int, instructionSet: String,
    precision: String = "float32", dataset: DatasetRecord, model: String, likelihood: String,
    parameterCount: Int, created: Timestamp = .now, process: ProcessRecord? = .current
  ) {
    self.status = status
    self.name = name
    self.seed = seed
    self.versions = versions
    self.git = git
    self.machine = machine
    self.threads = threads
    self.instructionSet = instructionSet
    self.precision = precision
    self.dataset = dataset
    self.model = model
    self.likelihood = likelihood
    self.parameterCount = parameterCount
    self.created = created
    self.process = process
    secondsTrained = 0
    diagnosis = []
    resumptions = []
  }
}

extension RunFolder {
  public func readManifest() throws(FileProblem) -> Manifest {
    try Manifest(JSONValue.read(manifestFile), path: manifestFile)
  }

  /// The manifest to look at, without what this version does not know: much smaller in memory, and
  /// not to be written back.
  public func lookAtManifest() throws(FileProblem) -> Manifest {
    var manifest = try readManifest()
    manifest.unknown = Manifest.UnknownKeys()
    return manifest
  }

  public func write(_ manifest: Manifest) throws(FileProblem) {
    try AtomicFile.write(manifest.json.pretty, to: manifestFile)
  }
}
