internal import CKernels

/// A two-dimensional convolution (cross-correlation, as PyTorch's `nn.functional.conv2d`) with a
/// bias for each channel and an activation.
///
///     y[b,o,i,j] = f(bias[o] + Σ x[b, c, i·stride + u − padding, j·stride + v − padding]·w[o,c,u,v])
///
/// Shapes: `x` `[batch, in, height, width]`, `weight` `[out, in, kernelHeight, kernelWidth]`, `bias`
/// `[out]` or none; the result `[batch, out, h, w]` with h = (height + 2·padding − kernelHeight) /
/// stride + 1, rounded down, and w likewise. Pixels outside the image count as 0.
public func conv2d(
  _ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
  activation: Activation = .none
) -> Tensor {
  let geometry = ConvolutionGeometry(stride: stride, padding: padding)
  precondition(
    x.shape.rank == 4 && weight.shape.rank == 4 && x.shape[1] == weight.shape[1],
    "conv2d: x [batch, in, h, w] is \(x.shape) and weight [out, in, kh, kw] is \(weight.shape)")
  if let bias {
    precondition(
      bias.shape == [weight.shape[0]],
      "conv2d: bias is \(bias.shape) for a weight of \(weight.shape)")
  }
  guard let height = geometry.convolved(x.shape[2], kernel: weight.shape[2]),
    let width = geometry.convolved(x.shape[3], kernel: weight.shape[3])
  else {
    preconditionFailure(
      "conv2d: weight \(weight.shape) does not fit x \(x.shape) with \(geometry)")
  }
  return .applying(
    activation, after: { Convolution(geometry: geometry, last: $0) },
    to: [x, weight] + (bias.map { [$0] } ?? []),
    shape: [x.shape[0], weight.shape[0], height, width])
}

/// Stride and padding of a convolution, the same in both directions, and the sizes they lead to.
public struct ConvolutionGeometry: Sendable, Hashable, CustomStringConvertible {
  public var stride: Int
  public var padding: Int

  public init(stride: Int = 1, padding: Int = 0) {
    precondition(stride > 0 && padding >= 0, "stride \(stride) and padding \(padding)")
    self.stride = stride
    self.padding = padding
  }

  public var description: String { "stride \(stride) and padding \(padding)" }

  /// The size after a convolution; nil if the kernel does not fit.
  public func convolved(_ size: Int, kernel: Int) -> Int? {
    let room = size + 2 * padding - kernel
    return room >= 0 && kernel > 0 ? room / stride + 1 : nil
  }

  /// The size after a transposed convolution, at least 1; nil if nothing would be left.
  public func transposed(_ size: Int, kernel: Int, outputPadding: Int = 0) -> Int? {
    let result = (size - 1) * stride - 2 * padding + kernel + outputPadding
    return size > 0 && kernel > 0 && result > 0 ? result : nil
  }
}

extension ConvolutionGeometry {
  /// For the kernels: from `x` to `y`, both `[batch, channels, height, width]`.
  func sizes(from x: Shape, to y: Shape, weight: Shape) -> ck_conv2d {
    ck_conv2d(
      batch: x[0], in_channels: x[1], in_h: x[2], in_w: x[3], out_channels: y[1], out_h: y[2],
      out_w: y[3], kernel_h: weight[2], kernel_w: weight[3], stride_h: stride, stride_w: stride,
      pad_h: padding, pad_w: padding)
  }
}

private struct Convolution: Operation {
  let name = "conv2d"
  let geometry: ConvolutionGeometry
  let last: LastPass

  var meaning: OperationMeaning? { .convolution(geometry, last.activation) }
  var backwardReads: BackwardReads { last.backwardReads }

  func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    output.count * inputs[1].count(from: 1)
  }

  func forward(_ pass: ForwardPass) {
    let (x, weight, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    var sizes = geometry.sizes(from: x.shape, to: y.shape, weight: weight.shape)
    var epilogue = last.epilogue(bias: last.hasBias ? pass.inputs[2].pointer : nil)
    ck_conv2d_forward(
      pass.run.pool.handle, &sizes, x.pointer, weight.pointer, y.pointer, 0, &epilogue)
  }

  func backward(_ pass: BackwardPass) {
    let (x, weight, dz) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    var sizes = geometry.sizes(from: x.shape, to: dz.shape, weight: weight.shape)
    let pool = pass.run.pool.handle
    last.backwardOfImages(pass)
    if let dx = pass.inputGradients[0] {
      ck_conv2d_backward_input(
        pool, &sizes, dz.pointer, weight.pointer, dx.pointer, dx.accumulates ? 1 : 0)
    }
    if let dw = pass.inputGradients[1] {
      ck_conv2d_backward_weight(
        pool, &sizes, dz.pointer, x.pointer, dw.pointer, dw.accumulates ? 1 : 0)
    }
  }
}
