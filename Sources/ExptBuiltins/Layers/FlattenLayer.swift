import ExptComponents
import ExptTensor

/// Images to rows of numbers.
public struct FlattenLayer: ShapeLayer {
  public static let id = "flatten"
  public static let summary = "Flattens images into rows of numbers."

  public init() {}

  public func apply(_ x: Tensor, in scope: Scope) -> Tensor {
    scope.layer(Self.id) { x.flattened() }
  }

  public func mirrored(from input: Shape, to output: Shape) -> (any Layer)? {
    ReshapeLayer(shape: input.dimensions)
  }
}
