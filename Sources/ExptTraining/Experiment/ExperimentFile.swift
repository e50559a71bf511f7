import ExptTensor
import ExptComponents
import ExptDocument
import ExptFiles

/// An experiment file, read, put together and found valid.
public struct ExperimentFile {
  public let document: Document
  public let experiment: Experiment
  /// What the experiment is expected to come to; nil where the file does not say. No setting of the run: it
  /// is neither recorded nor hashed.
  public let expectations: Expectations?
  /// What components found valid but suspicious in their settings; see `warnings`.
  let settingWarnings: [Diagnostic]

  /// Reads the experiment at `path`, with everything it extends and all overrides.
  ///
  /// - Parameter expansion: What its paths are tried with; nil if the data may not be needed.
  /// - Throws: Every mistake in it, together.
  public static func load(
    path: String, overrides: [Override], catalog: Catalog, expansion: PathExpansion? = .ofProcess
  ) throws(Diagnostics) -> ExperimentFile {
    try ExperimentFile(
      Document.load(path: path, overrides: overrides), name: fileStem(path), catalog: catalog,
      expansion: expansion)
  }

  /// - Parameter name: The experiment's name where the document gives none.
  public init(
    _ document: Document, name: String, catalog: Catalog, expansion: PathExpansion? = .ofProcess
  ) throws(Diagnostics) {
    var root = document.root
    if root["name"] == nil {
      root["name"] = Node(.scalar(Scalar(name, isQuoted: true)), origin: .defaultValue, span: nil)
    }
    let reader = SettingsReader(catalog: catalog, expansion: expansion)
    let experiment = Experiment()
    reader.fill(
      experiment, from: (root.entries ?? []).filter { $0.key != Self.expectKey }, at: root,
      title: "an experiment", path: NodePath())
    expectations = root[Self.expectKey].map { Self.expectations($0, reader) }
    try reader.diagnostics.throwErrors()
    self.document = document
    self.experiment = experiment
    settingWarnings = reader.diagnostics.all
  }

  private static let expectKey = "expect"

  private static func expectations(_ node: Node, _ reader: SettingsReader) -> Expectations {
    let expectations = Expectations()
    let path = NodePath().appending(expectKey)
    guard let entries = node.entries else {
      reader.report(
        .wrongType, "'\(expectKey)' must be a mapping, not \(node.summary)", at: node,
        help: "write 'checks:' and what is to be measured")
      return expectations
    }
    reader.fill(expectations, from: entries, at: node, title: "'\(expectKey)'", path: path)
    return expectations
  }

  /// `vae_mnist` for `experiments/vae_mnist.yaml`.
  static func fileStem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// Every setting with its value and where it came from; reading it back gives the same
  /// experiment.
  public var resolved: String { Self.resolved(experiment.plainEntries) }

  static func resolved(_ entries: [PlainEntry]) -> String {
    YAMLWriter.write(
      entries.map { YAMLWriter.Entry($0) },
      header:
        "Every setting of this run, and where it came from. Running this file repeats the run.")
  }

  /// Eight hexadecimal digits that tell experiments apart: the same for the same settings,
  /// wherever they were written.
  public var shortHash: String { String(hash.prefix(8)) }

  /// The SHA-256 of all settings, in hexadecimal.
  public var hash: String { SHA256.hex(of: Array(bare.utf8)) }

  /// Every setting with its value and nothing else.
  var bare: String {
    YAMLWriter.write(
      experiment.plainEntries.map {
        YAMLWriter.Entry($0.key, YAMLWriter.Value($0.value).withoutComments)
      })
  }

  /// Turns a problem met while building the model into a message at the setting that caused it.
  public func diagnostic(_ problem: BuildProblem) -> Diagnostic {
    var path = NodePath([.key("model")])
    var node = document.root["model"]
    for part in problem.path {
      let next = Self.step(path, part)
      guard let found = document.root[next] else { break }
      (path, node) = (next, found)
    }
    return .error(.doesNotFit, problem.message, at: node?.span, help: problem.help)
  }

  /// A problem of the data that one of the dataset's settings is to blame for, at that setting; nil
  /// for any other.
  public func diagnostic(_ problem: DataProblem) -> Diagnostic? {
    guard let setting = problem.setting, let dataset = document.root["dataset"] else { return nil }
    let node = dataset[setting] ?? dataset["fallback"]?[setting] ?? dataset
    return .error(.doesNotFit, problem.message, at: node.span)
  }

  private static func step(_ path: NodePath, _ part: String) -> NodePath {
    if part.hasPrefix("["), let index = Int(part.dropFirst().dropLast()) {
      return path.appending(index)
    }
    return path.appending(part)
  }
}

extension Diagnostic.Code {
  /// The model does not fit the images.
  public static let doesNotFit = Self("does-not-fit")
}

extension YAMLWriter.Value {
  var withoutComments: YAMLWriter.Value {
    switch self {
    case .list(let values): .list(values.map(\.withoutComments))
    case .mapping(let entries):
      .mapping(entries.map { YAMLWriter.Entry($0.key, $0.value.withoutComments) })
    default: self
    }
  }
}
