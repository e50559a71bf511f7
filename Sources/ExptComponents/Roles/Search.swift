import ExptDocument

/// Decides which points of a sweep are trained, in which order, and how far.
///
///     search: { type: asha, first_epochs: 1, reduction: 3 }
///
/// A search remembers nothing: what it does follows from its settings and from how the trials stand, so
/// that a sweep can be killed at any instant and go on. The defaults are those of a random search
/// where there are `draws`, else of the sweep file's points in their order.
public protocol Search: Component {
  /// The settings that it chooses values for, and how many points it tries; nil, the default, for a
  /// search among the points that the sweep file says.
  var draws: Draws? { get }

  /// The values of the `number`th trial, from 0, for a search with `draws`.
  ///
  /// - Parameter results: The trials that are over, in the order in which they ended, and those that
  ///   could not begin.
  func propose(_ number: Int, after results: [TrialResult]) -> [Assignment]

  /// The trial to train next, and the epoch to stop it after; nil if none of these is to be
  /// trained now. A search with `draws` then proposes another.
  func next(_ trials: [Trial]) -> (index: Int, until: Int)?

  /// Whether a trial stops after this epoch until `next` continues with it.
  func pauses(after epoch: Int, of epochs: Int) -> Bool
}

/// How a trial stands.
public struct Trial: Sendable {
  public enum Stage: Sendable, Hashable {
    /// It has not begun, was stopped, or was paused by the search.
    case waiting
    case running, finished, failed
    /// Stopped so often that it is not started again.
    case givenUp
  }

  public var settings: [Assignment]
  /// The epochs that it is to train in the end.
  public var epochs: Int
  /// Those that it has trained.
  public var done: Int
  public var stage: Stage
  /// The best value up to each epoch, lower is better; infinite as long as there is none.
  public var values: [Int: Double]

  public init(
    settings: [Assignment] = [], epochs: Int, done: Int, stage: Stage, values: [Int: Double] = [:]
  ) {
    self.settings = settings
    self.epochs = epochs
    self.done = done
    self.stage = stage
    self.values = values
  }
}

/// A trial that is over: what was tried, and how good it was.
public struct TrialResult: Sendable {
  public var settings: [Assignment]
  /// Lower is better; not finite where it failed, diverged or fitted no model.
  public var value: Double

  public init(settings: [Assignment], value: Double) {
    self.settings = settings
    self.value = value
  }
}

extension Search {
  public var draws: Draws? { nil }

  public func propose(_ number: Int, after results: [TrialResult]) -> [Assignment] {
    draws?.point(number) ?? []
  }

  public func next(_ trials: [Trial]) -> (index: Int, until: Int)? {
    trials.firstIndex { $0.stage == .waiting }.map { ($0, trials[$0].epochs) }
  }

  public func pauses(after epoch: Int, of epochs: Int) -> Bool { false }
}

extension Role where Value == any Search {
  public static var search: Self {
    Role(
      "search", title: "search", includes: { $0 is any Search.Type },
      cast: { $0 as? any Search })
  }
}
