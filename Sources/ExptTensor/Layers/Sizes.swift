/// The largest tensor that a layer may ask for, in numbers: 2³¹, or 8 GiB.
let largestCount = 1 << 31

/// The shape of a weight or of a layer's output, if it is of a sensible size.
///
/// - Throws: `BuildProblem` if a size is not positive or the tensor would be absurdly large.
public func checkedShape(_ dimensions: [Int], of what: String) throws(BuildProblem) -> Shape {
  let written = dimensions.map(String.init).joined(separator: "×")
  var count = 1
  for size in dimensions {
    guard size > 0 else {
      throw BuildProblem("\(what) would be \(written)", help: "every size must be at least 1")
    }
    let (product, overflows) = count.multipliedReportingOverflow(by: size)
    guard !overflows, product <= largestCount else {
      throw BuildProblem(
        "\(what) would be \(written), more than 2^31 numbers",
        help: "make the layer, or what goes into it, smaller")
    }
    count = product
  }
  return Shape(dimensions)
}

/// What a layer says of an example's shape: `784 numbers`, `an image of 1×28×28`.
func inWords(_ example: Shape) -> String {
  switch example.rank {
  case 1: "\(example[0]) numbers"
  case 3: "an image of \(example)"
  default: "\(example)"
  }
}

/// Sizes beyond this make no sense for kernels, strides and padding, and could overflow.
let largestStep = 1 << 20

/// - Throws: `BuildProblem` if a convolution's settings are out of range.
public func convolutionGeometry(kernel: Int, stride: Int, padding: Int) throws(BuildProblem)
  -> ConvolutionGeometry
{
  guard (1...largestStep).contains(kernel), (1...largestStep).contains(stride),
    (0...largestStep).contains(padding)
  else {
    throw BuildProblem(
      "a kernel of \(kernel) with stride \(stride) and padding \(padding) is not a convolution",
      help: "kernel and stride are at least 1, padding is at least 0, all at most \(largestStep)")
  }
  return ConvolutionGeometry(stride: stride, padding: padding)
}
