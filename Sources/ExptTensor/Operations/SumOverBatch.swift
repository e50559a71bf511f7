internal import CKernels

extension Tensor {
  /// The sum over the batch: `[batch, …]` to `[…]`.
  public func sumOverBatch() -> Tensor {
    precondition(shape.rank > 0, "sumOverBatch: a scalar has no batch")
    return .applying(SumOverBatch(isMean: false), to: [self], shape: shape.withoutBatch)
  }

  /// The mean over the batch: `[batch, …]` to `[…]`.
  ///
  /// Of the KL of each example and latent dimension this is the KL of each dimension.
  public func meanOverBatch() -> Tensor {
    precondition(shape.rank > 0 && shape[0] > 0, "meanOverBatch: \(shape) has no examples")
    return .applying(SumOverBatch(isMean: true), to: [self], shape: shape.withoutBatch)
  }
}

private struct SumOverBatch: Operation {
  let isMean: Bool

  var name: String { isMean ? "mean_over_batch" : "sum_over_batch" }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    ck_sum_columns(
      pass.pool, x.shape[0], y.count, x.pointer, ck_gradient(to: y.pointer, add: 0))
    if isMean { ck_scale_in_place(pass.pool, y.count, 1 / Float(x.shape[0]), y.pointer) }
  }

  func backward(_ pass: BackwardPass) {
    let (batch, dy) = (pass.inputs[0].shape[0], pass.outputGradient)
    ck_spread_columns(
      pass.pool, batch, dy.count, isMean ? 1 / Float(batch) : 1, dy.pointer,
      pass.inputGradients[0].target)
  }
}
