import ExptBuiltins
import ExptComponents
import Foundation
import Synchronization
import Testing

/// Every posterior × prior × model × likelihood × condition of the catalogue is refused by `check`, with
/// a sentence at a setting, or trains.
///
/// The suite tries every posterior × prior × model × condition, with the likelihoods in turn, and every
/// likelihood × model × condition. `EXPT_ALL_COMBINATIONS=1` tries the whole product.
@Suite("Combinations of parts")
struct CombinationTests {
  private static let catalog = CombinationTrial.catalog
  private static let likelihoods = catalog.ids(role: "likelihood")
  private static let conditions = catalog.ids(role: "condition")
  private static let posteriors = catalog.ids(role: "posterior")
  private static let priors = catalog.ids(role: "prior")
  private static let latentModels = catalog.ids(role: "model").filter { id in
    catalog.find(id, role: "model") is any LatentModel
  }
  private static let plainModels = catalog.ids(role: "model").filter { id in
    !(catalog.find(id, role: "model") is any LatentModel)
  }
  private static let triesAll =
    ProcessInfo.processInfo.environment["EXPT_ALL_COMBINATIONS"] == "1"

  private static var ofLatents: [Combination] {
    var all: [Combination] = []
    for posterior in posteriors {
      for prior in priors {
        for model in latentModels {
          for condition in conditions {
            let some =
              triesAll ? likelihoods : [likelihoods[all.count % likelihoods.count]]
            all += some.map {
              Combination(
                model: model, likelihood: $0, condition: condition, posterior: posterior,
                prior: prior)
            }
          }
        }
      }
    }
    return all
  }

  private static var ofLikelihoods: [Combination] {
    likelihoods.flatMap { likelihood in
      conditions.flatMap { condition in
        (plainModels + latentModels).map {
          Combination(model: $0, likelihood: likelihood, condition: condition)
        }
      }
    }
  }

  /// - Returns: How many trained, and the sentences of refusals with how often each was said.
  private func tryAll(_ combinations: [Combination]) -> (trained: Int, refusals: [String: Int]) {
    let results = Mutex((trained: 0, refusals: [String: Int](), problems: [String]()))
    DispatchQueue.concurrentPerform(iterations: combinations.count) { index in
      let trial = CombinationTrial(combinations[index])
      results.withLock { results in
        if trial.refusal.isEmpty { results.trained += 1 }
        for sentence in trial.refusal { results.refusals[sentence, default: 0] += 1 }
        results.problems += trial.problems.map { "\(combinations[index]): \($0)" }
      }
    }
    let (trained, refusals, problems) = results.withLock { $0 }
    for problem in problems.prefix(40) { Issue.record("\(problem)") }
    #expect(problems.isEmpty, "\(problems.count) problems in \(combinations.count) combinations")
    print("\(trained) of \(combinations.count) combinations train; refused:")
    for (sentence, count) in refusals.sorted(by: { $0.key < $1.key }) {
      print("  \(count) × \(sentence)")
    }
    return (trained, refusals)
  }

  @Test func `of posteriors, priors, models and conditions train or are refused`() {
    let (trained, refusals) = tryAll(Self.ofLatents)
    #expect(trained > 0 && !refusals.isEmpty)
  }

  @Test func `of likelihoods, models and conditions train or are refused`() {
    let (trained, _) = tryAll(Self.ofLikelihoods)
    #expect(trained > 0)
  }
}
