import ExptTensor

/// Turns the steps of a graph into nodes, and what they read into tensors.
struct ONNXWriter {
  private(set) var inputs: [ONNXValue] = []
  private(set) var outputs: [ONNXValue] = []
  private(set) var nodes: [ONNXNode] = []
  private(set) var tensors: [ONNXTensor] = []

  private let steps: [Graph.Step]
  /// The same steps for another batch.
  private let others: [Graph.Step]
  private let wanted: [(name: String, tensor: Tensor)]
  private let store: ParameterStore
  private let graph: Graph
  /// What each value of the graph is called.
  private var names: [Int: String] = [:]
  /// The shape of each, with −1 for the batch.
  private var shapes: [Int: [Int]] = [:]

  init(
    _ outputs: [(name: String, tensor: Tensor)], _ others: [(name: String, tensor: Tensor)],
    store: ParameterStore
  ) throws(ONNXProblem) {
    wanted = outputs
    guard let graph = outputs.first?.tensor.graph, let other = others.first?.tensor.graph else {
      throw ONNXProblem(message: "a model without outputs")
    }
    self.graph = graph
    steps = graph.steps(to: outputs.map(\.tensor))
    self.others = other.steps(to: others.map(\.tensor))
    self.store = store
  }

  mutating func write() throws(ONNXProblem) {
    let computed = FoldedSteps(steps, graph, store)
    for (step, other) in zip(steps, others) {
      guard let shape = Self.shape(step.shape, other.shape) else {
        throw ONNXProblem(
          message: "\(step.place): its shape follows the batch as \(step.shape) and \(other.shape) "
            + "for 2 and 3 examples, which ONNX cannot express")
      }
      shapes[step.number] = shape
      if computed.isInner(step.number) { continue }
      if let values = computed[step.number] {
        names[step.number] = floats(values, step.shape.dimensions, at: step.label("folded"))
      } else {
        try write(step)
      }
    }
    for (name, tensor) in wanted {
      add("Identity", [self.name(tensor.number)], at: name, output: name)
      outputs.append(ONNXValue(name: name, example: Array(tensor.shape.dimensions.dropFirst())))
    }
  }

  private mutating func write(_ step: Graph.Step) throws(ONNXProblem) {
    switch step.origin {
    case .input(let name):
      names[step.number] = name
      inputs.append(ONNXValue(name: name, example: Array(step.shape.dimensions.dropFirst())))
    case .parameter(let name):
      guard let values = store[name]?.values else {
        throw ONNXProblem(message: "the parameter \(name) has no values")
      }
      names[step.number] = name
      tensors.append(
        ONNXTensor(name: name, shape: step.shape.dimensions, values: .floats(Array(values))))
    case .view:
      names[step.number] = reshape(
        name(step.inputs[0]), to: shape(step.number), at: step.label("reshape"))
    case .operation(let name, let meaning):
      guard let meaning else {
        throw ONNXProblem(
          message: "\(step.place): there is no export of the operation '\(name)' to ONNX yet")
      }
      names[step.number] = try write(meaning, of: step, at: step.label(name))
    }
  }

  /// Sizes, −1 for one that is the batch; nil if one follows the batch in another way.
  private static func shape(_ two: Shape, _ three: Shape) -> [Int]? {
    guard two.rank == three.rank else { return nil }
    var result = two.dimensions
    for (axis, (a, b)) in zip(two.dimensions, three.dimensions).enumerated() where a != b {
      guard axis == 0, a == 2, b == 3 else { return nil }
      result[axis] = -1
    }
    return result
  }

  // What the operations are written with.

  func name(_ number: Int) -> String { names[number] ?? "" }
  func shape(_ number: Int) -> [Int] { shapes[number] ?? [] }

  /// Adds a node, and returns the name of what it computes.
  @discardableResult
  mutating func add(
    _ type: String, _ inputs: [String], at label: String, output: String? = nil,
    _ attributes: [(name: String, value: ONNXAttribute)] = []
  ) -> String {
    let output = output ?? "\(label)/\(type)_\(nodes.count)"
    nodes.append(
      ONNXNode(
        name: "\(label)/\(type)_\(nodes.count)", type: type, inputs: inputs, output: output,
        attributes: attributes))
    return output
  }

  /// A number in the model, by name.
  mutating func number(_ value: Float, at label: String) -> String {
    floats([value], [], at: label)
  }

  mutating func floats(_ values: [Float], _ shape: [Int], at label: String) -> String {
    let name = "\(label)/number_\(tensors.count)"
    tensors.append(ONNXTensor(name: name, shape: shape, values: .floats(values)))
    return name
  }

  mutating func integers(_ values: [Int], at label: String) -> String {
    let name = "\(label)/sizes_\(tensors.count)"
    tensors.append(ONNXTensor(name: name, shape: [values.count], values: .integers(values)))
    return name
  }

  mutating func reshape(_ input: String, to shape: [Int], at label: String) -> String {
    add("Reshape", [input, integers(shape, at: label)], at: label)
  }
}

extension Graph.Step {
  /// For the names of nodes.
  fileprivate func label(_ name: String) -> String { path.isEmpty ? name : "\(path)/\(name)" }

  /// For messages.
  fileprivate var place: String { path.isEmpty ? "the model" : path }
}
