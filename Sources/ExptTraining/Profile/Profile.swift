import ExptTensor

/// Where a run's time goes.
///
/// There is one mark in time. Charging an activity gives it all the time since the mark and moves
/// the mark to now, so that every moment since the start is charged to one activity, and the
/// activities add up to the whole:
///
///     let profile = Profile()
///     load()
///     profile.charge(.loading)
///
/// A run without a profile pays for asking whether there is one.
public final class Profile {
  /// What time is spent on.
  public enum Activity: Hashable, Sendable {
    /// From the start of the process to the start of the profile.
    case starting
    case readingExperiment
    case loadingData
    case buildingModel
    case checkingFirstBatch
    case gatheringBatches
    case forward(Place)
    case backward(Place)
    case optimizer
    case validation
    case checkpoints
    case images
    case outputs
    /// `metrics.csv`, `timing.csv`, `run.json`, `log.txt`.
    case records
    case display
    /// All else.
    case other
  }

  /// An operation, or several of one kind in one layer.
  public struct Place: Hashable, Sendable {
    /// `linear`.
    public var operation: String
    /// `encoder.0`; empty outside of layers.
    public var path: String
  }

  public struct Tally: Sendable {
    public var seconds = 0.0
    /// How often it was charged.
    public var count = 0
  }

  /// Everything charged so far.
  public private(set) var tallies: [Activity: Tally] = [:]
  /// From the start of the process to the first batch being there to train on.
  public private(set) var secondsToFirstBatch: Double?
  /// The memory allocations in training steps, where they can be counted.
  public private(set) var allocations = StepAllocations()

  private let spentBefore: Double
  private let began: ContinuousClock.Instant
  private var mark: ContinuousClock.Instant

  /// - Parameter spentBefore: Seconds that the process has spent already.
  public init(spentBefore: Double = 0) {
    self.spentBefore = spentBefore
    began = ContinuousClock.now
    mark = began
    tallies.reserveCapacity(512)  // so that charging does not allocate
    tallies[.starting] = Tally(seconds: spentBefore, count: 1)
  }

  /// Since the start of the process.
  public var seconds: Double { spentBefore + began.duration(to: .now).seconds }

  /// Gives `activity` the time since the last charge.
  public func charge(_ activity: Activity) {
    let now = ContinuousClock.now
    tallies[activity, default: Tally()].seconds += mark.duration(to: now).seconds
    tallies[activity, default: Tally()].count += 1
    mark = now
  }

  /// A batch of training images is there.
  func chargeGathering() {
    charge(.gatheringBatches)
    if secondsToFirstBatch == nil { secondsToFirstBatch = seconds }
  }

  /// Charges each operation of a plan from now on.
  func attach(to plan: Plan) {
    plan.observer = { [self] event in
      let place = Place(operation: event.name, path: event.path)
      charge(event.isBackward ? .backward(place) : .forward(place))
    }
  }

  func stepBegan() { allocations.stepBegan() }
  func stepEnded(epoch: Int) { allocations.stepEnded(epoch: epoch) }
}
