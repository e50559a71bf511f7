internal import CKernels

extension Tensor {
  /// The sum of all elements: a scalar.
  ///
  /// Made of fixed chunks, added in Double, so that it does not depend on the number of threads.
  public func sum() -> Tensor { .applying(Sum(isMean: false), to: [self], shape: .scalar) }

  /// The mean of all elements: a scalar.
  ///
  /// Of a loss for each example, `[batch]`, this is the loss of the batch.
  public func mean() -> Tensor {
    precondition(shape.count > 0, "mean: \(shape) has no elements")
    return .applying(Sum(isMean: true), to: [self], shape: .scalar)
  }
}

private struct Sum: Operation {
  let isMean: Bool

  var name: String { isMean ? "mean" : "sum" }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    let sum = ck_sum(pass.pool, x.count, x.pointer)
    pass.output.pointer[0] = Float(isMean ? sum / Double(x.count) : sum)
  }

  func backward(_ pass: BackwardPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let dy = pass.outputGradient.pointer[0]
    let each = isMean ? dy / Float(dx.buffer.count) : dy
    if dx.accumulates {
      ck_unary(pass.pool, CK_UNARY_AFFINE, 1, each, dx.buffer.count, dx.pointer, dx.pointer)
    } else {
      ck_fill(pass.pool, dx.buffer.count, each, dx.pointer)
    }
  }
}
