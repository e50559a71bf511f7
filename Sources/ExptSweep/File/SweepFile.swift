public import ExptComponents
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
    /// Nil: as usual for the metric.
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
  public var search: (any Search)?
  public var slurm = SlurmSettings()
  /// What is valid but suspicious.
  public var warnings: [Diagnostic] = []

  /// - Parameter catalog: The searches that the file can name.
  /// - Throws: Every mistake in the file, together.
  public static func load(_ path: String, catalog: Catalog) throws(Diagnostics) -> SweepFile {
    let document = try Document.load(path: path)
    let reader = SettingsReader(catalog: catalog)
    let settings = SweepSettings()
    let root = document.root
    guard let entries = root.entries else {
      throw Diagnostics(
        .error(
          .wrongType, "a sweep is a mapping, not \(root.summary)", at: root.span,
          help: "write 'experiment: FILE' and what to vary"))
    }
    reader.fill(settings, from: entries, at: root, title: "a sweep", path: NodePath())
    let space = Space.reading(root, reader)
    check(settings, space, path, root, reader)
    try reader.diagnostics.throwErrors()
    var file = SweepFile(settings, document, path, space)
    file.warnings = reader.diagnostics.all
    return file
  }

  private init(_ settings: SweepSettings, _ document: Document, _ path: String, _ space: Space) {
    self.path = path
    text = document.text
    name = settings.name ?? Self.stem(of: path)
    base = Self.base(settings.experiment.node, path)
    self.space = space
    seeds = settings.seeds.values
    limits = Limits(runs: settings.limits.maxRuns, hours: settings.limits.maxHours)
    goal = Goal(metric: settings.metric, isHigherBetter: settings.goal.map { $0 == .maximize })
    search = settings.search
    slurm = settings.slurm
  }

  /// Experiments that are listed one by one, whose points somebody else makes.
  ///
  /// - Parameter path: What messages call the list.
  public init(listing name: String, path: String, text: [UInt8]) {
    (self.name, self.path, self.text) = (name, path, text)
    base = .inline(Node(.mapping([]), origin: .defaultValue))
    space = .grid([])
    seeds = []
  }

  /// Reports mistakes that no single setting shows.
  private static func check(
    _ settings: SweepSettings, _ space: Space, _ path: String, _ root: Node,
    _ reader: SettingsReader
  ) {
    checkName(settings.name, path, root["name"], reader)
    if let node = root["seeds"] { checkSeeds(settings.seeds.values, space, node, reader) }
    if settings.metric?.isEmpty == true {
      reader.report(.outOfRange, "'metric' is empty", at: root["metric"], help: "leave it out")
    }
    let hasPoints = !space.isEmpty || settings.seeds.values.count > 1
    if let search = settings.search, search.draws != nil, hasPoints {
      reader.report(
        .sweep, "'\(search.id)' chooses the points itself", at: root["search"],
        help:
          "leave out grid, zip, random, chain, when and seeds; put settings under search.settings"
      )
    }
  }

  private static func checkName(
    _ name: String?, _ path: String, _ node: Node?, _ reader: SettingsReader
  ) {
    guard let problem = FolderName.problem(with: name ?? stem(of: path)) else { return }
    let quoted = Diagnostic.quote(name ?? stem(of: path))
    let lead = name == nil ? "the file's own name " : ""
    reader.report(
      .outOfRange, "\(lead)\(quoted) cannot name a folder: it \(problem)", at: node,
      help: name == nil ? "give another with 'name:' in the file" : FolderName.rule)
  }

  private static func checkSeeds(
    _ seeds: [UInt64], _ space: Space, _ node: Node, _ reader: SettingsReader
  ) {
    var seen: Set<UInt64> = []
    for (seed, element) in zip(seeds, node.elements ?? []) where !seen.insert(seed).inserted {
      reader.report(.sweep, "duplicate seed \(seed)", at: element, help: "leave it out")
    }
    if node.elements?.isEmpty == true {
      reader.report(.sweep, "'seeds' is empty", at: node, help: "leave it out")
    }
    if let bound = space.bound, bound <= Space.largest,
      bound * max(1, seeds.count) > Space.largest
    {
      reader.report(
        .sweep, "\(seeds.count) seeds of \(bound) points are more than \(Space.largest) points",
        at: node, help: "leave out some")
    }
  }

  private static func stem(of path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    let dot = last.lastIndex(of: ".") ?? last.endIndex
    return dot == last.startIndex ? last : String(last[..<dot])
  }

  private static func base(_ node: Node, _ path: String) -> Base {
    guard let name = node.scalar?.text else { return .inline(node) }
    guard !name.hasPrefix("/"), let slash = path.lastIndex(of: "/") else {
      return .file(name, node.span)
    }
    return .file(path[...slash] + name, node.span)
  }
}

extension Diagnostic.Code {
  /// A sweep file asks for something impossible.
  public static let sweep = Self("sweep")
}
