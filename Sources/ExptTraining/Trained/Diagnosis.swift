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
    let spaces = spaces(encodings)
    // Where a sphere is all there is, it says so itself.
    let isTold =
      kl.count == 1 && encodings.dimensions.first?.unit.kind == .sphere && !spaces.isEmpty
    return
      ([learning.sentence(kl), isTold ? nil : latents(kl, learning)] + spaces
      + [
        flow(encodings) ?? saturation(encodings),
        usage(
          epoch, trainer.tallies,
          areLearned: trainer.network.store.specs.contains { $0.name.hasPrefix("codebook.") }),
        learning.isDone ? overfitting(epoch, trainer) : nil, greyData(trainer), skipped(trainer),
      ]).compactMap { $0 } + opponents(epoch, trainer)
      + (trainer.priorUse().map { prior($0) } ?? []) + unreached(trainer)
  }

  /// What there is to say of opponents whose accuracy stands at 1 or at one half.
  private static func opponents(_ epoch: EpochSummary, _ trainer: Trainer) -> [String] {
    let step = trainer.network.step(
      batch: trainer.batches.size(ofBatch: 0), mode: .training)
    return step.graph.terms.opponents.compactMap { opponent in
      let name = StepGraph.accuracyName(of: opponent.name)
      return epoch.train.first { $0.name == name }.flatMap {
        self.opponent(opponent.name, accuracy: $0.value)
      }
    }
  }

  static func opponent(_ name: String, accuracy: Double) -> String? {
    let share = Format.fixed(100 * accuracy, 1)
    if accuracy > 0.98 {
      return "The \(name) has won: it is right about \(share) % of what it is shown, and its "
        + "gradient teaches the model next to nothing. Lower the learning rate of "
        + "\(name).optimizer, make it smaller, or weigh fooling it less at first."
    }
    guard accuracy < 0.52 else { return nil }
    return "The \(name) cannot tell what it is to tell apart: it is right about \(share) %, no "
      + "better than by chance. Either the model has done its work, or the \(name) is too weak "
      + "to teach it anything: compare samples, and if they are poor, raise the learning rate of "
      + "\(name).optimizer or make it larger."
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

    /// Nil if something has been learned, and where collapsed latents say all there is to say.
    func sentence(_ kl: [Double]) -> String? {
      // A decoder whose latents have collapsed tends to the mean image, and is about there.
      let isCollapse = !kl.isEmpty && !kl.contains { $0 > collapsedKL } && gain > -0.1
      guard !isDone, !isCollapse else { return nil }
      return "The model has learned nothing beyond the average image: it "
        + "reconstructs them at \(Format.fixed(reconstruction, 2)) nats, and the mean image alone "
        + "costs \(Format.fixed(meanImage, 2)). Train longer, or raise the learning rate."
    }
  }

  static func latents(_ kl: [Double], _ learning: Learning) -> String? {
    guard !kl.isEmpty else { return nil }
    let active = kl.filter { $0 > collapsedKL }
    if active.isEmpty {
      if learning.sentence(kl) != nil { return nil }
      let (subject, object) =
        kl.count == 1
        ? ("The one latent has collapsed to the prior (KL below \(collapsedKL) nats)", "it")
        : (
          "All \(kl.count) latents have collapsed to the prior (KL below \(collapsedKL) nats each)",
          "them"
        )
      return "\(subject): the decoder ignores \(object). Lower β, warm it up "
        + "(beta: {type: linear}), or use free_bits."
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
      + ": use a smaller latent, or lower β to use more of them."
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
