/// Pooling over square windows.
public enum PoolingKind: String, Sendable {
  case average = "avg_pool"
  case maximum = "max_pool"
}

/// The mean or the largest of each window: see `averagePool` and `maxPool`.
///
/// - Throws: `BuildProblem` if `x` is not a batch of images, the padding is more than half a window, or
///   no window fits.
public func pooling(
  _ x: Tensor, _ kind: PoolingKind, kernel: Int, stride: Int? = nil, padding: Int = 0,
  in scope: Scope
) throws(BuildProblem) -> Tensor {
  let image = try requireImages(x, kind.rawValue)
  let name = "\(kind.rawValue) \(kernel)×\(kernel)"
  guard (1...largestStep).contains(kernel), (1...largestStep).contains(stride ?? kernel),
    padding >= 0, 2 * padding <= kernel
  else {
    throw BuildProblem(
      "\(name) cannot have the padding \(padding): windows at the edge would be empty",
      help: "use at most half of the kernel")
  }
  let geometry = PoolingGeometry(kernel: kernel, stride: stride, padding: padding)
  guard geometry.pooled(image[1]) != nil, geometry.pooled(image[2]) != nil else {
    throw BuildProblem(
      "\(name) does not fit \(inWords(image))", help: "use a smaller kernel, or leave it out")
  }
  let suffix =
    (geometry.stride == kernel ? "" : ", stride \(geometry.stride)")
    + (padding == 0 ? "" : ", padding \(padding)")
  return scope.layer(name + suffix) {
    kind == .average ? averagePool(x, geometry) : maxPool(x, geometry)
  }
}

/// `pixelShuffle` where the channels suffice.
///
/// - Throws: `BuildProblem` if `x` is not a batch of images of a multiple of factor² channels.
public func pixelShuffle(_ x: Tensor, by factor: Int, in scope: Scope) throws(BuildProblem)
  -> Tensor
{
  let image = try requireImages(x, "pixel_shuffle")
  guard (1...largestFactor).contains(factor), image[0] % (factor * factor) == 0 else {
    throw BuildProblem(
      "pixel_shuffle ×\(factor) needs a multiple of \(factor * factor) channels, not \(image[0])",
      help: "let the layer before it make \(factor * factor) times the channels you want after it")
  }
  return scope.layer("pixel_shuffle ×\(factor)") { pixelShuffle(x, by: factor) }
}

/// `pixelUnshuffle` where the sides divide.
///
/// - Throws: `BuildProblem` if `x` is not a batch of images whose sides `factor` divides.
public func pixelUnshuffle(_ x: Tensor, by factor: Int, in scope: Scope) throws(BuildProblem)
  -> Tensor
{
  let image = try requireImages(x, "pixel_unshuffle")
  guard (1...largestFactor).contains(factor), image[1] % factor == 0, image[2] % factor == 0 else {
    throw BuildProblem(
      "pixel_unshuffle ×\(factor) does not divide \(inWords(image))",
      help: "use a divisor of its height and width")
  }
  return scope.layer("pixel_unshuffle ×\(factor)") { pixelUnshuffle(x, by: factor) }
}

/// Larger factors make no sense, and their squares could overflow.
private let largestFactor = 1024
