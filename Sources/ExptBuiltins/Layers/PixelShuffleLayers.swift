import ExptComponents
import ExptTensor

/// Channels to pixels: maps `[c·factor², h, w]` to `[c, h·factor, w·factor]`, in PyTorch's order.
///
/// After a convolution it enlarges images with weights of their own for each pixel.
///
/// Source: Shi et al., "Real-time single image and video super-resolution", CVPR 2016.
public struct PixelShuffleLayer: ShapeLayer {
  public static let id = "pixel_shuffle"
  public static let summary = "Turns channels into pixels, which enlarges a map."
  /// The maps of the conformance suite have three channels.
  public static let exampleSettings = "{ factor: 1 }"

  @Setting("Factor by which height and width grow.", .within(1...1024)) public var factor: Int = 2

  public init() {}

  public init(factor: Int) { self.factor = factor }

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try pixelShuffle(x, by: factor, in: scope)
  }

  public func mirrored(from input: Shape, to output: Shape) -> (any Layer)? {
    PixelUnshuffleLayer(factor: factor)
  }
}

/// Pixels to channels, the inverse of `pixel_shuffle`: maps `[c, h·factor, w·factor]` to
/// `[c·factor², h, w]`.
public struct PixelUnshuffleLayer: ShapeLayer {
  public static let id = "pixel_unshuffle"
  public static let summary = "Turns squares of pixels into channels, which makes a map smaller."

  @Setting("Factor by which height and width shrink.", .within(1...1024)) public var factor: Int = 2

  public init() {}

  public init(factor: Int) { self.factor = factor }

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try pixelUnshuffle(x, by: factor, in: scope)
  }

  public func mirrored(from input: Shape, to output: Shape) -> (any Layer)? {
    PixelShuffleLayer(factor: factor)
  }
}
