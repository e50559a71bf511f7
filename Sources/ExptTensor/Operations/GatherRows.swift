internal import CKernels

// Rows by number: numbers are whole, as floats, of rows that there are.
extension Tensor {
  /// Row `indices[i]` of `[rows, d]` for each i: `[n]` numbers give `[n, d]`.
  ///
  /// The gradient by a row is the sum over its uses, in ascending order of i.
  public func gatheredRows(_ indices: Tensor) -> Tensor {
    precondition(
      shape.rank == 2 && shape[0] > 0 && indices.shape.rank == 1,
      "gatheredRows: \(shape) is not [rows, d], or the numbers \(indices.shape) are not [n]")
    return .applying(
      GatherRows(), to: [self, indices.stopGradient()], shape: [indices.shape[0], shape[1]])
  }

  /// The sums of those rows of `[n, d]` that have the same number: `[count, d]`, 0 where none has it.
  /// Rows are added in ascending order.
  public func scatteredRows(_ indices: Tensor, count: Int) -> Tensor {
    precondition(
      shape.rank == 2 && indices.shape == [shape[0]] && count > 0,
      "scatteredRows: rows \(shape), numbers \(indices.shape), \(count) sums")
    return .applying(
      ScatterRows(), to: [self, indices.stopGradient()], shape: [count, shape[1]])
  }

  /// 1 in column `self[i]` of row i, else 0: `[n]` numbers give `[n, count]`. No gradient.
  public func oneHot(_ count: Int) -> Tensor {
    precondition(shape.rank == 1 && count > 0, "oneHot: numbers \(shape), \(count) columns")
    return .applying(OneHot(), to: [stopGradient()], shape: [shape[0], count])
  }
}

private struct GatherRows: Operation {
  let name = "gather_rows"
  var meaning: OperationMeaning? { .gatherRows }
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    let (table, indices) = (pass.inputs[0], pass.inputs[1])
    ck_gather_rows(
      pass.pool, indices.count, table.shape[0], table.shape[1], indices.pointer, table.pointer,
      ck_gradient(to: pass.output.pointer, add: 0))
  }

  func backward(_ pass: BackwardPass) {
    let (table, indices) = (pass.inputs[0].shape, pass.inputs[1])
    ck_scatter_rows(
      pass.pool, indices.count, table[0], table[1], indices.pointer,
      pass.outputGradient.pointer, pass.target(0))
  }
}

private struct ScatterRows: Operation {
  let name = "scatter_rows"
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    let (x, indices, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    ck_scatter_rows(
      pass.pool, indices.count, y.shape[0], x.shape[1], indices.pointer, x.pointer,
      ck_gradient(to: y.pointer, add: 0))
  }

  func backward(_ pass: BackwardPass) {
    let (indices, dy) = (pass.inputs[1], pass.outputGradient)
    ck_gather_rows(
      pass.pool, indices.count, dy.shape[0], dy.shape[1], indices.pointer, dy.pointer,
      pass.target(0))
  }
}

private struct OneHot: Operation {
  let name = "one_hot"
  var meaning: OperationMeaning? { .oneHot }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let y = pass.output
    ck_one_hot(pass.pool, y.shape[0], y.shape[1], pass.inputs[0].pointer, y.pointer)
  }

  /// No gradient goes upstream.
  func backward(_ pass: BackwardPass) {}
}
