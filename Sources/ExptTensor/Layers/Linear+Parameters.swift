/// A fully connected layer, `y = f(x·Wᵀ + b)`, with parameters `weight` `[units, n]` and `bias`
/// `[units]`.
///
/// Both begin uniform in ±1/√n, as PyTorch's `nn.Linear`, unless `weights` says otherwise.
///
/// Shapes: `x` `[batch, n]`; the result `[batch, units]`.
///
/// - Throws: `BuildProblem` if `x` is not `[batch, n]` or the weight would be absurdly large.
public func linear(
  _ x: Tensor, to units: Int, activation: Activation = .none, bias: Bias = .drawn,
  weights: WeightOptions = .standard, in scope: Scope
) throws(BuildProblem) -> Tensor {
  guard x.shape.rank == 2 else {
    throw BuildProblem(
      "a linear layer takes a row of numbers, not \(inWords(x.shape.withoutBatch))",
      help: "put a flatten layer before it")
  }
  let inputs = x.shape[1]
  let shape = try checkedShape(
    [units, inputs], of: "the weight of linear \(inputs) → \(units)")
  _ = try checkedShape([x.shape[0], units], of: "a batch after linear \(inputs) → \(units)")
  let kind = "linear \(inputs) → \(units)" + weights.suffix + activation.suffix
  return scope.layer(kind) {
    linear(
      x, weight: scope.weight(shape, weights),
      bias: bias.parameter(units, fanIn: inputs, beside: weights, in: scope),
      activation: activation)
  }
}

extension Activation {
  /// How it ends a line of the layer table: `, relu`.
  var suffix: String { self == .none ? "" : ", " + name }
}
