import ExptComponents
import ExptInference

// What there is to say of opponents: those that have won, are fooled, cannot tell, or have diverged.
extension Diagnosis {
  /// How an opponent did in an epoch.
  struct Contest {
    var name: String
    /// The share of what it is shown that it is right about; ½ by chance.
    var accuracy: Double
    /// What it minimises, and what that is where it tells nothing apart, in nats.
    var loss = 0.0
    var lossByChance: Double? = nil

    /// Whether its loss is so far above that of knowing nothing that it cannot be learning. One that is
    /// merely fooled is wrong by little.
    var hasDiverged: Bool {
      guard let lossByChance else { return false }
      return !(loss <= (isFooled ? 10 : 2) * lossByChance)
    }

    /// Whether it is wrong more often than by chance.
    var isFooled: Bool { accuracy < 0.45 }
  }

  static func contests(_ epoch: EpochSummary, _ trainer: Trainer) -> [Contest] {
    let step = trainer.network.step(
      batch: trainer.batches.size(ofBatch: 0), mode: .training)
    func value(_ column: String) -> Double? { epoch.train.first { $0.name == column }?.value }
    return step.graph.terms.opponents.compactMap { opponent in
      value(StepGraph.accuracyName(of: opponent.name)).map {
        Contest(
          name: opponent.name, accuracy: $0, loss: value("\(opponent.name)_loss") ?? 0,
          lossByChance: opponent.lossByChance)
      }
    }
  }

  static func opponent(_ contest: Contest, _ remedies: Remedies) -> String? {
    let name = contest.name
    let share = Format.fixed(100 * contest.accuracy, 1)
    if contest.hasDiverged, let chance = contest.lossByChance {
      return "The \(name) has diverged: its loss is \(Format.fixed(contest.loss, 2)) nats, and one "
        + "that knows nothing has \(Format.fixed(chance, 2)), so that what it teaches the model is "
        + "wrong. Lower the learning rate of \(name).optimizer."
    }
    if contest.accuracy > 0.98 {
      return "The \(name) has won: it is right about \(share) % of what it is shown, and its "
        + "gradient teaches the model next to nothing. "
        + advice([
          "lower the learning rate of \(name).optimizer", "make it smaller", remedies.lessFooling,
        ])
    }
    if contest.isFooled {
      return "The \(name) is fooled: it is right about \(share) %, worse than by chance, because "
        + "the model moves on before it has learned. Raise the learning rate of \(name).optimizer, "
        + "or lower the model's own."
    }
    guard contest.accuracy < 0.52 else { return nil }
    return "The \(name) cannot tell what it is to tell apart: it is right about \(share) %, no "
      + "better than by chance. Either the model has done its work, or the \(name) is too weak "
      + "to teach it anything: compare samples, and if they are poor, raise the learning rate of "
      + "\(name).optimizer or make it larger."
  }
}
