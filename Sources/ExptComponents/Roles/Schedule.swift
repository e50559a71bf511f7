import ExptTensor

/// How a number changes over training, such as the weight β of a KL term, or a temperature. Any
/// component declares one:
///
///     @Slot("Weight β of the KL term, a number or a schedule.", .schedule, default: "constant")
///     var beta: any Schedule
public protocol Schedule: Component {
  /// The value at a step. A function of progress alone.
  func value(_ progress: Progress) -> Double

  /// The schedule's target. All epochs of a run are judged by the objective with its weights at their
  /// targets, however they change meanwhile. The default is the limit of an endless training.
  var target: ScheduleTarget { get }

  /// A warning about a training of this many epochs, at one of the schedule's settings; nil if there
  /// is none. (Every schedule is checked for not reaching its target.)
  func concern(epochs: Int) -> ScheduleConcern?
}

/// A schedule of β that also pulls the KL towards a capacity instead of 0: the term is then β·|KL − C|.
public protocol CapacitySchedule: Schedule {
  /// C, in nats.
  var capacity: any Schedule { get }
}

extension Schedule {
  /// Whether all its values over a run are above 0, as temperatures must be: a capacity's are its
  /// weight's, and so none of it is.
  public var isPositive: Bool {
    guard !(self is any CapacitySchedule), target.value > 0 else { return false }
    let end = max(1, Int(min(target.epochs ?? 1, 1e6).rounded(.up)))
    return (0...1000).allSatisfy {
      value(Progress(step: $0 * end, stepsPerEpoch: 1000, epochs: end)) > 0
    }
  }
}

/// The value that a schedule leads to, and when it gets there.
public struct ScheduleTarget: Sendable, Hashable {
  public var value: Double
  /// Epochs from the start after which the value no longer changes, 0 for a schedule that never changes;
  /// nil for one that moves over all of training.
  public var epochs: Double?

  public init(_ value: Double, after epochs: Double?) {
    self.value = value
    self.epochs = epochs
  }

  /// Whether the value changes at all.
  public var isMoving: Bool { epochs != 0 }

  /// Whether a value is the target's but for rounding.
  public func isNear(_ other: Double) -> Bool {
    abs(value - other) <= 1e-9 * max(1, abs(value), abs(other))
  }
}

/// Something valid but suspicious about a schedule.
public struct ScheduleConcern: Sendable {
  public var message: String
  /// The schedule's setting to show it at.
  public var setting: String
  public var help: String

  public init(_ message: String, at setting: String, help: String) {
    self.message = message
    self.setting = setting
    self.help = help
  }
}

extension Schedule {
  public var target: ScheduleTarget {
    ScheduleTarget(value(.end), after: nil)
  }

  public func concern(epochs: Int) -> ScheduleConcern? { nil }
}

extension ScheduledScalar {
  /// What the number follows.
  ///
  /// `Scope.scalar` and `LossPass.weight` are the only makers, and take no other kind.
  public var source: any Schedule {
    guard let schedule = schedule as? any Schedule else {
      preconditionFailure("the scalar \(name) does not follow a schedule")
    }
    return schedule
  }
}

extension Settings {
  /// All schedules among these settings and their components', with the keys that lead there:
  /// `["beta"]`, `["posterior", "temperature"]`.
  public var schedules: [(path: [String], schedule: any Schedule)] {
    fields.flatMap { name, field -> [(path: [String], schedule: any Schedule)] in
      if let group = field as? any SettingGroup { return group.members.schedules }
      return field.placedParts.flatMap { key, part in
        let path = [name] + (key.map { [$0] } ?? [])
        if let schedule = part as? any Schedule { return [(path, schedule)] }
        return part.schedules.map { (path + $0.path, $0.schedule) }
      }
    }
  }
}

extension SettingsReport {
  /// Refuses schedules that have a capacity, among a component's, but for the setting that can use it:
  /// elsewhere the capacity would have no effect.
  public func refuseCapacities(of settings: some Settings, except setting: String? = nil) {
    for (path, schedule) in settings.schedules
    where schedule is any CapacitySchedule && path != [setting] {
      report(
        .error, "there is no KL here that a capacity could pull towards itself", at: path,
        help: "write a number, or another schedule such as linear")
    }
  }
}

extension Role where Value == any Schedule {
  public static var schedule: Self {
    Role(
      "schedule", title: "schedule", numberShorthand: ("constant", "value"),
      includes: { $0 is any Schedule.Type }, cast: { $0 as? any Schedule })
  }
}
