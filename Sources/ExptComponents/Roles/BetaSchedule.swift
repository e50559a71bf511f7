/// How the weight β of the KL term changes over training.
public protocol BetaSchedule: Component {
  /// β at a step. A function of progress alone.
  func beta(_ progress: Progress) -> Double

  /// The KL that the term is drawn to instead of 0, in nats: the loss is then β·|KL − target|.
  func klTarget(_ progress: Progress) -> Double?

  /// Where the schedule leads: the objective that all epochs of a run are judged by, however it
  /// moves meanwhile. The default is its values when a training without end would be over.
  var target: ScheduleTarget { get }

  /// What there is to warn of in a training of so many epochs, at one of the schedule's settings;
  /// nil if there is nothing to say. (That the target is not reached is said of every schedule.)
  func concern(epochs: Int) -> ScheduleConcern?
}

/// The numbers that make up an objective besides the batch, such as β.
public struct ObjectiveValues: Sendable, Hashable {
  public var beta: Double
  /// The KL that the term is drawn to; nil where the schedule has none.
  public var klTarget: Double?

  public init(beta: Double, klTarget: Double? = nil) {
    self.beta = beta
    self.klTarget = klTarget
  }

  /// Whether they are the same but for rounding.
  public func isNear(_ other: ObjectiveValues) -> Bool {
    func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(1, abs(a), abs(b)) }
    return near(beta, other.beta) && near(klTarget ?? 0, other.klTarget ?? 0)
  }
}

/// The values that a schedule leads to, and when it gets there.
public struct ScheduleTarget: Sendable, Hashable {
  public var values: ObjectiveValues
  /// Epochs from the start after which the values stay what they are, 0 for a schedule that never
  /// moves; nil for one that moves over all of training.
  public var epochs: Double?

  public init(_ values: ObjectiveValues, after epochs: Double?) {
    self.values = values
    self.epochs = epochs
  }

  /// Whether the values change at all.
  public var isMoving: Bool { epochs != 0 }
}

/// Something legal and suspicious about a schedule.
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

extension BetaSchedule {
  public func klTarget(_ progress: Progress) -> Double? { nil }

  public var target: ScheduleTarget {
    ScheduleTarget(values(Progress(step: 1 << 40, stepsPerEpoch: 1, epochs: 1)), after: nil)
  }

  public func concern(epochs: Int) -> ScheduleConcern? { nil }

  /// All the values at a step.
  public func values(_ progress: Progress) -> ObjectiveValues {
    ObjectiveValues(beta: beta(progress), klTarget: klTarget(progress))
  }
}

extension Role where Value == any BetaSchedule {
  public static var betaSchedule: Self {
    Role(
      "beta_schedule", title: "β schedule", numberShorthand: ("constant", "value"),
      includes: { $0 is any BetaSchedule.Type }, cast: { $0 as? any BetaSchedule })
  }
}
