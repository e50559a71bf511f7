import ExptTensor

/// What follows the products of every hidden layer: normalisation, activation, dropout.
///
/// Parameters of the normalisation are named `norm.weight`, `norm.bias`, … beside the layer's own.
struct HiddenLayer {
  enum Normalization { case none, batch, layer }

  var activation: Activation
  var normalization = Normalization.none
  var dropout: Float = 0
  var weights = WeightOptions.standard

  /// Records a hidden layer.
  ///
  /// - Parameter products: Records the layer's products with the given activation and bias. Without
  ///   normalisation they take the activation into their last pass; before batch normalisation,
  ///   which would undo it, they have no bias.
  func apply(
    in scope: Scope,
    products: (Activation, Bias, Scope) throws(BuildProblem) -> Tensor
  ) throws(BuildProblem) -> Tensor {
    var x: Tensor
    switch normalization {
    case .none: x = try products(activation, .drawn, scope)
    case .batch:
      x = try batchNorm(products(.none, .absent, scope), in: scope.child("norm"))
      x = scope.graph.within(scope.path) { activate(x, activation) }
    case .layer:
      x = try layerNorm(products(.none, .drawn, scope), in: scope.child("norm"))
      x = scope.graph.within(scope.path) { activate(x, activation) }
    }
    return dropout > 0 ? ExptTensor.dropout(x, rate: dropout, in: scope.child("dropout")) : x
  }

  /// A fully connected hidden layer.
  func linear(_ x: Tensor, to units: Int, in scope: Scope) throws(BuildProblem) -> Tensor {
    try apply(in: scope) { (activation, bias, scope) throws(BuildProblem) in
      try ExptTensor.linear(
        x, to: units, activation: activation, bias: bias, weights: weights, in: scope)
    }
  }
}
