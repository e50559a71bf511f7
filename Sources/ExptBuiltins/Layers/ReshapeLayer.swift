import ExptComponents
import ExptTensor

/// The same numbers of each example in another shape, such as `[64, 7, 7]`.
public struct ReshapeLayer: ShapeLayer {
  public static let id = "reshape"
  public static let summary = "The same numbers in another shape."
  public static let exampleSettings = "{ shape: [3, 4] }"

  @Setting("The new shape of an example: [channels, height, width], or [n].", .within(1...1e8))
  public var shape: [Int]

  public init() {}

  public init(shape: [Int]) { self.shape = shape }

  public func check(_ report: SettingsReport) {
    if shape.isEmpty {
      report.error("'shape' has no entries", at: "shape", help: "write [channels, height, width]")
    }
  }

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    let before = x.shape.withoutBatch
    let after = try checkedShape(shape, of: "the result of reshape")
    guard before.count == after.count else {
      throw BuildProblem(
        "cannot reshape \(before) (\(before.count) numbers) to \(after) (\(after.count))",
        help: "both shapes must have the same number of elements")
    }
    return scope.layer("reshape \(after)") { x.reshaped(after.batched(x.shape[0])) }
  }

  public func mirrored(from input: Shape, to output: Shape) -> (any Layer)? {
    ReshapeLayer(shape: input.dimensions)
  }
}
