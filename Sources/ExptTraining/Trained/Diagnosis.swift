import ExptComponents
import ExptData
import ExptInference

/// What to say about a run at its end, in plain sentences, each with what to try.
enum Diagnosis {
  /// A dimension whose KL is lower carries next to nothing.
  static var collapsedKL: Double { LatentDimension.informativeKL }

  static func sentences(_ trainer: Trainer, lastEpoch: EpochSummary?) -> [String] {
    guard let epoch = lastEpoch else { return [] }
    let source = trainer.someImages
    let measured = trainer.evaluate(source, progress: trainer.progress)
    let learning = Learning(
      reconstruction: measured.means.first { $0.name == "reconstruction" }?.value ?? .nan,
      meanImage: trainer.costOfMeanImage(on: source))
    let kl = epoch.klPerDimension.isEmpty ? measured.klPerDimension : epoch.klPerDimension
    let encodings = trainer.access.encode(trainer.examples(500))
    let remedies = trainer.remedies(encodings.space)
    let contests = contests(epoch, trainer)
    let spaces = spaces(encodings, remedies)
    // Where a sphere is all there is, it says so itself.
    let isTold =
      kl.count == 1 && encodings.dimensions.first?.unit.kind == .sphere && !spaces.isEmpty
    var found: [String?] = [
      penalised(measured.means, learning, remedies)
        ?? learning.sentence(kl, nothingLearned(contests, remedies)),
      isTold ? nil : latents(kl, learning, remedies),
    ]
    found += spaces
    found += [
      flow(encodings) ?? saturation(encodings),
      usage(
        epoch, trainer.tallies,
        areLearned: trainer.network.store.specs.contains { $0.name.hasPrefix("codebook.") },
        hasLearned: learning.isDone, remedies),
      learning.isDone ? overfitting(epoch, trainer) : nil, greyData(trainer), skipped(trainer),
    ]
    found += contests.map { opponent($0, remedies) }
    found += trainer.priorUse().map { prior($0) + [elsewhere($0, remedies)] } ?? []
    found += unreached(trainer)
    return found.compactMap(\.self)
  }

  /// What a model makes of images, beside what it would make of them knowing their mean alone, in
  /// nats.
  struct Learning {
    var reconstruction: Double
    var meanImage: Double

    /// What the model gains by all it has learned, as a share; 0 if it is as good as the mean image.
    private var gain: Double { (meanImage - reconstruction) / max(abs(meanImage), 1e-9) }

    /// Whether the latents have shown what they are good for.
    var isDone: Bool { !(gain < 0.01) }

    /// Whether collapsed latents say all there is to say: a decoder that hears nothing of them tends to
    /// the mean image, and is about there.
    func isCollapse(_ kl: [Double]) -> Bool {
      !kl.isEmpty && !kl.contains { $0 > collapsedKL } && gain > -0.1
    }

    /// Nil if something has been learned, and where collapsed latents say all there is to say.
    func sentence(_ kl: [Double], _ advice: String) -> String? {
      guard !isDone, !isCollapse(kl) else { return nil }
      return "The model has learned nothing beyond the average image: it "
        + "reconstructs them at \(Format.fixed(reconstruction, 2)) nats, and the mean image alone "
        + "costs \(Format.fixed(meanImage, 2)). \(advice)"
    }
  }

  /// What to do about a model that has learned nothing, where its penalty alone does not explain it.
  static func nothingLearned(_ contests: [Contest], _ remedies: Remedies) -> String {
    if let opponent = contests.first(where: \.hasDiverged) {
      return "Mend the \(opponent.name) first, which has diverged."
    }
    return advice([
      "train longer", "raise the learning rate",
      remedies.schedule("activation", "weight").map { _ in
        "lower the weight of the penalty (activation.weight)"
      },
    ])
  }

  static func latents(_ kl: [Double], _ learning: Learning, _ remedies: Remedies) -> String? {
    guard !kl.isEmpty else { return nil }
    let active = kl.filter { $0 > collapsedKL }
    if active.isEmpty {
      guard learning.isDone || learning.isCollapse(kl) else { return nil }
      let (subject, object) =
        kl.count == 1
        ? ("The one latent has collapsed to the prior (KL below \(collapsedKL) nats)", "it")
        : (
          "All \(kl.count) latents have collapsed to the prior (KL below \(collapsedKL) nats each)",
          "them"
        )
      let ways = [remedies.lessKL, remedies.warmUp, remedies.freeBits]
      return "\(subject): the decoder ignores \(object). "
        + (ways.allSatisfy { $0 == nil } ? remedies.withoutKLWeight : advice(ways))
    }
    let values = active.sorted(by: >).prefix(5).map { Format.fixed($0, 2) }.joined(separator: ", ")
    let counts =
      "\(active.count) of \(Format.count(kl.count, "latent")) "
      + (active.count == 1
        ? "is active (KL over \(collapsedKL) nats) and carries"
        : "are active (KL over \(collapsedKL) nats); the strongest carry")
      + " \(values) nats."
    let idle = kl.count - active.count
    guard idle * 2 >= kl.count, learning.isDone else { return counts }
    return counts + (idle == 1 ? " The other is unused" : " The other \(idle) are unused")
      + ": use a smaller latent"
      + (remedies.lessKL.map { ", or \($0) to use more of them." } ?? ".")
  }

  private static func flow(_ encodings: Encodings) -> String? {
    flow(encodings[parameter: "log_determinant"] ?? [], latent: encodings.latent)
  }

  /// A flow that stretches or shrinks every dimension e⁵-fold does what the Gaussian before it could do
  /// at less risk.
  static func flow(_ logDeterminants: [Float], latent: Int) -> String? {
    let limit = 5 * Float(max(1, latent))
    let extreme = logDeterminants.filter { !(-limit...limit).contains($0) }
    guard extreme.count * 100 > logDeterminants.count, !extreme.isEmpty else { return nil }
    let share = Format.fixed(100 * Double(extreme.count) / Double(logDeterminants.count), 1)
    let isStretching = extreme.filter { $0 > 0 }.count * 2 > extreme.count
    return
      "The posterior's flow \(isStretching ? "stretches" : "shrinks") the latents of \(share) % of the "
      + "images more than e⁵-fold in each dimension: its scale explodes. Use fewer steps (depth), a "
      + "lower scale_limit if the posterior has one, a lower learning rate, or gradient clipping "
      + "(optimizer.clip_norm)."
  }

  /// Of all groups that have log-variances.
  private static func saturation(_ encodings: Encodings) -> String? {
    saturation(
      encodings.parameters.filter { $0.name.hasSuffix("log_variance") }.flatMap(\.values))
  }

  /// A log-variance of −20 alone costs 9.5 nats of KL: sharper than a capacity or a small β lead to.
  /// One of 5 costs 71.
  static func saturation(_ logVariances: [Float]) -> String? {
    let extreme = logVariances.filter { !(-20...5).contains($0) }.count
    guard extreme * 100 > logVariances.count else { return nil }
    let share = Format.fixed(100 * Double(extreme) / Double(logVariances.count), 1)
    return
      "\(share) % of the posterior variances are saturated (log-variance below −20 or over 5): "
      + "the posterior is almost a point, or almost noise. Check the likelihood's scale and the learning "
      + "rate."
  }

  private static func overfitting(_ epoch: EpochSummary, _ trainer: Trainer) -> String? {
    guard !epoch.validation.isEmpty, let best = trainer.position.best else { return nil }
    let train = EpochSummary.deciding(epoch.train)
    let gap = EpochSummary.deciding(epoch.validation) - train
    guard gap > 0.05 * abs(train), best.epoch < trainer.position.epoch else { return nil }
    return
      "The validation loss is \(Format.fixed(gap, 2)) nats above the training loss and was best "
      + "in epoch \(best.epoch): the model overfits. Use checkpoints/best, early_stopping, "
      + "dropout, or more data."
  }

  private static func greyData(_ trainer: Trainer) -> String? {
    let split = trainer.experiment.dataset.split
    guard split.binarization == .none else { return nil }
    return trainer.experiment.model.parts.likelihood.concern(about: trainer.statistics)
  }
}
