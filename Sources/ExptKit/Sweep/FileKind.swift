import ExptDocument

/// The two kinds of file, each of which may be passed to the other's command by mistake.
enum FileKind {
  case experiment, sweep

  /// - Throws: What to type instead, if a file is of this kind; nothing if it is of the other,
  ///   or cannot be read: whoever reads it says why.
  static func refuse(_ kind: FileKind, at path: String) throws(Diagnostics) {
    guard let root = try? Document.load(path: path).root, let entries = root.entries else { return }
    let parts = entries.filter { ["dataset", "model"].contains($0.key) }
    let experiment = entries.first { $0.key == "experiment" }
    switch kind {
    case .sweep:
      guard let experiment, parts.isEmpty else { return }
      throw Diagnostics(
        .error(
          .unknownKey, "this is a sweep file: it names an experiment, and settings to vary",
          at: experiment.keySpan, help: "type: expt sweep \(path)"))
    case .experiment:
      guard let first = parts.first, experiment == nil else { return }
      throw Diagnostics(
        .error(
          .unknownKey, "this is an experiment file: it trains one model", at: first.keySpan,
          help: "type: expt run \(path); a sweep file of several runs says 'experiment: \(path)'"))
    }
  }
}
