public import ExptDocument

// Warnings about an experiment as a whole: what is valid but suspicious, and what no component can
// see in its own settings alone.
extension ExperimentFile {
  /// The checks, one a line. Each is a function of the file, in a file of its own beside this one,
  /// that needs neither data nor a built model.
  private static let checks: [@Sendable (ExperimentFile) -> [Diagnostic]] = [
    { $0.precisionWarnings },
    { $0.scheduleWarnings },
    { $0.fittingWarnings },
  ]

  /// All warnings that need no data: what components found in their settings, then what the
  /// experiment as a whole shows.
  ///
  /// `expt check`, `run`, `run --dry-run` and `sweep` say them, and a run writes them into its log.
  public var warnings: [Diagnostic] { settingWarnings + Self.checks.flatMap { $0(self) } }

  /// A warning at a setting such as `model.beta.epochs`; where nobody wrote it, at the innermost
  /// part of that path that somebody wrote.
  func warning(_ message: String, at path: String, help: String? = nil) -> Diagnostic {
    var node = document.root
    var span = node.span
    for part in path.split(separator: ".") {
      guard let next = node[String(part)] else { break }
      node = next
      span = next.span ?? span
    }
    return .warning(.suspicious, message, at: span, help: help)
  }
}
