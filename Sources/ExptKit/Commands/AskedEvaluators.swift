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
    let asked =
      isAll ? Self.all : names.enumerated().filter { names.firstIndex(of: $1) == $0 }.map(\.element)
    evaluators =
      try asked.map { try ComponentText($0, option: "--metrics").read(.evaluator) }
      + texts.map { try ComponentText($0, option: "--evaluator").read(.evaluator) }
  }

  /// One name of each evaluator: some have several, by which of their numbers comes first.
  private static var all: [String] {
    var seen: Set<[String]> = []
    return Expt.catalog.components(role: "evaluator").map { type(of: $0).ids }
      .filter { seen.insert($0).inserted }.compactMap(\.first).sorted()
  }

  var isEmpty: Bool { evaluators.isEmpty }

  /// What they find.
  ///
  /// - Parameter found: Told of each as soon as it is there.
  /// - Throws: `EvaluationProblem` for what cannot be measured and was asked for by name.
  func scores(
    of subject: any EvaluationSubject, _ found: (ScoreReport.Entry) -> Void
  ) throws -> [ScoreReport.Entry] {
    var entries: [ScoreReport.Entry] = []
    for evaluator in evaluators {
      do throws(EvaluationProblem) {
        entries.append((evaluator, try evaluator.score(of: subject)))
        found(entries[entries.count - 1])
      } catch {
        let message =
          error.message.contains("'\(evaluator.id)'")
          ? error.message : "'\(evaluator.id)': \(error.message)"
        guard isAll else { throw EvaluationProblem(message) }
        Console.note("not measured: \(message)")
      }
    }
    return entries
  }
}
