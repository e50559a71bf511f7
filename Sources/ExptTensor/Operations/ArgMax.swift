internal import CKernels

extension Tensor {
  /// The column of each row's largest number, of equal ones the lowest: `[batch, k]` to `[batch]`.
  ///
  /// Whole numbers, as floats. No gradient goes through them.
  public func argMaxPerExample() -> Tensor { extremum(sign: 1) }

  /// The column of each row's smallest number, likewise.
  public func argMinPerExample() -> Tensor { extremum(sign: -1) }

  private func extremum(sign: Float) -> Tensor {
    precondition(
      shape.rank == 2 && (1...1 << 24).contains(shape[1]),
      "arg\(sign > 0 ? "Max" : "Min")PerExample: \(shape) is not [batch, k] with 1 ≤ k ≤ 2²⁴")
    return .applying(ArgMax(sign: sign), to: [stopGradient()], shape: [shape[0]])
  }
}

private struct ArgMax: Operation {
  let sign: Float
  var name: String { sign > 0 ? "arg_max" : "arg_min" }
  var meaning: OperationMeaning? { sign > 0 ? .argMax : .argMin }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    ck_arg_max_rows(pass.pool, x.shape[0], x.shape[1], sign, x.pointer, pass.output.pointer)
  }

  /// No gradient goes upstream.
  func backward(_ pass: BackwardPass) {}
}
