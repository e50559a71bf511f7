import ExptTensor

/// Turns the steps of a graph into nodes, and what they read into tensors.
struct ONNXWriter {
  private(set) var inputs: [ONNXValue] = []
  private(set) var outputs: [ONNXValue] = []
  private(set) var nodes: [ONNXNode] = []
  private(set) var tensors: [ONNXTensor] = []

  /// Those of a batch of two, and what they are in a batch of three.
  private let steps: [Graph.Step]
  let others: [Int: Graph.Step]
  private let wanted: [(name: String, tensor: Tensor)]
  private let store: ParameterStore
  private let graph: Graph
  private let inputNames: [String: String]
  /// What each value of the graph is called.
  private var names: [Int: String] = [:]
  /// The shape of each, with −1 where it follows the batch.
  private var shapes: [Int: [Int]] = [:]
  /// The path of the step that is being written.
  private var path = ""

  init(
    _ outputs: [(name: String, tensor: Tensor)], _ others: [(name: String, tensor: Tensor)],
    store: ParameterStore, inputNames: [String: String]
  ) throws(ONNXProblem) {
    wanted = outputs
    self.inputNames = inputNames
    guard let graph = outputs.first?.tensor.graph, let other = others.first?.tensor.graph else {
      throw ONNXProblem(message: "a model without outputs")
    }
    self.graph = graph
    steps = graph.steps(to: outputs.map(\.tensor))
    self.others = Dictionary(
      uniqueKeysWithValues: zip(steps.map(\.number), other.steps(to: others.map(\.tensor))))
    self.store = store
  }

  mutating func write() throws(ONNXProblem) {
    for step in steps { try find(step) }
    let computed = FoldedSteps(steps, graph, store) { shapes[$0]?.first == -1 }
    for step in steps {
      path = step.path
      if computed.isInner(step.number) { continue }
      if let values = computed[step.number] {
        names[step.number] = floats(values, step.shape.dimensions, at: step.label("folded"))
      } else {
        try write(step)
      }
    }
    path = ""
    for (name, tensor) in wanted {
      guard rowsPerExample(tensor.number) == 1 else {
        throw unwritten("the output '\(name)', which is not one row for each example,")
      }
      add("Identity", [self.name(tensor.number)], at: name, output: name)
      outputs.append(ONNXValue(name: name, example: Array(tensor.shape.dimensions.dropFirst())))
    }
  }

  /// Takes down a step's shape, and inputs before anything is written: constants ask them for the batch.
  private mutating func find(_ step: Graph.Step) throws(ONNXProblem) {
    path = step.path
    guard let other = others[step.number] else {
      throw unwritten("a part that changes with the batch")
    }
    guard let shape = Self.shape(step.shape, other.shape) else {
      throw unwritten(
        "a value that is \(step.shape) for 2 examples and \(other.shape) for 3")
    }
    shapes[step.number] = shape
    guard case .input(let given) = step.origin else { return }
    let name = inputNames[given] ?? given
    guard rowsPerExample(step.number) == 1 else {
      throw unwritten("the input '\(name)', which is not one row for each example,")
    }
    names[step.number] = name
    inputs.append(ONNXValue(name: name, example: Array(shape.dropFirst())))
  }

  private mutating func write(_ step: Graph.Step) throws(ONNXProblem) {
    switch step.origin {
    case .input: return
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
      guard let meaning else { throw unwritten("the operation '\(name)'") }
      names[step.number] = try write(meaning, of: step, at: step.label(name))
    }
  }

  /// Sizes, −1 for a number of rows that is the batch or a multiple of it; nil if one follows the batch in
  /// another way.
  private static func shape(_ two: Shape, _ three: Shape) -> [Int]? {
    if two == three { return two.dimensions }
    guard two.rank == three.rank, two.rank > 0, two.withoutBatch == three.withoutBatch,
      two[0] % 2 == 0, two[0] / 2 * 3 == three[0]
    else { return nil }
    return [-1] + two.withoutBatch.dimensions
  }

  /// What cannot be written, in a sentence.
  func unwritten(_ what: String) -> ONNXProblem {
    let place = path.isEmpty ? "" : " (in \(path))"
    return ONNXProblem(message: "expt cannot yet write \(what) as ONNX\(place)")
  }

  // What the operations are written with.

  func name(_ number: Int) -> String { names[number] ?? "" }
  func shape(_ number: Int) -> [Int] { shapes[number] ?? [] }

  /// How many rows of a value belong to each example; 0 for a value that does not follow the batch.
  func rowsPerExample(_ number: Int) -> Int {
    guard shape(number).first == -1, let other = others[number] else { return 0 }
    return other.shape[0] / 3
  }

  /// Adds a node, and returns the name of what it computes.
  ///
  /// - Parameter unread: Outputs before the one that is wanted.
  @discardableResult
  mutating func add(
    _ type: String, _ inputs: [String], at label: String, output: String? = nil, unread: Int = 0,
    _ attributes: [(name: String, value: ONNXAttribute)] = []
  ) -> String {
    let name = "\(label)/\(type)_\(nodes.count)"
    let output = output ?? name
    nodes.append(
      ONNXNode(
        name: name, type: type, inputs: inputs,
        outputs: (0..<unread).map { "\(name)/\($0)" } + [output], attributes: attributes))
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

  /// - Parameter shape: nil: a list.
  mutating func integers(_ values: [Int], _ shape: [Int]? = nil, at label: String) -> String {
    let name = "\(label)/sizes_\(tensors.count)"
    tensors.append(
      ONNXTensor(name: name, shape: shape ?? [values.count], values: .integers(values)))
    return name
  }

  mutating func reshape(_ input: String, to shape: [Int], at label: String) -> String {
    add("Reshape", [input, integers(shape, at: label)], at: label)
  }
}

extension Graph.Step {
  /// For the names of nodes.
  fileprivate func label(_ name: String) -> String { path.isEmpty ? name : "\(path)/\(name)" }

  /// The numbers of a constant; nil for another step.
  var values: [Float]? {
    guard case .operation(_, .values(let values)?) = origin else { return nil }
    return values
  }
}
