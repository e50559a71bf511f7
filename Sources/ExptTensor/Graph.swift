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
  public private(set) var mode: Mode
  public let parameters: ParameterSet
  /// Whether plans of this graph keep only some of the values that gradients read, and compute the
  /// others again in the backward pass: less memory, more time, the same numbers.
  public let recomputes: Bool
  public internal(set) var layers: [LayerSummary] = []
  /// What changes after a step without a gradient, in the order of recording.
  public private(set) var moves: [StateMove] = []
  /// The numbers that follow a schedule, in the order of recording.
  public private(set) var scalars: [ScheduledScalar] = []
  private(set) var nodes: [Node] = []
  private var inputs: [String: Tensor] = [:]
  /// One for each parameter, however often it is mentioned: its gradients add up.
  private var parameterTensors: [Int: Tensor] = [:]
  private let holdsStops: Bool
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

  /// - Parameters:
  ///   - holdsStops: Whether what `stopGradient` is called on keeps the value of the first run: for
  ///     finite differences, which see no other kind of constant.
  ///   - recomputes: See there.
  public init(
    mode: Mode, parameters: ParameterSet, holdsStops: Bool = false, recomputes: Bool = false
  ) {
    self.mode = mode
    self.recomputes = recomputes
    self.parameters = parameters
    self.holdsStops = holdsStops
  }

  /// A value fed from outside before each run. Another mention of the name is the same input, and must
  /// agree on the shape.
  ///
  /// - Parameter wantsGradient: Whether the gradient of the loss by this input is kept, for tests.
  public func input(_ name: String, _ shape: Shape, wantsGradient: Bool = false) -> Tensor {
    if let known = inputs[name] {
      precondition(known.shape == shape, "the input \(name) is \(known.shape), not \(shape)")
      return known
    }
    let input = append(.input(name: name, wantsGradient: wantsGradient), [], shape)
    inputs[name] = input
    return input
  }

  /// A number fed from outside before each run, such as β.
  public func scalar(_ name: String) -> Tensor { input(name, .scalar) }

  /// A number that follows a schedule: whoever runs the graph sets it before each step. A later
  /// mention of the name is the same number.
  public func scalar(_ scheduled: ScheduledScalar) -> Tensor {
    if !scalars.contains(where: { $0.name == scheduled.name }) { scalars.append(scheduled) }
    return scalar(scheduled.name)
  }

  /// Lets state become `value` after the step, with no gradient through it. The value is computed in the
  /// forward pass, from the state as it was.
  public func move(_ state: Tensor, to value: Tensor) {
    guard case .parameter(let index) = nodes[state.node].source, parameters.specs[index].isState
    else { preconditionFailure("only state can be moved") }
    precondition(state.shape == value.shape, "state \(state.shape) cannot become \(value.shape)")
    moves.append(StateMove(parameter: index, value: value))
  }

  /// A trainable parameter, or state such as a running mean, by its full name.
  ///
  /// The first mention defines it; later ones, in this graph or another that shares
  /// `parameters`, must agree on the shape.
  ///
  /// - Parameter group: Whose optimizer trains it; see `ParameterSpec.group`.
  public func parameter(
    _ name: String, _ shape: Shape, _ initialiser: Initialiser, isState: Bool = false,
    group: String = ""
  ) -> Tensor {
    let index = parameters.define(
      ParameterSpec(
        name: name, shape: shape, initialiser: initialiser, isState: isState, group: group))
    if let known = parameterTensors[index] { return known }
    let parameter = append(.parameter(index: index), [], shape)
    parameterTensors[index] = parameter
    return parameter
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
    let value =
      holdsStops ? record(HeldValue(), inputs: [tensor], shape: tensor.shape) : tensor
    return append(.stoppedView, [value.node], tensor.shape)
  }

  /// Records what `body` does under `name`, for messages and tables.
  public func within<Result, Failure: Error>(
    _ name: String, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    path.append(name)
    defer { path.removeLast() }
    return try body()
  }

  /// Records what `body` does as for evaluation, also in a graph for training: nothing is dropped, and
  /// batches are normalised by the running statistics, which stay as they are. Gradients go through.
  ///
  /// For what must not depend on the mode, such as a prior's density made of the encoder's posteriors.
  public func evaluating<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let before = mode
    mode = .evaluation
    defer { mode = before }
    return try body()
  }

  /// The names of all inputs mentioned so far.
  public var inputNames: Set<String> { Set(inputs.keys) }

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

/// A number of a graph that follows a schedule.
public struct ScheduledScalar: Sendable {
  /// `beta`, `posterior.temperature`.
  public var name: String
  /// What it follows; the graph only carries it.
  public var schedule: any Sendable
  /// Whether it is a weight of the objective, which epochs are judged by; else it is a way to train,
  /// such as a temperature.
  public var isObjective: Bool
  /// Whether it has a column in `metrics.csv`.
  public var isShown: Bool

  public init(_ name: String, _ schedule: any Sendable, isObjective: Bool, isShown: Bool) {
    self.name = name
    self.schedule = schedule
    self.isObjective = isObjective
    self.isShown = isShown
  }
}

/// State that becomes a value after a step.
public struct StateMove {
  /// The index of the state among the parameters.
  public let parameter: Int
  public let value: Tensor
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

  /// Adds a line to the layer table. A layer that is used again has one line.
  public func note(_ layer: LayerSummary) {
    if layers.contains(where: { $0.path == layer.path && $0.kind == layer.kind }) { return }
    layers.append(layer)
  }

  /// The groups of the trainable parameters that a tensor's gradient reaches.
  public func groupsReached(from tensor: Tensor) -> Set<String> {
    var isReached = Array(repeating: false, count: tensor.node + 1)
    isReached[tensor.node] = true
    var groups: Set<String> = []
    for index in isReached.indices.reversed() where isReached[index] {
      switch nodes[index].source {
      case .parameter(let parameter):
        let spec = parameters.specs[parameter]
        if !spec.isState { groups.insert(spec.group) }
      case .stoppedView: break
      case .input, .view, .operation: for input in nodes[index].inputs { isReached[input] = true }
      }
    }
    return groups
  }
}
