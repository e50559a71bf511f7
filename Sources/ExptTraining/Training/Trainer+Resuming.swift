import ExptComponents

// Warnings when a run is resumed.
extension Trainer {
  /// What another number of epochs changes besides the end, one sentence each: a schedule that spans
  /// all of training stretches, and so continues from another value.
  ///
  /// - Parameter epochs: How many the run was to have before.
  func stretches(from epochs: Int) -> [String] {
    guard position.step > 0, epochs != settings.epochs else { return [] }
    let (before, now) = (places(of: epochs), places(of: settings.epochs))
    func sentence(_ what: String, _ id: String, _ value: (Progress) -> Double) -> String? {
      let (expected, next) = (value(before.next), value(now.next))
      guard abs(expected - next) > 1e-9 * max(abs(expected), abs(next)) else { return nil }
      return "training.epochs was \(epochs) and is \(settings.epochs) now, and the schedule "
        + "'\(id)' stretches with it: \(what) was \(Format.significant(value(before.last))) in the last "
        + "step and continues at \(Format.significant(next))"
    }
    var sentences = [
      sentence(
        "the learning rate", type(of: experiment.optimizer.step.schedule).id, learningRate)
    ]
    for (path, schedule) in experiment.model.schedules {
      let id = type(of: schedule).id
      let name = path.last == "beta" ? "β" : "'\(path.joined(separator: "."))'"
      sentences.append(sentence(name, id, schedule.value))
      if let capacity = (schedule as? any CapacitySchedule)?.capacity {
        sentences.append(sentence("the capacity", id, capacity.value))
      }
    }
    return sentences.compactMap { $0 }
  }

  /// Where the last step and the next one stand in a training of this many epochs.
  private func places(of epochs: Int) -> (last: Progress, next: Progress) {
    var (last, next) = (progress, progress)
    last.step -= 1
    last.epochs = epochs
    next.epochs = epochs
    return (last, next)
  }

  /// Why a run does not train on although it has epochs left, and what to set; nil if it does.
  public var earlyStop: String? {
    guard isStoppedEarly, position.epoch < settings.epochs, let patience = settings.earlyStopping
    else { return nil }
    let since = position.best.map { " since epoch \($0.epoch)" } ?? ""
    return "this run stopped early after \(Format.count(position.epoch, "epoch")) of "
      + "\(settings.epochs): early_stopping is \(patience), and the loss has not improved\(since). "
      + "To continue: --set training.early_stopping=null, or a larger number"
  }
}
