internal import CKernels

/// A transposed convolution (PyTorch's `nn.functional.conv_transpose2d`), the gradient of `conv2d`
/// by its input used as a layer, with a bias for each channel and an activation.
///
///     y[b, o, i·stride + u − padding, j·stride + v − padding] += x[b,c,i,j]·w[c,o,u,v]
///
/// Shapes: `x` `[batch, in, height, width]`, `weight` `[in, out, kernelHeight, kernelWidth]`, `bias`
/// `[out]` or none; the result `[batch, out, h, w]` with h = (height − 1)·stride − 2·padding +
/// kernelHeight + outputPadding, and w likewise.
///
/// - Parameter outputPadding: Rows and columns added at the bottom and the right, fewer than
///   `stride`: of the sizes that a convolution maps to this one, which to give back.
public func convTranspose2d(
  _ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
  outputPadding: (height: Int, width: Int) = (0, 0), activation: Activation = .none
) -> Tensor {
  let geometry = ConvolutionGeometry(stride: stride, padding: padding)
  precondition(
    x.shape.rank == 4 && weight.shape.rank == 4 && x.shape[1] == weight.shape[0],
    "convTranspose2d: x [batch, in, h, w] is \(x.shape), weight [in, out, kh, kw] \(weight.shape)")
  precondition(
    (0..<stride).contains(outputPadding.height) && (0..<stride).contains(outputPadding.width),
    "convTranspose2d: output padding \(outputPadding) must be below the stride \(stride)")
  if let bias {
    precondition(
      bias.shape == [weight.shape[1]],
      "convTranspose2d: bias is \(bias.shape) for a weight of \(weight.shape)")
  }
  guard
    let height = geometry.transposed(
      x.shape[2], kernel: weight.shape[2], outputPadding: outputPadding.height),
    let width = geometry.transposed(
      x.shape[3], kernel: weight.shape[3], outputPadding: outputPadding.width)
  else {
    preconditionFailure(
      "convTranspose2d: nothing is left of x \(x.shape) by weight \(weight.shape), \(geometry)")
  }
  return .applying(
    activation, after: { TransposedConvolution(geometry: geometry, last: $0) },
    to: [x, weight] + (bias.map { [$0] } ?? []),
    shape: [x.shape[0], weight.shape[1], height, width])
}

private struct TransposedConvolution: Operation {
  let name = "convTranspose2d"
  let geometry: ConvolutionGeometry
  let last: LastPass

  var meaning: OperationMeaning? { .transposedConvolution(geometry, last.activation) }
  var backwardReads: BackwardReads { last.backwardReads }

  func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    inputs[0].count * inputs[1].count(from: 1)
  }

  func forward(_ pass: ForwardPass) {
    let (x, weight, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    var sizes = geometry.sizes(from: x.shape, to: y.shape, weight: weight.shape)
    var epilogue = last.epilogue(bias: last.hasBias ? pass.inputs[2].pointer : nil)
    ck_conv_transpose2d_forward(
      pass.run.pool.handle, &sizes, x.pointer, weight.pointer, y.pointer, 0, &epilogue)
  }

  func backward(_ pass: BackwardPass) {
    let (x, weight, dz) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    var sizes = geometry.sizes(from: x.shape, to: dz.shape, weight: weight.shape)
    let pool = pass.run.pool.handle
    last.backwardOfImages(pass)
    if let dx = pass.inputGradients[0] {
      ck_conv_transpose2d_backward_input(
        pool, &sizes, dz.pointer, weight.pointer, dx.pointer, dx.accumulates ? 1 : 0)
    }
    if let dw = pass.inputGradients[1] {
      ck_conv_transpose2d_backward_weight(
        pool, &sizes, dz.pointer, x.pointer, dw.pointer, dw.accumulates ? 1 : 0)
    }
  }
}
