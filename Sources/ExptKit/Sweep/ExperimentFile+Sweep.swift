import ExptDocument
import ExptSweep
import ExptTraining

extension ExperimentFile {
  /// Checks an experiment of a sweep as wholly as can be without its data: settings, and that the
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
