import ExptComponents
import ExptInference
import ExptRunFolder
import ExptTensor

/// How epochs are compared with each other: by the loss at the values that the schedules of the
/// objective lead to, however they move meanwhile.
///
/// The loss that training minimises cannot do it: it grows because β grows. What is decided by the
/// loss at the target is which epoch is best. Early stopping and `reduce_on_plateau` act on it, and
/// therefore count only epochs after which the schedules stand at their target: before that, the
/// model is on its way to another objective, and waiting for it says nothing.
struct Judging: Sendable {
  /// The scale on which a run's epochs are judged.
  enum Scale {
    case target
    /// By the loss as trained: as in runs started before losses at a target were recorded.
    case trained
  }

  /// The warning when such a run is resumed.
  static let olderRun =
    "this run was started by a version that judged epochs by the loss under a moving β, and still is: "
    + "best, early stopping and plateaus follow the schedule of β. For a fixed scale, start it again"

  private let schedules: [any Schedule]

  /// - Parameter scalars: Of a step's graph.
  init(_ scalars: [ScheduledScalar]) {
    schedules = scalars.filter(\.isObjective).map(\.source)
  }

  /// Whether the schedules stand at their targets in the last step of an epoch, from 1.
  func stands(afterEpoch epoch: Int, stepsPerEpoch: Int, of epochs: Int) -> Bool {
    let (steps, overflows) = epoch.multipliedReportingOverflow(by: stepsPerEpoch)
    let last = Progress(
      step: overflows ? .max : steps - 1, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
    return schedules.allSatisfy { $0.target.isNear($0.value(last)) }
  }
}

extension RunFolder {
  /// The scale a resumed run is judged on: the one it started with, according to its columns.
  ///
  /// Only runs whose β moves differ in it: nothing else moved the objective when losses at a target were
  /// not recorded. (A temperature that moves is no part of the objective.)
  func scale(of experiment: Experiment) -> Judging.Scale {
    guard experiment.model.schedules.contains(where: { $0.path == ["beta"] && $0.schedule.moves }),
      let table = try? MetricsTable.read(metricsFile), !table.columns.isEmpty,
      !table.columns.contains("train_\(StepGraph.judgedName)")
    else { return .target }
    return .trained
  }
}

extension Schedule {
  /// Whether it moves a number, its capacity included.
  var moves: Bool {
    target.isMoving || (self as? any CapacitySchedule)?.capacity.target.isMoving == true
  }
}
