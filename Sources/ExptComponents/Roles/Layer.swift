import ExptTensor

/// One step of the `layers` architecture: `{ type: linear, units: 400 }`, or `relu`.
public protocol Layer: Component {
  /// `x` is `[batch, …]`; the result keeps the batch.
  ///
  /// - Throws: `BuildProblem` if the layer does not fit the shape.
  func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor

  /// The layer that undoes this one in the mirror of a list; nil for one that stays as it is, in its
  /// order among its neighbours, such as an activation.
  ///
  /// The default is nil for a layer that keeps the shape, and a problem for any other.
  ///
  /// - Parameters:
  ///   - input: The shape of one example before this layer, which the mirror has to make.
  ///   - output: The shape after it, which the mirror gets.
  func mirrored(from input: Shape, to output: Shape) throws(BuildProblem) -> (any Layer)?
}

extension Layer {
  public func mirrored(from input: Shape, to output: Shape) throws(BuildProblem) -> (any Layer)? {
    guard input == output else {
      throw BuildProblem(
        "the layer '\(Self.id)' from \(input) to \(output) has no mirror",
        help: "write the decoder's layers out instead of 'mirror'")
    }
    return nil
  }
}

extension Role where Value == any Layer {
  public static var layer: Self {
    Role("layer", title: "layer", includes: { $0 is any Layer.Type }, cast: { $0 as? any Layer })
  }
}
