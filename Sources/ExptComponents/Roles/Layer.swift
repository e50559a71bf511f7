import ExptLayers
import ExptTensor

/// One step of the `layers` architecture: `{ type: linear, units: 400 }`, or `relu`.
public protocol Layer: Component {
  /// `x` is `[batch, …]`; the result keeps the batch.
  ///
  /// - Throws: `BuildProblem` where the layer does not fit the shape.
  func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor
}

extension Role where Value == any Layer {
  public static var layer: Self {
    Role("layer", title: "layer", includes: { $0 is any Layer.Type }, cast: { $0 as? any Layer })
  }
}
