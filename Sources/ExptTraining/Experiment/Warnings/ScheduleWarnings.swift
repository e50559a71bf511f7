import ExptComponents
import ExptDocument

// What a schedule that moves the objective, or the learning rate, does to a run of this many epochs.
extension ExperimentFile {
  var scheduleWarnings: [Diagnostic] {
    let epochs = experiment.training.epochs
    let courses = experiment.model.schedules
      .map { ScheduleCourse($0.schedule, at: $0.path, epochs: epochs) }
      .filter(\.target.isMoving)
    return [decay].compactMap { $0 } + courses.flatMap(warnings)
  }

  private func warnings(_ course: ScheduleCourse) -> [Diagnostic] {
    var found: [Diagnostic] = []
    if course.target.isNear(course.end) {
      if course.isObjective {
        found += [neverEnding(course), endingWithinCycle(course), falling(course)]
          .compactMap { $0 }
      }
    } else {
      found.append(unreached(course))
    }
    if let concern = course.concern {
      found.append(
        warning(
          concern.message, at: "\(course.setting).\(concern.setting)", help: concern.help))
    }
    return found
  }

  /// Of a schedule of the learning rate that takes a number of epochs.
  private var decay: Diagnostic? {
    let epochs = experiment.training.epochs
    let step = experiment.optimizer.step
    guard let end = step.schedule.end, end > Double(epochs) else { return nil }
    let last = step.schedule.factor(
      Progress(step: epochs * 1000, stepsPerEpoch: 1000, epochs: epochs))
    return warning(
      "the schedule of the learning rate is longer than the run: in "
        + "\(Format.count(epochs, "epoch")) it only reaches "
        + "\(Format.significant(step.learningRate * last)), not "
        + "\(Format.significant(step.learningRate * step.schedule.factor(.end)))",
      at: "optimizer.schedule.epochs",
      help: "set it to at most \(epochs), leave it out, or train for longer")
  }

  private func unreached(_ course: ScheduleCourse) -> Diagnostic {
    let needed = course.target.epochs.flatMap { Int(exactly: $0.rounded(.up)) }
    return warning(
      "the schedule of \(course.name) is longer than the run: in "
        + "\(Format.count(course.epochs, "epoch")) \(course.number) only reaches "
        + "\(Format.significant(course.end)), not "
        + "\(Format.significant(course.target.value))\(course.unit)",
      at: "\(course.setting).epochs",
      help: (needed.map { "train for at least \($0) epochs" } ?? "train for longer")
        + ", or shorten the schedule to \(course.epochs)")
  }

  private func neverEnding(_ course: ScheduleCourse) -> Diagnostic? {
    guard let patience = experiment.training.earlyStopping, course.isShort,
      course.standing.count <= patience
    else { return nil }
    return warning(
      "early_stopping can never end this run: it only counts epochs that end with the schedule of "
        + "\(course.name) at its target, here \(course.standing.count) of \(course.epochs)",
      at: "training.early_stopping",
      help:
        "train for longer, shorten the schedule in \(course.setting), or leave early_stopping out")
  }

  private func endingWithinCycle(_ course: ScheduleCourse) -> Diagnostic? {
    guard let patience = experiment.training.earlyStopping, course.isShort, course.returns,
      course.longestStand >= patience
    else { return nil }
    return warning(
      "early_stopping may end the run only because a new cycle of \(course.name) began: at the end of a "
        + "cycle it can take more than \(Format.count(patience, "epoch")) until the loss is back to what "
        + "it was a cycle earlier",
      at: "training.early_stopping", help: "set it to more than \(course.longestStand)")
  }

  private func falling(_ course: ScheduleCourse) -> Diagnostic? {
    guard let patience = experiment.optimizer.step.schedule.lossPatience, course.isShort else {
      return nil
    }
    let setting = "optimizer.schedule.patience"
    if course.standing.count <= patience + 1 {
      return warning(
        "the learning rate can never fall on a plateau: only epochs count that end with the "
          + "schedule of \(course.name) at its target, here \(course.standing.count) of \(course.epochs)",
        at: setting, help: "train for longer, or shorten the schedule in \(course.setting)")
    }
    guard course.returns, course.longestStand > patience else { return nil }
    return warning(
      "the learning rate may fall on a plateau only because a new cycle of \(course.name) began: at the "
        + "end of a cycle it can take more than \(Format.count(patience, "epoch")) until the loss is back "
        + "to what it was a cycle earlier",
      at: setting, help: "set it to at least \(course.longestStand)")
  }
}

/// How a schedule goes over the epochs of a run, as far as that is known without the data.
private struct ScheduleCourse {
  private let schedule: any Schedule
  /// What moves: the schedule's own number, or its capacity.
  private let moving: any Schedule
  private let path: [String]
  let epochs: Int

  /// So many steps stand for an epoch.
  private static let steps = 1000

  /// - Parameter path: The keys below `model` that lead to it.
  init(_ schedule: any Schedule, at path: [String], epochs: Int) {
    self.schedule = schedule
    let capacity = (schedule as? any CapacitySchedule)?.capacity
    moving = capacity ?? schedule
    hasCapacity = capacity != nil
    self.path = path
    self.epochs = epochs
  }

  private let hasCapacity: Bool

  /// The setting: `model.beta`.
  var setting: String { ScheduleName(path).setting }
  /// What messages call its setting, and what moves.
  var name: String { ScheduleName(path).text }
  var number: String { hasCapacity ? "the capacity" : name }
  var unit: String { hasCapacity ? " nats" : "" }
  /// Whether it is one of the model's own, a weight of the objective.
  var isObjective: Bool { path.count == 1 }

  var target: ScheduleTarget { moving.target }
  var concern: ScheduleConcern? { schedule.concern(epochs: epochs) }

  /// The value at the very end.
  var end: Double { value(step: epochs * Self.steps) }

  private func value(step: Int) -> Double {
    moving.value(Progress(step: step, stepsPerEpoch: Self.steps, epochs: epochs))
  }

  /// Whether it is evaluated epoch by epoch: a warning must not take long.
  var isShort: Bool { epochs <= 10_000 }

  /// The epochs, from 1, after whose last step the value is the target's.
  var standing: [Int] {
    (1...max(1, epochs)).filter { target.isNear(value(step: $0 * Self.steps - 1)) }
  }

  /// Whether the value leaves the target again.
  var returns: Bool {
    let standing = standing
    return standing.first.map { standing.count < epochs + 1 - $0 } ?? false
  }

  /// The most epochs in a row that stand.
  var longestStand: Int {
    var longest = 0
    var current = 0
    var before = 0
    for epoch in standing {
      current = epoch == before + 1 ? current + 1 : 1
      longest = max(longest, current)
      before = epoch
    }
    return longest
  }
}
