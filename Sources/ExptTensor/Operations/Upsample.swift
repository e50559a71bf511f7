internal import CKernels

/// Images enlarged `factor` times in both directions, each pixel becoming a square of its own value
/// (nearest neighbour): `[batch, channels, h, w]` to `[batch, channels, h·factor, w·factor]`.
public func upsample(_ x: Tensor, by factor: Int) -> Tensor {
  precondition(
    x.shape.rank == 4 && factor > 0, "upsample: x \(x.shape) is not images, or factor \(factor)")
  if factor == 1 { return x }
  let shape: Shape = [x.shape[0], x.shape[1], x.shape[2] * factor, x.shape[3] * factor]
  return .applying(Upsample(factor: factor), to: [x], shape: shape)
}

private struct Upsample: Operation {
  let name = "upsample"
  let factor: Int

  var meaning: OperationMeaning? { .upsample(factor) }

  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    ck_upsample(
      pass.pool, x.shape[0] * x.shape[1], x.shape[2], x.shape[3], factor, x.pointer,
      pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let x = pass.inputs[0].shape
    ck_upsample_backward(
      pass.pool, x[0] * x[1], x[2], x[3], factor, pass.outputGradient.pointer,
      pass.inputGradients[0].target)
  }
}
