import ExptComponents
import ExptTensor

/// Each pixel becomes a square of `factor`×`factor` pixels of its value.
///
/// Followed by a convolution it enlarges images without the checkerboard patterns that transposed
/// convolutions are prone to (Odena et al., "Deconvolution and checkerboard artifacts", 2016).
public struct UpsampleLayer: Layer {
  public static let id = "upsample"
  public static let summary = "Repeats each pixel as a square of pixels."

  @Setting("Factor by which height and width grow.", .within(1...1024))
  public var factor: Int = 2

  public init() {}

  public init(factor: Int) { self.factor = factor }

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    guard x.shape.rank == 4 else {
      throw BuildProblem(
        "upsample takes images [channels, height, width], not \(x.shape.withoutBatch)",
        help: "put a reshape layer before it")
    }
    let height = x.shape[2].multipliedReportingOverflow(by: factor)
    let width = x.shape[3].multipliedReportingOverflow(by: factor)
    _ = try checkedShape(
      [
        x.shape[0], x.shape[1], height.overflow ? Int.max : height.partialValue,
        width.overflow ? Int.max : width.partialValue,
      ], of: "a batch after upsample")
    return scope.layer("upsample ×\(factor)") { upsample(x, by: factor) }
  }
}
