internal import CKernels

extension Tensor {
  /// The sum along an axis, which goes: `[a, b, c]` along 1 to `[a, c]`.
  public func sum(along axis: Int) -> Tensor {
    let cut = AxisCut(shape, axis, in: "sum(along:)")
    return .applying(SumAlong(cut: cut), to: [self], shape: cut.reduced)
  }

  /// The mean along an axis, which goes.
  public func mean(along axis: Int) -> Tensor {
    precondition(shape.rank > axis && shape[axis] > 0, "mean(along: \(axis)) of \(shape)")
    return sum(along: axis) / Float(shape[axis])
  }

  /// log Σ exp(x) along an axis, which goes, without overflow.
  public func logSumExp(along axis: Int) -> Tensor {
    let cut = AxisCut(shape, axis, in: "logSumExp(along:)")
    return .applying(LogSumExpAlong(cut: cut), to: [self], shape: cut.reduced)
  }

  /// x − log Σ exp(x) along an axis: logarithms of numbers with sum 1.
  public func logSoftmax(along axis: Int) -> Tensor {
    let cut = AxisCut(shape, axis, in: "logSoftmax(along:)")
    return .applying(LogSoftmaxAlong(cut: cut, axis: axis), to: [self], shape: shape)
  }

  /// exp(x) / Σ exp(x) along an axis.
  public func softmax(along axis: Int) -> Tensor { exp(logSoftmax(along: axis)) }
}

/// A shape as what comes before an axis, the axis, and what comes after it.
private struct AxisCut: Sendable {
  let axis: Int
  let outer: Int
  let length: Int
  let inner: Int
  let reduced: Shape

  init(_ shape: Shape, _ axis: Int, in function: String) {
    precondition(
      (0..<shape.rank).contains(axis) && shape[axis] > 0,
      "\(function): there is no axis \(axis) in \(shape), or nothing along it")
    self.axis = axis
    outer = shape.dimensions[..<axis].reduce(1, *)
    length = shape[axis]
    inner = shape.count(from: axis + 1)
    var rest = shape.dimensions
    rest.remove(at: axis)
    reduced = Shape(rest)
  }
}

private struct SumAlong: Operation {
  let name = "sum_along"
  let cut: AxisCut
  var meaning: OperationMeaning? { .sum(axes: cut.axis..<cut.axis + 1) }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    ck_sum_axis(
      pass.pool, cut.outer, cut.length, cut.inner, pass.inputs[0].pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    ck_sum_axis_backward(
      pass.pool, cut.outer, cut.length, cut.inner, pass.outputGradient.pointer, pass.target(0))
  }
}

private struct LogSumExpAlong: Operation {
  let name = "log_sum_exp_along"
  let cut: AxisCut

  func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0].pointer, pass.output.pointer)
    if cut.inner == 1 {
      ck_log_sum_exp(pass.pool, cut.outer, cut.length, x, y)
    } else {
      ck_log_sum_exp_axis(pass.pool, cut.outer, cut.length, cut.inner, x, y)
    }
  }

  func backward(_ pass: BackwardPass) {
    let (x, y) = (pass.inputs[0].pointer, pass.output.pointer)
    let dy = pass.outputGradient.pointer
    if cut.inner == 1 {
      ck_log_sum_exp_backward(pass.pool, cut.outer, cut.length, x, y, dy, pass.target(0))
    } else {
      ck_log_sum_exp_axis_backward(
        pass.pool, cut.outer, cut.length, cut.inner, x, y, dy, pass.target(0))
    }
  }
}

private struct LogSoftmaxAlong: Operation {
  let name = "log_softmax_along"
  let cut: AxisCut
  let axis: Int
  var meaning: OperationMeaning? { .logSoftmax(axis: axis) }
  var backwardReads: BackwardReads { .output }

  func forward(_ pass: ForwardPass) {
    ck_log_softmax_axis(
      pass.pool, cut.outer, cut.length, cut.inner, pass.inputs[0].pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    ck_log_softmax_axis_backward(
      pass.pool, cut.outer, cut.length, cut.inner, pass.output.pointer,
      pass.outputGradient.pointer, pass.target(0))
  }
}
