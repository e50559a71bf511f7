import ExptComponents
import ExptTensor

/// A convolution with a square kernel: images `[in, height, width]` to `[channels, h, w]`, with
/// h = (height + 2·padding − kernel) / stride + 1, rounded down. With `padding: same` and an odd kernel h
/// is height / stride, rounded up.
public struct ConvLayer: ProductLayer {
  public static let id = "conv"
  public static let summary = "A convolution."
  public static let exampleSettings = "{ channels: 5 }"

  @Setting("Number of output channels.", .within(1...65536)) public var channels: Int
  @Setting("Side of the square kernel.", .within(1...1024)) public var kernel: Int = 3
  @Setting("Step of the kernel: 2 halves the side.", .within(1...1024)) public var stride: Int = 1
  @Setting("Rows and columns of zeros added on each side, or same.", .within(0...1024))
  public var padding: Padding = 0
  @Setting("Whether to add a bias to each channel.") public var bias: Bool = true
  @Group public var weights = WeightSettings()

  public init() {}

  public init(
    channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true,
    weights: WeightOptions = .standard
  ) {
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = .size(padding)
    self.bias = bias
    self.weights = WeightSettings(weights)
  }

  public func check(_ report: SettingsReport) {
    guard let problem = padding.problem(kernel: kernel) else { return }
    report.error(problem.message, at: "padding", help: problem.help)
  }

  public func apply(_ x: Tensor, activation: Activation, bias: Bias?, in scope: Scope)
    throws(BuildProblem) -> Tensor
  {
    try conv2d(
      x, channels: channels, kernel: kernel, stride: stride, padding: rows, activation: activation,
      bias: self.bias ? bias ?? .drawn : .absent, weights: weights.options, in: scope)
  }

  public func mirrored(from input: Shape, to output: Shape) -> (any Layer)? {
    var mirror = ConvTransposeLayer(
      channels: input[0], kernel: kernel, stride: stride, padding: rows, bias: bias,
      weights: weights.options)
    mirror.exactSize = (input[1], input[2])
    return mirror
  }

  /// The padding in rows: a `same` that cannot be was refused when the settings were read.
  private var rows: Int { padding.size(kernel: kernel) ?? kernel / 2 }
}
