import ArgumentParser
import ExptComponents

/// The evaluators that a command line names.
struct AskedEvaluators {
  private let evaluators: [any Evaluator]
  /// Whether all were asked for: those that cannot measure a run are passed over.
  private let isAll: Bool

  /// - Parameters:
  ///   - names: Of `--metrics`: evaluators, separated by commas, or `all`.
  ///   - texts: Of `--evaluator`, as an experiment file would have them.
  init(names: String?, texts: [String]) throws {
    let names = names.map { $0.split(separator: ",").map(String.init) } ?? []
    isAll = names == ["all"]
    let asked = isAll ? Expt.catalog.ids(role: "evaluator") : names
    evaluators =
      try asked.map { try ComponentText($0, option: "--metrics").read(.evaluator) }
      + texts.map { try ComponentText($0, option: "--evaluator").read(.evaluator) }
  }

  var isEmpty: Bool { evaluators.isEmpty }

  /// What they find.
  ///
  /// - Throws: `EvaluationProblem` for what cannot be measured and was asked for by name.
  func scores(of subject: any EvaluationSubject) throws -> [ScoreReport.Entry] {
    guard isAll else { return try evaluators.map { ($0, try $0.score(of: subject)) } }
    return evaluators.compactMap { evaluator in
      do throws(EvaluationProblem) { return (evaluator, try evaluator.score(of: subject)) } catch {
        Console.note("not measured: \(error.message)")
        return nil
      }
    }
  }
}
