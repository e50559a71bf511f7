internal import CKernels

extension Tensor {
  /// Each row of `[rows, n]` in ascending order. A gradient goes to where the number came from.
  ///
  /// −0 and 0 are equal, NaN is larger than any number, and equal numbers keep their order.
  public func sortedRows() -> Tensor {
    precondition(
      shape.rank == 2 && shape[1] <= 1 << 24, "sortedRows: \(shape) is not [rows, n], n ≤ 2²⁴")
    return .applying(SortRows(), to: [self], shape: shape)
  }

  /// 1 for the `count` largest numbers of each row of `[rows, n]`, else 0; of equal numbers the first.
  /// No gradient.
  ///
  ///     let sparse = x * x.topMask(32)
  public func topMask(_ count: Int) -> Tensor {
    precondition(shape.rank == 2 && count >= 0, "topMask: \(count) of the rows of \(shape)")
    return .applying(TopMask(count: count), to: [stopGradient()], shape: shape)
  }

  /// The `count` largest numbers of each row of `[rows, n]` where they are above 0, else 0; of equal numbers
  /// the first. The gradient goes where the result is above 0.
  public func rectifiedTop(_ count: Int) -> Tensor {
    precondition(shape.rank == 2 && count >= 0, "rectifiedTop: \(count) of the rows of \(shape)")
    return .applying(RectifiedTop(count: count), to: [self], shape: shape)
  }
}

private struct SortRows: Operation {
  let name = "sort_rows"
  var backwardReads: BackwardReads { [] }

  /// Where each number came from.
  func saved(inputs: [Shape], output: Shape) -> [Shape] { [output] }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    ck_sort_rows(
      pass.pool, x.shape[0], x.shape[1], x.pointer, pass.output.pointer, pass.saved[0].pointer)
  }

  func backward(_ pass: BackwardPass) {
    let dy = pass.outputGradient
    ck_unsort_rows(
      pass.pool, dy.shape[0], dy.shape[1], pass.saved[0].pointer, dy.pointer, pass.target(0))
  }
}

private struct TopMask: Operation {
  let name = "top_mask"
  let count: Int
  var meaning: OperationMeaning? { .topMask(count) }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    ck_top_k_mask(
      pass.pool, x.shape[0], x.shape[1], count, x.pointer, pass.output.pointer)
  }

  /// No gradient goes upstream.
  func backward(_ pass: BackwardPass) {}
}

private struct RectifiedTop: Operation {
  let name = "rectified_top"
  let count: Int
  var meaning: OperationMeaning? { .rectifiedTop(count) }
  var backwardReads: BackwardReads { .output }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    ck_top_k_rectified(
      pass.pool, x.shape[0], x.shape[1], count, x.pointer, pass.output.pointer)
  }

  /// As a ReLU's with this output.
  func backward(_ pass: BackwardPass) {
    let y = pass.output
    ck_unary_backward(
      pass.pool, ck_unary_op(CK_ACTIVATION_RELU.rawValue), 0, 0, y.count, nil, y.pointer,
      pass.outputGradient.pointer, pass.target(0))
  }
}
