import ExptLayers
import ExptTensor

/// What follows the products of every hidden layer: normalisation, activation, dropout.
///
/// Parameters of the normalisation are named `norm.weight`, `norm.bias`, … beside the layer's own.
struct HiddenLayer {
  enum Normalization { case none, batch, layer }

  var activation: Activation
  var normalization = Normalization.none
  var dropout: Float = 0

  /// Records a hidden layer.
  ///
  /// - Parameter products: Records the layer's products with the given activation and bias. Without
  ///   normalisation they take the activation into their last pass; before batch normalisation,
  ///   which would undo it, they have no bias.
  func apply(
    in scope: Scope,
    products: (Activation, Bias, Scope) throws(BuildProblem) -> Tensor
  ) throws(BuildProblem) -> Tensor {
    guard normalization == .none, dropout == 0 else {
      throw BuildProblem("normalisation and dropout are not there yet")
    }
    return try products(activation, .drawn, scope)
  }

  /// A fully connected hidden layer.
  func linear(_ x: Tensor, to units: Int, in scope: Scope) throws(BuildProblem) -> Tensor {
    try apply(in: scope) { (activation, bias, scope) throws(BuildProblem) in
      try ExptLayers.linear(x, to: units, activation: activation, bias: bias, in: scope)
    }
  }
}
