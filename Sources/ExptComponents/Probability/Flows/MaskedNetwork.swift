import ExptTensor

/// A fully connected network, some of whose weights may be held at 0 by masks.
///
/// Its last layer begins near 0, with weights uniform in ±0.01/√n and no bias: a flow's step is then
/// nearly the identity (or what it documents), and learns from there.
///
/// Parameters, for layer i from 0: `i.weight` `[units, inputs]`, `i.bias` `[units]`.
public struct MaskedNetwork {
  private let layers: [(weight: Tensor, bias: Tensor)]
  private let activation: Activation
  private let context: Tensor?

  /// What the units of a layer need to be given, and may be given.
  struct Units {
    /// What a unit that takes from here must be allowed.
    var needed: [Int]
    /// What a unit here is allowed.
    var allowed: [Int]

    var count: Int { needed.count }
  }

  /// A network without masks: rows `[n, inputs]` to `[n, outputs]`.
  ///
  /// - Parameters:
  ///   - context: More inputs, of each example: `[batch, c]`.
  ///   - start: First values of the last layer's weights, where they are to be others.
  public init(
    from inputs: Int, to outputs: Int, hidden: [Int], activation: Activation,
    context: Tensor? = nil, start: Initialiser? = nil, in scope: Scope
  ) throws(BuildProblem) {
    func free(_ count: Int) -> Units {
      Units(needed: Array(repeating: 0, count: count), allowed: Array(repeating: 0, count: count))
    }
    try self.init(
      free(inputs), hidden.map(free), free(outputs), isMasked: false, activation: activation,
      context: context, start: start, in: scope)
  }

  /// MADE: the numbers for a dimension depend only on the dimensions that come before it, and on the
  /// context.
  ///
  /// The result is `[n, parts · d]`: a number of each dimension, then another, …. Hidden units are
  /// given 0 (with a context, else 1) to d − 1 dimensions in turn; with fewer units than dimensions
  /// some dependences are lost.
  ///
  /// Source: Germain, Gregor, Murray & Larochelle, "MADE: Masked Autoencoder for Distribution
  /// Estimation", ICML 2015, equations 12 to 14.
  ///
  /// - Parameter ranks: The place of each dimension in the order, from 0.
  public static func made(
    ranks: [Int], parts: Int, hidden: [Int], activation: Activation, context: Tensor? = nil,
    in scope: Scope
  ) throws(BuildProblem) -> MaskedNetwork {
    let least = context == nil && ranks.count > 1 ? 1 : 0
    let inner = hidden.map { units in
      let degrees = (0..<units).map { least + $0 % max(1, ranks.count - least) }
      return Units(needed: degrees, allowed: degrees)
    }
    let outputs = Array(repeating: ranks, count: parts).flatMap(\.self)
    return try MaskedNetwork(
      Units(needed: ranks.map { $0 + 1 }, allowed: ranks), inner,
      Units(needed: outputs, allowed: outputs), isMasked: true, activation: activation,
      context: context, start: nil, in: scope)
  }

  private init(
    _ inputs: Units, _ hidden: [Units], _ outputs: Units, isMasked: Bool, activation: Activation,
    context: Tensor?, start: Initialiser?, in scope: Scope
  ) throws(BuildProblem) {
    self.context = context
    self.activation = activation
    var layers: [(weight: Tensor, bias: Tensor)] = []
    // The context is needed by nothing that is not allowed it.
    let told = context?.shape[1] ?? 0
    var from = Units(
      needed: inputs.needed + Array(repeating: 0, count: told),
      allowed: inputs.allowed + Array(repeating: 0, count: told))
    for (index, to) in (hidden + [outputs]).enumerated() {
      let isLast = index == hidden.count
      let scope = scope.child("\(index)")
      let shape = try checkedShape(
        [to.count, from.count], of: "the weight of a flow's layer \(from.count) → \(to.count)")
      let fan = Initialiser.fanIn(from.count)
      let small = start ?? .fanIn(10_000 * from.count)
      var weight = scope.parameter("weight", shape, isLast ? small : fan)
      if isMasked {
        let mask = to.allowed.flatMap { allowed in
          from.needed.map { $0 <= allowed ? Float(1) : 0 }
        }
        weight = weight * scope.graph.constant(mask, shape)
      }
      layers.append((weight, scope.parameter("bias", [to.count], isLast ? .zeros : fan)))
      scope.graph.note(
        LayerSummary(
          path: scope.path,
          kind: "\(isMasked ? "masked linear" : "linear") \(from.count) → \(to.count)"
            + (isLast || activation == .none ? "" : ", \(activation.name)"),
          output: [to.count], parameterCount: shape.count + to.count))
      from = to
    }
    self.layers = layers
  }

  public func callAsFunction(_ rows: Tensor) -> Tensor {
    var x = context.map { concatenate(rows, $0.forRows(of: rows)) } ?? rows
    for (index, layer) in layers.enumerated() {
      x = linear(
        x, weight: layer.weight, bias: layer.bias,
        activation: index == layers.count - 1 ? .none : activation)
    }
    return x
  }
}
