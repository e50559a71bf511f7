import ExptComponents
import ExptTensor

/// A layer of products and a bias. An activation that follows it is computed in the products' last
/// pass, with the same result.
public protocol ProductLayer: Layer {
  /// - Parameters:
  ///   - activation: Applied to the result.
  ///   - bias: The first values of the bias; nil for what the layer's settings say.
  func apply(_ x: Tensor, activation: Activation, bias: Bias?, in scope: Scope)
    throws(BuildProblem) -> Tensor
}

extension ProductLayer {
  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try apply(x, activation: .none, bias: nil, in: scope)
  }
}

/// A layer that gives the same numbers another shape.
public protocol ShapeLayer: Layer {}
