import ExptComponents

// What there is to say about the steps that were taken: those left out, and schedules cut short.
extension Diagnosis {
  static func skipped(_ trainer: Trainer) -> String? {
    let (skipped, steps) = (trainer.position.skipped, trainer.position.step)
    guard skipped > 0 else { return nil }
    let count = "\(skipped) of \(Format.count(steps, "step"))"
    let advice =
      skipped * 20 > steps ? ": raise optimizer.skip_norm, or lower the learning rate" : ""
    return
      "\(count) \(skipped == 1 ? "was" : "were") left out, because the loss was not finite or the "
      + "gradients' norm over optimizer.skip_norm\(advice)."
  }

  /// Schedules that had not arrived when training ended: it stopped early, or was too short.
  static func unreached(_ trainer: Trainer) -> [String] {
    let progress = trainer.progress
    let scalars = trainer.experiment.model.schedules.compactMap { path, schedule -> String? in
      let capacity = (schedule as? any CapacitySchedule)?.capacity
      let moving = capacity ?? schedule
      let end = moving.value(progress)
      guard moving.target.isMoving, !moving.target.isNear(end) else { return nil }
      let name = ScheduleName(path)
      return "The schedule of \(name.setting) never reached its end: "
        + "\(capacity == nil ? name.text : "the capacity") was \(Format.significant(end)) when training "
        + "ended, and leads to \(Format.significant(moving.target.value)). The last weights are those of "
        + "another objective: train longer, or shorten the schedule."
    }
    return scalars + [trainer.unreachedRate].compactMap { $0 }
  }
}

/// What a schedule of the model is called.
struct ScheduleName {
  /// The setting: `model.beta`.
  let setting: String
  /// In a sentence: β, 'temperature'.
  let text: String

  /// - Parameter path: The keys below `model` that lead to it.
  init(_ path: [String]) {
    setting = (["model"] + path).joined(separator: ".")
    text = path.last == "beta" ? "β" : "'\(path.last ?? "")'"
  }
}

extension Trainer {
  /// The same of the learning rate, where its schedule or its warm-up ends after a number of epochs.
  fileprivate var unreachedRate: String? {
    let step = experiment.optimizer.step
    let needed = max(step.schedule.end ?? 0, Double(step.warmupEpochs))
    guard needed > progress.epoch + 1e-9 else { return nil }
    return "The schedule of the learning rate never reached its end: it takes "
      + "\(Format.significant(needed)) epochs, and training ended after "
      + "\(Format.significant(progress.epoch)), at a rate of "
      + "\(Format.significant(learningRate(progress)))."
  }
}
