import ExptDocument
import ExptReport
import ExptSweep
import ExptTraining

/// What `expt compare` would say after the last run, said before the first.
enum SweepWarnings {
  /// Why the points of a sweep cannot be ranked by its metric, one sentence each.
  static func objective(_ maker: PointMaker) -> [String] {
    let planned = maker.samples.compactMap { Comparand(resolved: $0) }
    let reasons = Comparability.warnings(
      planned, metric: maker.file.goal.metric, naming: .sweepFile)
    guard let first = reasons.first else { return [] }
    let lead =
      maker.file.search == nil
      ? "the points will not be ranked"
      : "this search ranks points whose metrics are not comparable: it will prefer those whose loss "
        + "is measured on a lower scale, not the better models"
    return ["\(lead): \(first)"] + reasons.dropFirst()
  }
}

extension ExperimentFile {
  /// Checks an experiment of a sweep as far as possible without its data: its settings, and that the
  /// model fits the images.
  static func resolved(
    _ document: Document, name: String
  ) throws(Diagnostics) -> ResolvedExperiment {
    let file = try ExperimentFile(document, name: name, catalog: Expt.catalog)
    let problem: (any Error)?
    do {
      _ = try file.validated(.ofProcess(quiet: true))
      problem = nil
    } catch { problem = error }
    // Data that are not here are a matter of the run, which can fetch them.
    if let diagnostics = problem as? Diagnostics { throw diagnostics }
    let hashes = SeedHash(file)
    return ResolvedExperiment(
      identity: file.hash, text: file.resolved, epochs: file.experiment.training.epochs,
      warnings: file.warnings, identityOfSeed: { hashes?.hash(of: $0) })
  }
}
