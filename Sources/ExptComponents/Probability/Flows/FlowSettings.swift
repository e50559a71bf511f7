import ExptTensor

/// What flows whose steps have networks are made of.
///
/// Parameters of step i from 0 are named `i.…`, as `MaskedNetwork` says.
public struct FlowSettings: Settings {
  @Setting("Number of steps; 0: none, which leaves the base distribution.", .within(0...1000))
  public var depth: Int = 4
  @Setting("Units of each hidden layer of a step's network; [] for none.", .within(1...65536))
  public var hidden: [Int] = [128]
  @Setting("Activation of the hidden layers.") public var activation: Activation = .elu()
  @Setting(
    "The order of the dimensions: reversed at every other step, or shuffled anew at each.")
  public var order: DimensionOrder = .reversed

  public init() {}

  /// Steps of `CouplingStep`.
  ///
  /// - Parameter context: What else the networks are given of each example, `[batch, c]`.
  public func coupling(
    dimensions: Int, limit: Float, context: Tensor?, in scope: Scope
  ) throws(BuildProblem) -> [any FlowStep] {
    try steps(dimensions, in: scope) { (ranks, scope) throws(BuildProblem) in
      let network = try MaskedNetwork(
        from: dimensions, to: 2 * dimensions, hidden: hidden, activation: activation,
        context: context, in: scope)
      return CouplingStep(ranks: ranks, network, limit: limit)
    }
  }

  /// Steps of `MaskedAutoregressiveStep`.
  public func maskedAutoregressive(
    dimensions: Int, limit: Float, context: Tensor?, in scope: Scope
  ) throws(BuildProblem) -> [any FlowStep] {
    try steps(dimensions, in: scope) { (ranks, scope) throws(BuildProblem) in
      MaskedAutoregressiveStep(try made(ranks, context, in: scope), limit: limit)
    }
  }

  /// Steps of `InverseAutoregressiveStep`.
  public func inverseAutoregressive(
    dimensions: Int, forget: Float, context: Tensor?, in scope: Scope
  ) throws(BuildProblem) -> [any FlowStep] {
    try steps(dimensions, in: scope) { (ranks, scope) throws(BuildProblem) in
      InverseAutoregressiveStep(try made(ranks, context, in: scope), forget: forget)
    }
  }

  private func made(
    _ ranks: [Int], _ context: Tensor?, in scope: Scope
  ) throws(BuildProblem) -> MaskedNetwork {
    try .made(
      ranks: ranks, parts: 2, hidden: hidden, activation: activation, context: context, in: scope)
  }

  private func steps(
    _ dimensions: Int, in scope: Scope,
    _ make: (_ ranks: [Int], Scope) throws(BuildProblem) -> any FlowStep
  ) throws(BuildProblem) -> [any FlowStep] {
    var steps: [any FlowStep] = []
    for index in 0..<depth {
      steps.append(
        try make(order.ranks(step: index, dimensions: dimensions), scope.child("\(index)")))
    }
    return steps
  }
}

extension Distribution {
  /// Its draws through these steps; itself where there are none.
  public func through(_ steps: [any FlowStep]) -> any Distribution {
    steps.isEmpty ? self : FlowDistribution(self, through: steps)
  }
}
