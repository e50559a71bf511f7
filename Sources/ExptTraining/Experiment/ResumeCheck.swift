import ExptComponents
public import ExptDocument

extension ExperimentFile {
  /// What may change when a run is resumed: how long it trains, and what it writes. With anything else
  /// changed, its bytes would follow from no one experiment.
  private static let changeable = ["training.epochs", "training.early_stopping", "outputs"]

  /// Checks that this file, a run's resolved experiment with overrides, can resume that run.
  ///
  /// - Parameter original: The resolved experiment without the overrides.
  /// - Throws: Every setting that cannot change, at its override.
  public func checkResumes(_ original: ExperimentFile) throws(Diagnostics) {
    let before = original.leaves
    var problems = Diagnostics()
    for (path, value) in leaves.sorted(by: { $0.key < $1.key })
    where before[path] != value && !Self.mayChange(path) {
      let place = NodePath(path.split(separator: ".").map { .key(String($0)) })
      problems.append(
        .error(
          .resumeChange, "'\(path)' cannot change when a run is resumed",
          at: document.root[place]?.span,
          help: "only \(Self.changeable.joined(separator: ", ")) can; "
            + "start a new run for another experiment"))
    }
    try problems.throwErrors()
  }

  private static func mayChange(_ path: String) -> Bool {
    changeable.contains { path == $0 || path.hasPrefix($0 + ".") }
  }

  /// Every setting that is not a mapping, by its path.
  private var leaves: [String: YAMLWriter.Value] {
    var found: [String: YAMLWriter.Value] = [:]
    func collect(_ entries: [PlainEntry], under path: String) {
      for entry in entries {
        if case .mapping(let inner) = entry.value {
          collect(inner, under: "\(path)\(entry.key).")
        } else {
          found[path + entry.key] = YAMLWriter.Value(entry.value).withoutComments
        }
      }
    }
    collect(experiment.plainEntries, under: "")
    return found
  }
}

extension Diagnostic.Code {
  /// A run cannot continue with another setting.
  public static let resumeChange = Self("resume-change")
}
