internal import CKernels

extension Graph {
  /// A tensor of one number throughout, a scalar unless a shape is given.
  public func constant(_ value: Float, _ shape: Shape = .scalar) -> Tensor {
    record(Constant(value: value), shape: shape)
  }
}

private struct Constant: Operation {
  let name = "constant"
  let value: Float

  var backwardReads: BackwardReads { [] }
  var meaning: OperationMeaning? { .constant(value) }

  func forward(_ pass: ForwardPass) {
    ck_fill(pass.pool, pass.output.count, value, pass.output.pointer)
  }

  /// It has no inputs.
  func backward(_ pass: BackwardPass) {}
}
