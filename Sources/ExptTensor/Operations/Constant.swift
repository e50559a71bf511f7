internal import CKernels

extension Graph {
  /// A tensor of one number throughout, a scalar unless a shape is given.
  public func constant(_ value: Float, _ shape: Shape = .scalar) -> Tensor {
    record(Constant(value: value), shape: shape)
  }

  /// A tensor of given numbers, such as a mask.
  public func constant(_ values: [Float], _ shape: Shape) -> Tensor {
    precondition(values.count == shape.count, "\(values.count) numbers for a constant \(shape)")
    return record(ConstantValues(values: values), shape: shape)
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

private struct ConstantValues: Operation {
  let name = "constant_values"
  let values: [Float]

  var backwardReads: BackwardReads { [] }
  var meaning: OperationMeaning? { .values(values) }

  func forward(_ pass: ForwardPass) {
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      ck_copy(pass.pool, values.count, base, ck_gradient(to: pass.output.pointer, add: 0))
    }
  }

  /// It has no inputs.
  func backward(_ pass: BackwardPass) {}
}
