internal import CKernels

extension Tensor {
  /// Each example `times` times, one after another: `[batch, …]` to `[batch·times, …]`.
  ///
  /// A row of the result is example `row / times`, so that `reshaped([batch, times])` puts what is
  /// computed of the copies side by side.
  public func repeatedRows(_ times: Int) -> Tensor {
    precondition(shape.rank > 0 && times > 0, "repeatedRows: \(shape), \(times) times")
    return .applying(
      RepeatRows(times: times), to: [self], shape: shape.withoutBatch.batched(shape[0] * times))
  }
}

private struct RepeatRows: Operation {
  let name = "repeat_rows"
  let times: Int

  var meaning: OperationMeaning? { .repeatRows(times) }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    ck_repeat_rows(
      pass.pool, x.shape[0], x.shape.count(from: 1), times, x.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let x = pass.inputs[0].shape
    ck_repeat_rows_backward(
      pass.pool, x[0], x.count(from: 1), times, pass.outputGradient.pointer,
      pass.inputGradients[0].target)
  }
}
