public import ExptFiles

/// What evaluators have measured of a run: `evaluations.json`.
///
///     { "evaluations": [ { "evaluator": "mig", "settings": { … }, "part": "test", "images": 10000,
///         "checkpoint": "best", "epoch": 9, "direction": "higher", "method": "…",
///         "numbers": [ { "name": "mig", "value": 0.31, "standard_error": null, "unit": null } ] } ] }
///
/// Nothing is measured twice in it: what was measured in the same way takes the place of what was there.
/// What was measured while the run trained stands in `evaluations.csv`; `training` says what its columns
/// are.
public struct Evaluations: Sendable, Hashable {
  /// In the order in which they were measured.
  public var entries: [Entry]
  /// The first measurement in training: how the columns of `evaluations.csv` are measured.
  public var training: [Entry] = []

  public init(_ entries: [Entry] = []) { self.entries = entries }

  /// What one evaluator found, with all that another program would have to do alike.
  public struct Entry: Sendable, Hashable {
    public var way: Way
    /// Of the weights, from 0; those of an untrained model.
    public var epoch: Int
    public var step: Int
    /// Whether a higher first number is better.
    public var isHigherBetter: Bool
    /// How it was measured, in a few words.
    public var method: String
    public var numbers: [Number]
    /// Of expt.
    public var version: String
    public var measured: Timestamp

    public init(
      _ way: Way, epoch: Int, step: Int, isHigherBetter: Bool, method: String, numbers: [Number],
      version: String, measured: Timestamp = .now
    ) {
      self.way = way
      self.epoch = epoch
      self.step = step
      self.isHigherBetter = isHigherBetter
      self.method = method
      self.numbers = numbers
      self.version = version
      self.measured = measured
    }
  }

  /// What makes two measurements the same, but for the weights.
  public struct Way: Sendable, Hashable {
    public var evaluator: String
    public var settings: JSONValue
    /// `test`, `validation` or `train`.
    public var part: String
    public var images: Int
    /// `best`, `last` or `epoch-0010`.
    public var checkpoint: String
    /// Of the training images, by which data are told apart.
    public var fingerprint: String

    public init(
      evaluator: String, settings: JSONValue, part: String, images: Int, checkpoint: String,
      fingerprint: String
    ) {
      self.evaluator = evaluator
      self.settings = settings
      self.part = part
      self.images = images
      self.checkpoint = checkpoint
      self.fingerprint = fingerprint
    }
  }

  public struct Number: Sendable, Hashable {
    public var name: String
    public var value: Double
    public var standardError: Double?
    /// `nats`; nil for a plain number.
    public var unit: String?

    public init(_ name: String, _ value: Double, standardError: Double?, unit: String?) {
      self.name = name
      self.value = value
      self.standardError = standardError
      self.unit = unit
    }
  }

  /// Adds an entry, in place of one that was measured in the same way.
  public mutating func keep(_ entry: Entry) {
    entries.removeAll { $0.way == entry.way }
    entries.append(entry)
  }

  /// The entry that a number's name stands for: the newest one.
  public func entry(of number: String) -> Entry? { Self.entry(of: number, in: entries) }

  /// The same of what is measured in training.
  public func trainingEntry(of number: String) -> Entry? { Self.entry(of: number, in: training) }

  private static func entry(of number: String, in entries: [Entry]) -> Entry? {
    entries.last { entry in entry.numbers.contains { $0.name == number } }
  }

  /// The newest value of a number.
  public subscript(number: String) -> Double? {
    entry(of: number)?.numbers.first { $0.name == number }?.value
  }

  /// Names of all numbers, in the order of the entries.
  public var names: [String] {
    var seen: Set<String> = []
    return entries.flatMap { $0.numbers.map(\.name) }.filter { seen.insert($0).inserted }
  }
}

// MARK: - On disk

extension Evaluations {
  var json: JSONValue {
    ["evaluations": .array(entries.map(\.json)), "training": .array(training.map(\.json))]
  }

  init(_ json: JSONValue, path: String) throws(FileProblem) {
    func list(_ key: String) throws(FileProblem) -> [Entry] {
      guard let values = json[key]?.array else {
        throw FileProblem(.malformed, "it has no list '\(key)'.", path: path)
      }
      let entries = values.compactMap(Entry.init)
      if entries.count == values.count { return entries }
      throw FileProblem(
        .malformed, "an entry of its '\(key)' lacks something, or is of another kind.", path: path)
    }
    entries = try list("evaluations")
    training = try list("training")
  }
}

extension Evaluations.Entry {
  fileprivate var json: JSONValue {
    [
      "evaluator": .string(way.evaluator), "settings": way.settings, "part": .string(way.part),
      "images": JSONValue(way.images), "checkpoint": .string(way.checkpoint),
      "epoch": JSONValue(epoch), "step": JSONValue(step),
      "data_fingerprint": .string(way.fingerprint),
      "direction": .string(isHigherBetter ? "higher" : "lower"), "method": .string(method),
      "numbers": .array(numbers.map(\.json)), "expt": .string(version),
      "measured": .string(measured.iso8601),
    ]
  }

  fileprivate init?(_ json: JSONValue) {
    guard let evaluator = json["evaluator"]?.string, let settings = json["settings"],
      let part = json["part"]?.string, let images = json["images"]?.int,
      let checkpoint = json["checkpoint"]?.string, let epoch = json["epoch"]?.int,
      let step = json["step"]?.int, let fingerprint = json["data_fingerprint"]?.string,
      let direction = json["direction"]?.string, let method = json["method"]?.string,
      let list = json["numbers"]?.array, let version = json["expt"]?.string,
      let measured = json["measured"]?.string.flatMap(Timestamp.init(iso8601:))
    else { return nil }
    let numbers = list.compactMap(Evaluations.Number.init)
    guard numbers.count == list.count else { return nil }
    self.init(
      Evaluations.Way(
        evaluator: evaluator, settings: settings, part: part, images: images,
        checkpoint: checkpoint, fingerprint: fingerprint),
      epoch: epoch, step: step, isHigherBetter: direction == "higher", method: method,
      numbers: numbers, version: version, measured: measured)
  }
}

extension Evaluations.Number {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "value": JSONValue(value),
      "standard_error": standardError.map { JSONValue($0) } ?? .null,
      "unit": unit.map { .string($0) } ?? .null,
    ]
  }

  fileprivate init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, let value = json["value"]?.double else { return nil }
    self.init(
      name, value, standardError: json["standard_error"]?.double, unit: json["unit"]?.string)
  }
}

extension RunFolder {
  /// What evaluators have measured after training: see `Evaluations`.
  public var evaluationsFile: String { file("evaluations.json") }
  /// What they measured while it trained, a row an evaluation: see `MetricsTable`.
  public var trainingEvaluationsFile: String { file("evaluations.csv") }

  /// What has been measured of this run; nothing where there is no file.
  public func readEvaluations() throws(FileProblem) -> Evaluations {
    guard FilePath.exists(evaluationsFile) else { return Evaluations() }
    return try Evaluations(
      JSONValue.read(evaluationsFile, limit: 16 << 20), path: evaluationsFile)
  }

  /// Keeps what was measured, beside what others measure at the same time.
  ///
  /// - Throws: Where the folder cannot be written, or its file not be read.
  public func keep(_ entries: [Evaluations.Entry]) throws(FileProblem) {
    try change { evaluations in for entry in entries { evaluations.keep(entry) } }
  }

  /// Says what the columns of `evaluations.csv` are.
  public func keep(training entries: [Evaluations.Entry]) throws(FileProblem) {
    try change { $0.training = entries }
  }

  private func change(_ body: (inout Evaluations) -> Void) throws(FileProblem) {
    let lock = try FileLock(file(".evaluations.lock"))
    var evaluations = try readEvaluations()
    let before = evaluations
    body(&evaluations)
    if evaluations != before { try AtomicFile.write(evaluations.json.pretty, to: evaluationsFile) }
    withExtendedLifetime(lock) {}
  }
}
