internal import CKernels

extension Tensor {
  /// The sum over each example: `[batch, …]` to `[batch]`.
  ///
  /// Of a KL for each latent dimension this is the KL of each example, in nats.
  public func sumPerExample() -> Tensor {
    precondition(shape.rank > 0, "sumPerExample: a scalar has no examples")
    return .applying(SumPerExample(axes: 1..<shape.rank), to: [self], shape: [shape[0]])
  }
}

private struct SumPerExample: Operation {
  let name = "sum_per_example"
  let axes: Range<Int>
  var meaning: OperationMeaning? { .sum(axes: axes) }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    ck_sum_rows(
      pass.pool, x.shape[0], x.shape.count(from: 1), x.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let x = pass.inputs[0].shape
    ck_spread_rows(
      pass.pool, x[0], x.count(from: 1), 1, pass.outputGradient.pointer,
      pass.inputGradients[0].target)
  }
}
