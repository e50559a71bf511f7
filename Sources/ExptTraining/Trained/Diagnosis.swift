import ExptComponents
import ExptData

/// What there is to say about a run at its end, in plain sentences, each with what to try.
enum Diagnosis {
  /// A dimension whose KL is lower carries next to nothing.
  static let collapsedKL = 0.01

  static func sentences(_ trainer: Trainer, lastEpoch: EpochSummary?) -> [String] {
    guard let epoch = lastEpoch else { return [] }
    return [
      latents(epoch.klPerDimension), saturation(trainer), overfitting(epoch, trainer),
      greyData(trainer),
    ].compactMap { $0 }
  }

  private static func latents(_ kl: [Double]) -> String? {
    guard !kl.isEmpty else { return nil }
    let active = kl.filter { $0 > collapsedKL }.count
    let strongest = kl.sorted(by: >).prefix(5).map { Format.fixed($0, 2) }.joined(separator: ", ")
    if active == 0 {
      return "All \(kl.count) latents have collapsed to the prior (KL below \(collapsedKL) nats "
        + "each): the decoder ignores them. Lower β, warm it up (beta: {type: linear}), or use "
        + "free_bits."
    }
    let counts = "\(active) of \(kl.count) latents are active (KL over \(collapsedKL) nats)"
    let idle = kl.count - active
    if idle * 2 >= kl.count {
      return counts + "; the strongest carry \(strongest) nats. The other \(idle) are unused: a "
        + "smaller latent would do, or lower β to use more."
    }
    return counts + "; the strongest carry \(strongest) nats."
  }

  private static func saturation(_ trainer: Trainer) -> String? {
    let logVariances = trainer.access.encode(trainer.examples(500)).logVariance ?? []
    return saturation(logVariances)
  }

  /// A log-variance of −20 alone costs 9.5 nats of KL: sharper than a capacity or a small β lead to.
  /// One of 5 costs 71.
  static func saturation(_ logVariances: [Float]) -> String? {
    let extreme = logVariances.filter { !(-20...5).contains($0) }.count
    guard extreme * 100 > logVariances.count else { return nil }
    let share = Format.fixed(100 * Double(extreme) / Double(logVariances.count), 1)
    return
      "\(share) % of the posterior variances are saturated (log-variance below −20 or over 5): "
      + "the posterior is all but a point, or noise. Check the likelihood's scale and the learning "
      + "rate."
  }

  private static func overfitting(_ epoch: EpochSummary, _ trainer: Trainer) -> String? {
    guard let train = epoch.train.first?.value, let held = epoch.validation.first?.value,
      let best = trainer.position.best
    else { return nil }
    let gap = held - train
    guard gap > 0.05 * abs(train), best.epoch < trainer.position.epoch else { return nil }
    return
      "The validation loss is \(Format.fixed(gap, 2)) nats over the training loss and was best "
      + "in epoch \(best.epoch): the model overfits. Use checkpoints/best, early_stopping, "
      + "dropout, or more data."
  }

  private static func greyData(_ trainer: Trainer) -> String? {
    let split = trainer.experiment.dataset.split
    guard split.binarization == .none else { return nil }
    return trainer.experiment.model.network.likelihood.concern(about: trainer.statistics)
  }
}
