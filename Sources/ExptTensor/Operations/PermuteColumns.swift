internal import CKernels

extension Tensor {
  /// Each column of `[batch, d]` in an order of its own, so that rows become draws from the product of
  /// the columns' distributions.
  ///
  /// The orders are those of the random bits of `stream`, as for `Graph.normal`; others at each step.
  ///
  /// Source: Kim & Mnih, "Disentangling by Factorising", ICML 2018, algorithm 1.
  public func permutedColumns(stream: String) -> Tensor {
    precondition(
      shape.rank == 2 && shape[0] <= 1 << 24,
      "permutedColumns: \(shape) is not [batch, d], batch ≤ 2²⁴")
    return .applying(
      PermuteColumns(stream: graph.streamNumber(stream)), to: [self], shape: shape)
  }
}

private struct PermuteColumns: Operation {
  let name = "permute_columns"
  let stream: UInt64
  var backwardReads: BackwardReads { [] }

  /// For each column, where its numbers came from.
  func saved(inputs: [Shape], output: Shape) -> [Shape] { [[output[1], output[0]]] }

  func forward(_ pass: ForwardPass) {
    let (x, order, run) = (pass.inputs[0], pass.saved[0].pointer, pass.run)
    ck_permutations(
      pass.pool, run.seed, stream, run.position, x.shape[0], x.shape[1], order)
    ck_permute_columns(
      pass.pool, 1, x.shape[0], x.shape[1], order, x.pointer,
      ck_gradient(to: pass.output.pointer, add: 0))
  }

  func backward(_ pass: BackwardPass) {
    let dy = pass.outputGradient
    ck_permute_columns(
      pass.pool, 0, dy.shape[0], dy.shape[1], pass.saved[0].pointer, dy.pointer, pass.target(0))
  }
}
