/// A convolution with a square kernel, parameters `weight` `[channels, in, kernel, kernel]` and
/// `bias` `[channels]`.
///
/// Both begin uniform in ±1/√(in·kernel²), as PyTorch's `nn.Conv2d`, unless `weights` says otherwise.
///
/// Shapes: `x` `[batch, in, height, width]`; the result `[batch, channels, h, w]` with
/// h = (height + 2·padding − kernel) / stride + 1, rounded down.
///
/// - Throws: `BuildProblem` if `x` is not a batch of images, the kernel does not fit, or a size is
///   absurdly large.
public func conv2d(
  _ x: Tensor, channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
  activation: Activation = .none, bias: Bias = .drawn, weights: WeightOptions = .standard,
  in scope: Scope
) throws(BuildProblem) -> Tensor {
  let image = try requireImages(x, "a convolution")
  let geometry = try convolutionGeometry(kernel: kernel, stride: stride, padding: padding)
  let shape = try checkedShape(
    [channels, image[0], kernel, kernel],
    of: "the weight of a convolution \(image[0]) → \(channels)")
  guard let height = geometry.convolved(image[1], kernel: kernel),
    let width = geometry.convolved(image[2], kernel: kernel)
  else {
    throw BuildProblem(
      "a kernel of \(kernel)×\(kernel) does not fit \(inWords(image)) with padding \(padding)",
      help: "use a smaller kernel, more padding, or fewer strided convolutions before it")
  }
  _ = try checkedShape(
    [x.shape[0], channels, height, width], of: "a batch after a convolution to \(channels) channels"
  )
  let fanIn = image[0] * kernel * kernel
  let kind =
    "conv \(image[0]) → \(channels), \(kernel)×\(kernel)" + geometry.suffix + weights.suffix
    + activation.suffix
  return scope.layer(kind) {
    conv2d(
      x, weight: scope.weight(shape, weights),
      bias: bias.parameter(channels, fanIn: fanIn, beside: weights, in: scope), stride: stride,
      padding: padding, activation: activation)
  }
}

/// The shape of one of a batch of images, `[channels, height, width]`.
func requireImages(_ x: Tensor, _ layer: String) throws(BuildProblem) -> Shape {
  guard x.shape.rank == 4 else {
    throw BuildProblem(
      "\(layer) takes images [channels, height, width], not \(inWords(x.shape.withoutBatch))",
      help: "put a reshape layer before it")
  }
  return x.shape.withoutBatch
}

extension ConvolutionGeometry {
  /// How it goes on a line of the layer table.
  var suffix: String {
    (stride == 1 ? "" : ", stride \(stride)") + (padding == 0 ? "" : ", padding \(padding)")
  }
}
