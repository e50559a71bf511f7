import ExptComponents
import ExptRunFolder

/// How epochs are compared with each other: by the loss at the values that the schedules lead to,
/// however they move meanwhile.
///
/// The loss that training minimises cannot do it: it grows because β grows. What is decided by the
/// loss at the target is which epoch is best. Early stopping and `reduce_on_plateau` act on it, and
/// therefore count only epochs after which the schedules stand at their target: before that, the
/// model is on its way to another objective, and waiting for it says nothing.
struct Judging: Sendable {
  /// The scale on which a run's epochs are judged.
  enum Scale {
    case target
    /// By the loss as trained: as runs were begun before there was a target to go by.
    case trained
  }

  /// What is said where a run goes on that was begun so.
  static let olderRun =
    "this run was begun by a version that judged epochs by the loss while β moves, and goes on so: "
    + "best, early stopping and plateaus follow the schedule of β. For one scale, start it again"

  private let schedule: any BetaSchedule
  let target: ObjectiveValues

  /// Nil where the objective does not move, or does not matter.
  init?(_ experiment: Experiment, _ scale: Scale = .target) {
    guard scale == .target, let schedule = experiment.model.betaSchedule,
      schedule.target.isMoving
    else { return nil }
    self.schedule = schedule
    target = schedule.target.values
  }

  /// Whether the schedules stand at their target in the last step of an epoch, from 1.
  func stands(afterEpoch epoch: Int, stepsPerEpoch: Int, of epochs: Int) -> Bool {
    let (steps, overflows) = epoch.multipliedReportingOverflow(by: stepsPerEpoch)
    let last = Progress(
      step: overflows ? .max : steps - 1, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
    return schedule.values(last).isNear(target)
  }
}

extension RunFolder {
  /// The scale on which a run goes on: the one it was begun with, which its columns tell.
  func scale(of experiment: Experiment) -> Judging.Scale {
    guard Judging(experiment) != nil, let table = try? MetricsTable.read(metricsFile),
      !table.columns.isEmpty, !table.columns.contains("train_\(StepGraph.judgedName)")
    else { return .target }
    return .trained
  }
}
