import ExptTensor

/// The examples that a graph is recorded for, and what is known about each: what a model's loss, encoder,
/// decoder and prior are given.
///
/// Each part is an input of the graph from the moment it is first asked for: a model that never looks
/// at the labels has no labels to fill in.
public struct Batch {
  public let count: Int
  private let scope: Scope
  private let given: Tensor?
  /// The condition of each example, `[batch, n]`, where it is given too; nil: the model's `condition`
  /// finds it.
  public private(set) var condition: Tensor?
  /// Whether the examples come from `with`, and nothing is known of them but what that was told.
  public private(set) var isMade = false
  /// Of such examples: 1 where a pixel is observed, else 0; nil where all are.
  private var madeObserved: Tensor?

  /// Names of the graph's inputs.
  public static let examplesInput = "images"
  public static let labelsInput = "labels"
  public static let observedInput = "observed"
  /// Of a factor.
  public static func input(ofFactor name: String) -> String { "factor/" + name }
  /// Of what is drawn once for each example.
  public static func input(ofLot name: String) -> String { lotPrefix + name }
  static let lotPrefix = "lot/"

  /// The name of a lot, by its input's; nil for another input.
  public static func lot(ofInput name: String) -> String? {
    name.hasPrefix(lotPrefix) ? String(name.dropFirst(lotPrefix.count)) : nil
  }

  /// `count` examples, to be fed from outside.
  public init(_ count: Int, in scope: Scope) {
    self.count = count
    self.scope = scope
    given = nil
  }

  /// These examples, `[batch, channels, height, width]`.
  public init(_ examples: Tensor, in scope: Scope) {
    count = examples.shape[0]
    self.scope = scope
    given = examples
  }

  /// Images (or rows of a table) as the dataset presents them: `[batch, channels, height, width]`.
  public var examples: Tensor {
    given ?? scope.graph.input(Self.examplesInput, scope.data.image.batched(count))
  }

  /// What the values of an example mean, where they are the columns of a table.
  public var table: TableColumns? { scope.data.table }

  /// 1 where a value is observed, else 0, of the examples' shape; nil where all are. Of a table with missing
  /// cells it is an input.
  public var observed: Tensor? {
    if isMade || given != nil { return madeObserved }
    guard let table, table.hasMissing else { return nil }
    return scope.graph.input(Self.observedInput, scope.data.image.batched(count))
  }

  /// The class of each example, from 0: `[batch]`; nil for data without labels.
  public var labels: Tensor? {
    scope.data.classes.map { _ in scope.graph.input(Self.labelsInput, [count]) }
  }

  /// Numbers in 0 ..< 1 for each example, `[batch] + shape`, drawn once and for all: in every epoch the
  /// same for the same image and seed. They say, for instance, whose labels are seen.
  public func lot(_ name: String, _ shape: Shape = .scalar) -> Tensor {
    scope.graph.input(Self.input(ofLot: name), shape.batched(count))
  }

  /// A ground-truth factor (or other column) of each example: `[batch]`; nil if the data have none of
  /// that name.
  public func factor(_ name: String) -> Tensor? {
    guard scope.data.factors.contains(name) else { return nil }
    return scope.graph.input(Self.input(ofFactor: name), [count])
  }

  /// Other examples of the same kind, such as pseudo-inputs, of which nothing else is known than
  /// perhaps their condition.
  public func with(
    _ examples: Tensor, condition: Tensor? = nil, observed: Tensor? = nil
  ) -> Batch {
    var data = scope.data
    (data.classes, data.factors) = (nil, [])
    var other = Batch(examples, in: Scope(scope.graph, path: scope.path, data: data))
    other.condition = condition
    other.madeObserved = observed
    other.isMade = true
    return other
  }
}
