/// How large a transposed convolution's output is.
public enum TransposedSize: Sendable, Hashable {
  /// (size − 1)·stride − 2·padding + kernel + this, which is below the stride.
  case padded(by: Int)
  /// Exactly this, of the sizes that a convolution maps to the input's.
  case exactly(height: Int, width: Int)
}

/// A transposed convolution with a square kernel, parameters `weight` `[in, channels, kernel,
/// kernel]` and `bias` `[channels]`.
///
/// Both begin uniform in ±1/√(channels·kernel²), as PyTorch's `nn.ConvTranspose2d`, unless `weights` says
/// otherwise.
///
/// Shapes: `x` `[batch, in, height, width]`; the result `[batch, channels, h, w]`, see
/// `TransposedSize`.
///
/// - Throws: `BuildProblem` if `x` is not a batch of images, the output's size cannot be reached,
///   or a size is absurdly large.
public func convTranspose2d(
  _ x: Tensor, channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
  size: TransposedSize = .padded(by: 0), activation: Activation = .none, bias: Bias = .drawn,
  weights: WeightOptions = .standard, in scope: Scope
) throws(BuildProblem) -> Tensor {
  let image = try requireImages(x, "a transposed convolution")
  let geometry = try convolutionGeometry(kernel: kernel, stride: stride, padding: padding)
  let shape = try checkedShape(
    [image[0], channels, kernel, kernel],
    of: "the weight of a transposed convolution \(image[0]) → \(channels)")
  let rest = try outputPadding(image, kernel: kernel, geometry, size)
  guard
    let height = geometry.transposed(image[1], kernel: kernel, outputPadding: rest.height),
    let width = geometry.transposed(image[2], kernel: kernel, outputPadding: rest.width)
  else {
    throw BuildProblem(
      "a transposed convolution with a kernel of \(kernel)×\(kernel), \(geometry) leaves nothing "
        + "of \(inWords(image))", help: "use a larger kernel or less padding")
  }
  _ = try checkedShape(
    [x.shape[0], channels, height, width],
    of: "a batch after a transposed convolution to \(channels) channels")
  let fanIn = channels * kernel * kernel
  let kind =
    "conv_transpose \(image[0]) → \(channels), \(kernel)×\(kernel)" + geometry.suffix
    + weights.suffix + activation.suffix
  return scope.layer(kind) {
    convTranspose2d(
      x, weight: scope.weight(shape, weights, outputs: 1),
      bias: bias.parameter(channels, fanIn: fanIn, beside: weights, in: scope), stride: stride,
      padding: padding, outputPadding: rest, activation: activation)
  }
}

private func outputPadding(
  _ image: Shape, kernel: Int, _ geometry: ConvolutionGeometry, _ size: TransposedSize
) throws(BuildProblem) -> (height: Int, width: Int) {
  switch size {
  case .padded(let rest):
    guard (0..<geometry.stride).contains(rest) else {
      throw BuildProblem(
        "an output padding of \(rest) is not below the stride of \(geometry.stride)",
        help: "it selects one of the sizes that a convolution of this stride maps to the same size")
    }
    return (rest, rest)
  case .exactly(let height, let width):
    let least = (0..<2).map {
      (image[$0 + 1] - 1) * geometry.stride - 2 * geometry.padding + kernel
    }
    let rest = (height: height - least[0], width: width - least[1])
    let possible = 0..<geometry.stride
    guard possible.contains(rest.height), possible.contains(rest.width) else {
      let most = least.map { $0 + geometry.stride - 1 }
      throw BuildProblem(
        "a transposed convolution with a kernel of \(kernel)×\(kernel), \(geometry) makes "
          + "\(inWords(image)) \(least[0])×\(least[1]) to \(most[0])×\(most[1]), "
          + "not \(height)×\(width)")
    }
    return rest
  }
}
