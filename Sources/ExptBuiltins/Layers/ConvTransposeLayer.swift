import ExptComponents
import ExptTensor

/// A transposed convolution with a square kernel: images `[in, height, width]` to `[channels, h, w]`
/// with h = (height − 1)·stride − 2·padding + kernel + output_padding.
public struct ConvTransposeLayer: ProductLayer {
  public static let id = "conv_transpose"
  public static let summary =
    "A transposed convolution, which reverses the change of shape of a convolution."
  public static let exampleSettings = "{ channels: 5, stride: 2 }"

  @Setting("Number of output channels.", .within(1...65536)) public var channels: Int
  @Setting("Side of the square kernel.", .within(1...1024)) public var kernel: Int = 3
  @Setting("Step of the output: 2 doubles the side.", .within(1...1024)) public var stride: Int = 1
  @Setting("Rows and columns removed from each side.", .within(0...1024)) public var padding: Int =
    0
  @Setting("Rows and columns added at bottom and right, fewer than the stride.", .within(0...1023))
  public var outputPadding: Int = 0
  @Setting("Whether to add a bias to each channel.") public var bias: Bool = true
  @Group public var weights = WeightSettings()

  /// The height and width to reach, for the mirror of a convolution; `outputPadding` then does not
  /// count.
  var exactSize: (height: Int, width: Int)?

  public init() {}

  public init(
    channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    bias: Bool = true, weights: WeightOptions = .standard
  ) {
    self.weights = WeightSettings(weights)
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.bias = bias
  }

  public func check(_ report: SettingsReport) {
    guard outputPadding >= stride else { return }
    report.error(
      "'output_padding' must be below 'stride', which is \(stride)", at: "output_padding",
      help: "it selects one of the sizes that a convolution of this stride maps to the same size")
  }

  public func apply(_ x: Tensor, activation: Activation, bias: Bias?, in scope: Scope)
    throws(BuildProblem) -> Tensor
  {
    try convTranspose2d(
      x, channels: channels, kernel: kernel, stride: stride, padding: padding,
      size: exactSize.map { .exactly(height: $0.height, width: $0.width) }
        ?? .padded(by: outputPadding),
      activation: activation, bias: self.bias ? bias ?? .drawn : .absent,
      weights: weights.options, in: scope)
  }

  public func mirrored(from input: Shape, to output: Shape) -> (any Layer)? {
    ConvLayer(
      channels: input[0], kernel: kernel, stride: stride, padding: padding, bias: bias,
      weights: weights.options)
  }
}
