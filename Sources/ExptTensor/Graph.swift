/// Whether a graph is recorded for training (dropout drops, batch statistics count) or evaluation.
public enum Mode: Sendable, Hashable {
  case training
  case evaluation
}

/// A record of operations: what is computed from what. It allocates no tensor memory.
///
/// Model code runs once for each batch size and mode, and leaves a graph. Shapes, the layer table
/// and the memory a run takes are read off the graph before anything is allocated.
///
///     let graph = Graph(mode: .training, parameters: parameters)
///     let x = graph.input("images", [128, 784])
///     let w = graph.parameter("encoder.0.weight", [400, 784], .fanIn(784))
public final class Graph {
  public let mode: Mode
  public let parameters: ParameterSet
  public internal(set) var layers: [LayerSummary] = []
  private(set) var nodes: [Node] = []
  private var path: [String] = []

  struct Node {
    var source: Source
    var inputs: [Int]
    var shape: Shape
    /// Where in the model it was recorded: `encoder.0`.
    var path: String
  }

  enum Source {
    case input(name: String, wantsGradient: Bool)
    case parameter(index: Int)
    case view
    /// A view through which no gradient goes.
    case stoppedView
    case operation(any Operation)
  }

  public init(mode: Mode, parameters: ParameterSet) {
    self.mode = mode
    self.parameters = parameters
  }

  /// A value fed from outside before each run.
  ///
  /// - Parameter wantsGradient: Whether the gradient of the loss by this input is kept, for tests.
  public func input(_ name: String, _ shape: Shape, wantsGradient: Bool = false) -> Tensor {
    append(.input(name: name, wantsGradient: wantsGradient), [], shape)
  }

  /// A number fed from outside before each run, such as β.
  public func scalar(_ name: String) -> Tensor { input(name, .scalar) }

  /// A trainable parameter, or state such as a running mean, by its full name.
  ///
  /// The first mention defines it; later ones, in this graph or another that shares
  /// `parameters`, must agree on the shape.
  public func parameter(
    _ name: String, _ shape: Shape, _ initialiser: Initialiser, isState: Bool = false
  ) -> Tensor {
    let index = parameters.define(
      ParameterSpec(name: name, shape: shape, initialiser: initialiser, isState: isState))
    return append(.parameter(index: index), [], shape)
  }

  /// Records an operation. Operations without inputs, such as noise, start here.
  public func record(_ operation: any Operation, inputs: [Tensor] = [], shape: Shape) -> Tensor {
    precondition(
      inputs.allSatisfy { $0.graph === self }, "\(operation.name) mixes tensors of two graphs")
    return append(.operation(operation), inputs.map(\.node), shape)
  }

  /// The same numbers in the same order under another shape: costs nothing.
  func view(_ tensor: Tensor, as shape: Shape) -> Tensor {
    append(.view, [tensor.node], shape)
  }

  /// The same numbers, as a constant to the gradient: costs nothing.
  func stopped(_ tensor: Tensor) -> Tensor {
    append(.stoppedView, [tensor.node], tensor.shape)
  }

  /// Records what `body` does under `name`, for messages and tables.
  public func within<Result, Failure: Error>(
    _ name: String, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    path.append(name)
    defer { path.removeLast() }
    return try body()
  }

  /// The dotted path of the part of the model being recorded.
  public var currentPath: String { path.joined(separator: ".") }

  private func append(_ source: Source, _ inputs: [Int], _ shape: Shape) -> Tensor {
    append(Node(source: source, inputs: inputs, shape: shape, path: currentPath))
  }

  private func append(_ node: Node) -> Tensor {
    nodes.append(node)
    return Tensor(graph: self, shape: node.shape, node: nodes.count - 1)
  }

  /// The same computation from other inputs, of the same shapes, at the same place in the model.
  func repeating(_ node: Node, on inputs: [Tensor]) -> Tensor {
    append(
      Node(
        source: node.source, inputs: inputs.map(\.node), shape: node.shape, path: node.path))
  }
}

/// One line of the layer table.
public struct LayerSummary: Sendable, Hashable {
  /// Where it sits: `encoder.0`.
  public var path: String
  /// What it is: `linear 784 → 400, relu`.
  public var kind: String
  /// The shape of its output for one example.
  public var output: Shape
  /// The number of trainable numbers it owns.
  public var parameterCount: Int

  public init(path: String, kind: String, output: Shape, parameterCount: Int) {
    self.path = path
    self.kind = kind
    self.output = output
    self.parameterCount = parameterCount
  }
}

extension Graph {
  /// The multiply-adds of one forward pass, in products and convolutions.
  public var multiplyAdds: Int {
    nodes.reduce(0) { sum, node in
      guard case .operation(let operation) = node.source else { return sum }
      let inputs = node.inputs.map { nodes[$0].shape }
      return sum + operation.multiplyAdds(inputs: inputs, output: node.shape)
    }
  }

  /// Adds a line to the layer table.
  public func note(_ layer: LayerSummary) { layers.append(layer) }
}
