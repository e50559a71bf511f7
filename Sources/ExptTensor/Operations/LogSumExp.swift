internal import CKernels

extension Tensor {
  /// log Σ exp(x) of each example: `[batch, k]` to `[batch]`, without overflow.
  public func logSumExpPerExample() -> Tensor {
    precondition(
      shape.rank == 2 && shape[1] > 0, "logSumExpPerExample: \(shape) is not [batch, k]")
    return .applying(LogSumExp(), to: [self], shape: [shape[0]])
  }

  /// exp(x) / Σ exp(x) in each example: `[batch, k]`, positive, with sum 1.
  public func softmax() -> Tensor {
    precondition(shape.rank == 2 && shape[1] > 0, "softmax: \(shape) is not [batch, k]")
    return .applying(Softmax(), to: [self], shape: shape)
  }
}

private struct LogSumExp: Operation {
  let name = "log_sum_exp"

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    ck_log_sum_exp(pass.pool, x.shape[0], x.shape[1], x.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let x = pass.inputs[0]
    ck_log_sum_exp_backward(
      pass.pool, x.shape[0], x.shape[1], x.pointer, pass.output.pointer,
      pass.outputGradient.pointer, pass.inputGradients[0].target)
  }
}

private struct Softmax: Operation {
  let name = "softmax"
  var backwardReads: BackwardReads { .output }

  var meaning: OperationMeaning? { .softmax }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    ck_softmax(pass.pool, x.shape[0], x.shape[1], x.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let y = pass.output
    ck_softmax_backward(
      pass.pool, y.shape[0], y.shape[1], y.pointer, pass.outputGradient.pointer,
      pass.inputGradients[0].target)
  }
}
