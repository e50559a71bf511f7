public import ExptDocument
import ExptFiles

/// A sweep file, read: an experiment, and which of its settings to vary.
public struct SweepFile: Sendable {
  /// The experiment that every point starts from.
  public enum Base: Sendable {
    /// A file, with the place that names it.
    case file(String, SourceSpan?)
    case inline(Node)
  }

  /// When to stop starting runs.
  public struct Limits: Sendable {
    public var runs: Int?
    /// Of one start of the sweep, by the clock.
    public var hours: Double?
  }

  /// What decides which run is better.
  public struct Goal: Sendable, Hashable {
    /// A column of `metrics.csv`; nil: the validation loss, else the training loss.
    public var metric: String?
    /// Nil: what is known of the metric.
    public var isHigherBetter: Bool?
  }

  public var path: String
  /// The file, byte for byte.
  public var text: [UInt8]
  public var name: String
  public var base: Base
  public var space: Space
  public var seeds: [UInt64]
  public var limits = Limits()
  public var goal = Goal()
  public var search: Search?
  public var slurm = SlurmSettings()
  /// What is legal and suspicious.
  public var warnings: [Diagnostic] = []

  static let keys =
    ["name", "experiment", "seeds", "limits", "metric", "goal", "search", "slurm"] + Space.keys

  /// - Throws: Every mistake in the file, together.
  public static func load(_ path: String) throws(Diagnostics) -> SweepFile {
    let document = try Document.load(path: path)
    var reader = SweepReader()
    var file = SweepFile(document, path, &reader)
    try reader.problems.throwErrors()
    file.warnings = reader.problems.all
    return file
  }

  private init(_ document: Document, _ path: String, _ reader: inout SweepReader) {
    self.path = path
    text = document.text
    let root = document.root
    let entries = reader.mapping(root, "a sweep", keys: Self.keys, required: ["experiment"])
    name = Self.name(entries["name"], path, &reader)
    base = Self.base(entries["experiment"], path, &reader)
    space = Space.reading(root, entries, &reader)
    seeds = Self.seeds(entries["seeds"], &reader)
    if let entry = entries["seeds"], let bound = space.bound, bound <= Space.largest,
      bound * max(1, seeds.count) > Space.largest
    {
      reader.error(
        .sweep, "\(seeds.count) seeds of \(bound) points are more than \(Space.largest) points",
        entry.value, "leave out some")
    }
    if let entry = entries["limits"] {
      let limits = reader.mapping(entry.value, "'limits'", keys: ["max_runs", "max_hours"])
      self.limits.runs = reader.integer(limits["max_runs"], in: 1...Int.max)
      self.limits.hours = reader.positive(limits["max_hours"])
    }
    goal.metric = reader.text(entries["metric"])
    goal.isHigherBetter = reader.choice(entries["goal"], of: ["minimize", "maximize"])
      .map { $0 == "maximize" }
    if let entry = entries["slurm"] { slurm = SlurmSettings.reading(entry.value, &reader) }
    if let entry = entries["search"] {
      search = Search.reading(entry.value, &reader)
      if case .tpe = search, !space.isEmpty || seeds.count > 1 {
        reader.error(
          .sweep, "'tpe' chooses the points itself", entry.value,
          "leave out grid, zip, random, chain, when and seeds; put settings below search.settings")
      }
    }
  }

  private static func name(
    _ entry: Node.Entry?, _ path: String, _ reader: inout SweepReader
  ) -> String {
    guard let entry else {
      let last = path.split(separator: "/").last.map(String.init) ?? path
      let dot = last.lastIndex(of: ".") ?? last.endIndex
      let name = dot == last.startIndex ? last : String(last[..<dot])
      if let problem = FolderName.problem(with: name) {
        reader.problems.append(
          .error(
            .outOfRange,
            "the file's own name \(Diagnostic.quote(name)) cannot name a folder: it \(problem)",
            help: "give another with 'name:' in the file"))
      }
      return name
    }
    guard let name = reader.text(entry) else { return "sweep" }
    if let problem = FolderName.problem(with: name) {
      reader.error(
        .outOfRange, "\(Diagnostic.quote(name)) cannot name a folder: it \(problem)", entry.value,
        FolderName.rule)
    }
    return name
  }

  private static func base(
    _ entry: Node.Entry?, _ path: String, _ reader: inout SweepReader
  ) -> Base {
    guard let entry else { return .file("", nil) }
    if entry.value.entries != nil { return .inline(entry.value) }
    guard let name = reader.text(entry) else { return .file("", nil) }
    guard !name.hasPrefix("/"), let slash = path.lastIndex(of: "/") else {
      return .file(name, entry.value.span)
    }
    return .file(path[...slash] + name, entry.value.span)
  }

  private static func seeds(_ entry: Node.Entry?, _ reader: inout SweepReader) -> [UInt64] {
    guard let entry else { return [] }
    guard let elements = entry.value.elements else {
      let count = reader.integer(entry, in: 1...100_000, default: 1)
      return (1...count).map { UInt64($0) }
    }
    var seeds: [UInt64] = []
    var seen: Set<UInt64> = []
    for element in elements {
      let one = Node.Entry(key: "seeds", value: element)
      guard let seed = reader.seed(one) else { continue }
      if !seen.insert(seed).inserted {
        reader.error(.sweep, "the seed \(seed) stands twice", element)
      }
      seeds.append(seed)
    }
    if elements.isEmpty { reader.error(.sweep, "'seeds' is empty", entry.value, "leave it out") }
    return seeds
  }
}

extension Diagnostic.Code {
  /// A sweep file says what no sweep can do.
  public static let sweep = Self("sweep")
}
