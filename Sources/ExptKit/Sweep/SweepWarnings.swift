import ExptReport
import ExptSweep

/// What a sweep says before its first run that `expt compare` would say after the last.
enum SweepWarnings {
  /// Why the points of a sweep cannot be ranked by its metric, a sentence each.
  static func objective(_ maker: PointMaker) -> [String] {
    let planned = maker.samples.compactMap { Comparand(resolved: $0) }
    let reasons = Comparability.warnings(
      planned, metric: maker.file.goal.metric, naming: .sweepFile)
    guard let first = reasons.first else { return [] }
    let lead =
      maker.file.search == nil
      ? "the points will not be ranked"
      : "this search compares points whose metrics do not compare, and will choose by what they mean "
        + "rather than by how good they are"
    return ["\(lead): \(first)"] + reasons.dropFirst()
  }
}
