import ExptDocument
import ExptTensor

/// A source of images: train, validation and test.
public protocol Dataset: Component {
  /// Validation, limit, binarization and fallback: `@Group var split = SplitSettings()`.
  var split: SplitSettings { get }

  /// The shape of one image, `[channels, height, width]`, without loading (or downloading) the
  /// images where possible.
  func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape

  /// How many images there are, without loading (or downloading) them; nil if only loading
  /// tells, which is the default.
  func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts?

  /// What is known about each image besides its pixels, for models that are conditioned on it. The default
  /// loads the images to find out.
  func annotationFacts(_ environment: DataEnvironment) throws(DataProblem) -> AnnotationFacts

  /// What the columns of a table are, as `ImageSet.table` will have them but for what is measured over the
  /// training rows; nil, the default, for images.
  func table(_ environment: DataEnvironment) throws(DataProblem) -> TableColumns?

  /// Whether each value is to be brought to mean 0 and variance 1 over the training images, which
  /// `DataSplits` does; the default is not to.
  var standardizes: Bool { get }

  /// Whether `load` gives fewer images where `DataEnvironment.sample` says that they are enough; the default
  /// is not to.
  var givesSamples: Bool { get }

  /// Loads the images. `LoadedData.test` may be empty, and so may a part that is not wanted.
  ///
  /// The validation images are not split off here: `DataSplits` does, by `SplitSettings`. A dataset
  /// that brings a validation set of its own gives it as `LoadedData.validation`. Which images are
  /// in which part must depend on the settings and the seed alone.
  func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData
}

extension Dataset {
  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? { nil }
  public var standardizes: Bool { false }
  public func table(_ environment: DataEnvironment) throws(DataProblem) -> TableColumns? { nil }
  public var givesSamples: Bool { false }

  public func annotationFacts(_ environment: DataEnvironment) throws(DataProblem)
    -> AnnotationFacts
  {
    var environment = environment
    environment.wanted = .train
    return AnnotationFacts(try load(environment).train)
  }
}

/// Which labels and factors a dataset's images have.
public struct AnnotationFacts: Sendable {
  /// The number of classes, labels being 0 ..< classes; nil without labels.
  public var classes: Int?
  /// Whether each image has a label, be it a number of a class or another.
  public var hasLabels: Bool
  /// Names of factors.
  public var factors: [String]

  public init(classes: Int? = nil, factors: [String] = []) {
    self.classes = classes
    self.factors = factors
    hasLabels = classes != nil
  }

  public init(_ images: ImageSet) {
    hasLabels = images.labels != nil
    factors = images.factors.map(\.name)
    guard let labels = images.labels, let least = labels.min(), let greatest = labels.max(),
      least >= 0, greatest < 1 << 16
    else { return }
    classes = Int(greatest) + 1
  }
}

/// How a dataset is divided and presented, the same for all.
public struct SplitSettings: Settings {
  public enum Binarization: String, NamedChoice { case none, threshold, stochastic }

  @Setting(
    "Images taken from the end of the training set for validation: a number, or a share below 1.",
    .atLeast(0))
  public var validation: ImageAmount = 0
  @Setting("Use only the first N training images; null: all.", .atLeast(1))
  public var limit: Int? = nil
  @Setting(
    "Classes, by number or name, to leave out of the training and validation images; test images keep them, as "
      + "what a detector of anomalies has never seen.")
  public var leaveOut: [ClassName] = []
  @Setting("Turn grey pixels into 0 or 1: at a threshold of one half, or at random in every epoch.")
  public var binarization: Binarization = .none
  @Setting(
    "Mirror training images left to right, each with probability 1/2 anew in every epoch; images to "
      + "measure on stay as they are.")
  public var flip: Bool = false
  @OptionalSlot("The dataset to use, with a warning, if this one is unavailable.", .dataset)
  public var fallback: (any Dataset)? = nil

  public init() {}

  public func check(_ report: SettingsReport) {
    if Set(leaveOut).count < leaveOut.count {
      report.error("a class is listed twice", at: "leave_out", help: "name it once")
    }
  }
}

/// What a dataset may use to find and fetch its files.
public struct DataEnvironment: Sendable {
  /// `$EXPT_DATA`, if set.
  public var dataFolder: String?
  /// What relative paths start from, in experiment files and everywhere else. The commands
  /// leave it empty: the folder that the program was started in.
  public var workingFolder: String
  /// The experiment's seed, for datasets that draw or shuffle their images.
  public var seed: UInt64
  /// How files are read: as they are now, or as when an older run was trained.
  public var edition = DataEdition.current
  /// The parts that will be used: a dataset may save the time of loading another.
  public var wanted: DataParts
  /// What a table's columns are known to be, by a model that was trained on them; nil: what its file tells.
  public var table: TableColumns?
  /// What has been found out about files.
  public let memory = DataMemory()
  /// Threads to draw or unpack images with; nil: the caller's.
  public var pool: ThreadPool?
  /// For a look at the data: how many images of each part are enough. A dataset that `givesSamples` then gives
  /// no more, spread over a part in the order of its files and, where that is not all, undivided; nil, as
  /// when anything is trained: all.
  public var sample: Int?
  /// Whether files may be fetched from the network; `EXPT_OFFLINE=1` says no.
  public var allowsDownload: Bool
  /// Mirrors to use instead of the built-in ones, for tests: `$EXPT_MIRROR`.
  public var mirrors: [String]
  /// Whether the user asked to stop, which ends a download.
  public var isStopped: @Sendable () -> Bool
  /// Told what is being done, for the progress display.
  public var report: @Sendable (String) -> Void
  /// Told how far a long task is, from any thread but one call at a time; the default shows nothing.
  public var progress: @Sendable (DataProgress) -> Void = { _ in }
  /// Where decoded images may be kept from run to run; nil, the default: nowhere.
  public var cacheFolder: String?

  public init(
    dataFolder: String? = nil, workingFolder: String = "", seed: UInt64 = 0,
    wanted: DataParts = .all, pool: ThreadPool? = nil, allowsDownload: Bool = true,
    mirrors: [String] = [], isStopped: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.dataFolder = dataFolder
    self.workingFolder = workingFolder
    self.seed = seed
    self.wanted = wanted
    self.pool = pool
    self.allowsDownload = allowsDownload
    self.mirrors = mirrors
    self.isStopped = isStopped
    self.report = report
  }
}

extension DataEnvironment {
  /// Of this many images, those that are wanted: all, or where a look is enough some, spread over them.
  public func sampled(_ count: Int) -> [Int] {
    guard let sample, sample > 0, sample < count else { return Array(0..<count) }
    let step = Double(count) / Double(sample)
    return (0..<sample).map { min(count - 1, Int(Double($0) * step)) }
  }
}

/// How much of a task is done: 120 of 2000 `pictures decoded`.
public struct DataProgress: Sendable, Hashable {
  public var done: Int
  public var total: Int
  public var what: String

  public init(_ done: Int, of total: Int, _ what: String) {
    (self.done, self.total, self.what) = (done, total, what)
  }
}

/// The parts of a dataset.
public struct DataParts: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// The training images, validation included.
  public static let train = DataParts(rawValue: 1)
  public static let test = DataParts(rawValue: 2)
  public static let all: DataParts = [.train, .test]
}

/// Images, in memory or read when they are needed.
public struct ImageSet: Sendable {
  public enum Pixels: Sendable {
    /// 0 … 255, meaning 0 … 1.
    case bytes([UInt8])
    /// Values as they are.
    case floats([Float])
    /// Bytes or values that are read when they are needed: see `PixelSource`.
    case stored(StoredPixels)
  }

  /// `[channels, height, width]`.
  public var shape: Shape
  public var count: Int
  /// `count · shape.count` values, one image after another.
  public var pixels: Pixels
  /// A class for each image, if known.
  public var labels: [Int32]?
  /// Ground-truth factors of each image by name, if known.
  public var factors: [(name: String, values: [Float])]
  /// Where each image stands in the user's own file or folder, from 0; nil: in this order.
  public var rows: [Int]?
  /// The file that the images come from, for messages; nil if there is none.
  public var source: String?
  /// Whether the images are rows of a table, whatever their shape: messages then name its columns.
  public var isTable = false
  /// What the columns are, where the table says so.
  public var table: TableColumns?
  /// 1 where a value is observed, else 0, as many as `pixels`; nil where all are.
  public var observed: [UInt8]?
  /// What each class is called, by its label, where the dataset knows.
  public var classNames: [String]?
  /// What each row of the user's own folder is called, by its number there: `cats/1.png`; nil: it has no name.
  public var rowNames: [String]?
  /// The patterns that the images are sums of, `[patterns, values of an image]`; nil where that is not known.
  public var patterns: [Float]?

  public init(
    shape: Shape, count: Int, pixels: Pixels, labels: [Int32]? = nil,
    factors: [(name: String, values: [Float])] = [], rows: [Int]? = nil, source: String? = nil
  ) {
    self.rows = rows
    self.source = source
    self.shape = shape
    self.count = count
    self.pixels = pixels
    self.labels = labels
    self.factors = factors
  }

  /// Where an image stands in the user's own file or folder, from 0.
  public func row(_ image: Int) -> Int { rows?[image] ?? image }

  public static func empty(_ shape: Shape) -> ImageSet {
    ImageSet(shape: shape, count: 0, pixels: .bytes([]))
  }
}

extension ImageSet {
  /// All pixel values, `[count] + shape`, in 0 … 1 where they are bytes. Images that are not in memory are
  /// read: mind their number.
  public var values: [Float] { pixels.floats }

  /// - Throws: What went wrong in reading images that are not in memory, if anything has.
  public func checkRead() throws(DataProblem) {
    if let problem = pixels.stored?.problem { throw problem }
  }
}

extension ImageSet.Pixels {
  /// What the pixels mean: a byte v is v / 255, rounded once, as a batch shows it.
  public var floats: [Float] {
    switch self {
    case .bytes(let bytes): bytes.map { Float($0) / 255 }
    case .floats(let floats): floats
    case .stored(let stored): stored.floats(0..<stored.source.count)
    }
  }

  /// The pixels that are not in memory; nil for those that are.
  public var stored: StoredPixels? {
    if case .stored(let stored) = self { stored } else { nil }
  }
}

/// What a dataset loads.
public struct LoadedData: Sendable {
  public var train: ImageSet
  /// Validation images that somebody else chose, loaded with the training images; nil for none:
  /// `SplitSettings.validation` then takes them from the end of the training images.
  public var validation: ImageSet?
  public var test: ImageSet
  /// Notes about the data, one sentence each: what was skipped, assumed,
  /// or looks odd. A run says them and keeps them in its log.
  public var notes: [String]

  public init(
    train: ImageSet, validation: ImageSet? = nil, test: ImageSet, notes: [String] = []
  ) {
    self.train = train
    self.validation = validation
    self.test = test
    self.notes = notes
  }
}

/// Data that cannot be used.
public struct DataProblem: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable {
    /// It is not there, and could not be fetched: exit code 66, and the fallback applies.
    case missing
    /// It is there and wrong: exit code 65.
    case malformed
    /// Reading or writing failed: exit code 74.
    case inputOutput
    /// The user asked to stop: exit code 130.
    case stopped
  }
  public var kind: Kind
  /// What is wrong, where, and what to do; what could steer a terminal is written out, such as `\u{1B}`.
  public var message: String
  /// The dataset's setting that is at fault, where one is: messages then show its line.
  public var setting: String?
  /// Of files that are missing and could be fetched: what is missing, and from where it could be had.
  public var absence: Absence?

  public struct Absence: Sendable, Hashable {
    /// `MNIST is not in data/mnist (…)`.
    public var what: String
    /// Addresses of folders, in the order they would be asked.
    public var sources: [String]

    public init(_ what: String, sources: [String]) { (self.what, self.sources) = (what, sources) }
  }

  public init(_ kind: Kind, _ message: String, setting: String? = nil) {
    self.kind = kind
    self.message = Display.printable(message)
    self.setting = setting
  }

  public var description: String { message }
}

extension Role where Value == any Dataset {
  public static var dataset: Self {
    Role(
      "dataset", title: "dataset", includes: { $0 is any Dataset.Type },
      cast: { $0 as? any Dataset })
  }
}
