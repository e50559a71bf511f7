import ExptTensor

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

  public init(_ graph: Graph, path: String = "", data: DataFacts) {
    self.graph = graph
    self.path = path
    self.data = data
  }

  public var mode: Mode { graph.mode }

  public func child(_ name: String) -> Scope {
    Scope(graph, path: path.isEmpty ? name : path + "." + name, data: data)
  }

  public func parameter(_ name: String, _ shape: Shape, _ initialiser: Initialiser) -> Tensor {
    graph.parameter(child(name).path, shape, initialiser)
  }

  /// State that follows training without being trained, such as a running mean.
  public func state(_ name: String, _ shape: Shape, _ initialiser: Initialiser) -> Tensor {
    graph.parameter(child(name).path, shape, initialiser, isState: true)
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
  /// The mean of each pixel over the training images; asked for only when parameters get their
  /// first values.
  public var pixelMean: @Sendable () -> [Float]

  public init(image: Shape, pixelMean: @escaping @Sendable () -> [Float]) {
    self.image = image
    self.pixelMean = pixelMean
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
