/// A place in the model: where layers make their parameters, under a dotted name.
///
///     let hidden = try linear(x, to: 400, activation: .relu, in: scope.child("0"))
///     // parameters encoder.0.weight [400, 784] and encoder.0.bias [400]
///
/// The same code runs for every batch size and mode; parameters are made the first time and found
/// again later.
public struct Scope {
  public let graph: Graph
  public let path: String
  public let data: DataFacts
  /// Whose optimizer trains the parameters made here: the model's own (""), or an opponent's.
  public private(set) var group = ""
  /// Whether gradients go through what is recorded here without touching its parameters.
  public private(set) var isFrozen = false

  public init(_ graph: Graph, path: String = "", data: DataFacts) {
    self.graph = graph
    self.path = path
    self.data = data
  }

  public var mode: Mode { graph.mode }

  public func child(_ name: String) -> Scope {
    var child = Scope(graph, path: path.isEmpty ? name : path + "." + name, data: data)
    (child.group, child.isFrozen) = (group, isFrozen)
    return child
  }

  /// The same place, where other facts hold of the data: of some columns of a table.
  public func about(_ data: DataFacts) -> Scope {
    var scope = Scope(graph, path: path, data: data)
    (scope.group, scope.isFrozen) = (group, isFrozen)
    return scope
  }

  /// A child whose parameters are an opponent's: trained by an optimizer of its own, from a loss of its
  /// own.
  public func opponent(_ name: String) -> Scope {
    var child = child(name)
    child.group = child.path
    return child
  }

  /// The same place with its parameters as constants: gradients go through to the inputs.
  public var frozen: Scope {
    var scope = self
    scope.isFrozen = true
    return scope
  }

  public func parameter(_ name: String, _ shape: Shape, _ initialiser: Initialiser) -> Tensor {
    let parameter = graph.parameter(child(name).path, shape, initialiser, group: group)
    return isFrozen ? parameter.stopGradient() : parameter
  }

  /// State that follows training without being trained, such as a running mean.
  public func state(_ name: String, _ shape: Shape, _ initialiser: Initialiser) -> Tensor {
    graph.parameter(child(name).path, shape, initialiser, isState: true)
  }

  /// Lets state become `value` after each step of training, without a gradient; in evaluation it stays.
  /// The value is computed with the batch, from the state as it was.
  public func move(_ state: Tensor, to value: Tensor) {
    if mode == .training { graph.move(state, to: value) }
  }

  /// Records a layer: its operations carry this scope's path, and the layer table gets a line.
  ///
  /// - Parameter kind: What the line says: `linear 784 → 400, relu`.
  public func layer<Failure: Error>(
    _ kind: String, _ body: () throws(Failure) -> Tensor
  ) throws(Failure) -> Tensor {
    let before = graph.parameters.trainableCount
    let output = try graph.within(path, body)
    graph.note(
      LayerSummary(
        path: path, kind: kind, output: output.shape.withoutBatch,
        parameterCount: graph.parameters.trainableCount - before))
    return output
  }
}

/// What a model may know of the data while it is built.
public struct DataFacts: Sendable {
  /// `[channels, height, width]` of one image.
  public var image: Shape
  /// The number of classes of the labels; nil if there are none.
  public var classes: Int?
  /// The names of the ground-truth factors or other columns beside the images.
  public var factors: [String]
  /// The mean of each pixel over the training images; asked for only when parameters get their
  /// first values.
  public var pixelMean: @Sendable () -> [Float]
  /// So many training images as the model sees them, drawn at random, one class after the other where
  /// there are labels: `count · image.count` values. Asked for when parameters get their first values.
  public var examples: @Sendable (_ count: Int) -> [Float]
  /// From the smallest to the largest value of the training images; likewise.
  public var extent: @Sendable () -> ClosedRange<Float>
  /// How many images there are to train on; nil while the data are only announced and do not tell.
  public var trainingCount: Int?
  /// What the values of an example mean, where they are the columns of a table that names them.
  public var table: TableColumns?

  /// - Parameters:
  ///   - examples: nil: the mean image as often as asked for.
  ///   - extent: The default is 0 to 1.
  public init(
    image: Shape, classes: Int? = nil, factors: [String] = [],
    examples: (@Sendable (_ count: Int) -> [Float])? = nil,
    extent: @escaping @Sendable () -> ClosedRange<Float> = { 0...1 },
    pixelMean: @escaping @Sendable () -> [Float]
  ) {
    self.image = image
    self.classes = classes
    self.factors = factors
    self.pixelMean = pixelMean
    self.examples =
      examples ?? { count in Array(repeatElement(pixelMean(), count: count).joined()) }
    self.extent = extent
  }
}

/// A model that cannot be built as its settings say, such as a kernel larger than the image.
///
/// Thrown while a graph is recorded, before anything is allocated, and shown at the setting that
/// `path` names.
public struct BuildProblem: Error {
  public var message: String
  public var help: String?
  /// The settings that lead to the culprit, outermost first: `["encoder", "layers", "[3]"]`.
  public var path: [String]

  public init(_ message: String, help: String? = nil, at path: [String] = []) {
    self.message = message
    self.help = help
    self.path = path
  }

  /// The same problem, seen from one level further out.
  public func within(_ setting: String) -> BuildProblem {
    BuildProblem(message, help: help, at: [setting] + path)
  }
}

/// Runs `body`; a problem in it is said to be at `setting`.
public func locating<Result>(
  _ setting: String, _ body: () throws(BuildProblem) -> Result
) throws(BuildProblem) -> Result {
  do { return try body() } catch { throw error.within(setting) }
}
