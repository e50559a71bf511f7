import ExptTensor

/// Runs a function recorded on a graph once, forward and backward, on given numbers.
///
///     let run = GraphRun([([2, 3], x), ([4, 3], w)]) { _, t in linear(t[0], weight: t[1]) }
///     run.output           // [2, 4]
///     run.inputGradients   // of Σ weights·output
public struct GraphRun {
  public let output: [Float]
  public let outputShape: Shape
  /// The gradient by each input of the sum of the output's elements, each times its weight.
  public let inputGradients: [[Float]]
  /// The parameters that the function made, with their gradients.
  public let parameters: ParameterStore

  /// Scalars that follow a schedule are at their targets.
  ///
  /// - Parameters:
  ///   - inputs: Shapes and values of the tensors that the closure gets.
  ///   - weights: One for each element of the output; nil: all 1.
  ///   - build: Records the function on the graph. It may make parameters.
  public init(
    _ inputs: [(shape: Shape, values: [Float])], weights: [Float]? = nil, mode: Mode = .training,
    seed: UInt64 = 1, threads: Int = 1, build: (Graph, [Tensor]) throws -> Tensor
  ) rethrows {
    let graph = Graph(mode: mode, parameters: ParameterSet())
    let tensors = inputs.enumerated().map { index, input in
      graph.input("input \(index)", input.shape, wantsGradient: true)
    }
    let result = try build(graph, tensors)
    let weightInput = graph.input("weights", result.shape)
    let loss = graph.record(WeightedTotal(), inputs: [result, weightInput], shape: .scalar)
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: seed)
    let plan = Plan(
      graph, loss: loss, outputs: [result], store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: threads), seed: seed))
    for (index, input) in inputs.enumerated() {
      _ = plan.input("input \(index)")?.update(from: input.values)
    }
    plan.setScalars(of: graph)
    plan.input("weights")?.update(repeating: 1)
    if let weights { _ = plan.input("weights")?.update(from: weights) }
    plan.forward()
    output = Array(plan.value(of: result))
    plan.backward()
    outputShape = result.shape
    inputGradients = tensors.map { tensor in
      plan.gradient(of: tensor).map(Array.init) ?? Array(repeating: 0, count: tensor.shape.count)
    }
    parameters = store
  }
}

/// Σ aᵢ·bᵢ, summed in Double and differentiated by a only.
struct WeightedTotal: Operation {
  let name = "weighted total"
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    let total = zip(pass.inputs[0].values, pass.inputs[1].values).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1)
    }
    pass.output.pointer[0] = Float(total)
  }

  func backward(_ pass: BackwardPass) {
    guard let slot = pass.inputGradients[0] else { return }
    for index in 0..<slot.buffer.count {
      let value = pass.outputGradient.pointer[0] * pass.inputs[1].pointer[index]
      slot.pointer[index] = slot.accumulates ? slot.pointer[index] + value : value
    }
  }
}
