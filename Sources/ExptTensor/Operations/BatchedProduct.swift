internal import CKernels

/// The matrix product of each example, `op(a[i])·op(b[i])`, as PyTorch's `torch.bmm`.
///
/// Shapes: `op(a)` `[batch, m, k]`, `op(b)` `[batch, k, n]`; the result `[batch, m, n]`.
///
/// - Parameters:
///   - transposeA: `a` is `[batch, k, m]` and op(a[i]) its transpose.
///   - transposeB: `b` is `[batch, n, k]` and op(b[i]) its transpose.
public func batchedMatmul(
  _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
) -> Tensor {
  precondition(
    a.shape.rank == 3 && b.shape.rank == 3 && a.shape[0] == b.shape[0]
      && a.shape[transposeA ? 1 : 2] == b.shape[transposeB ? 2 : 1],
    "batchedMatmul: \(a.shape)\(transposeA ? "ᵀ" : "") · \(b.shape)\(transposeB ? "ᵀ" : "")")
  return .applying(
    BatchedProduct(transposeA: transposeA, transposeB: transposeB), to: [a, b],
    shape: [a.shape[0], a.shape[transposeA ? 2 : 1], b.shape[transposeB ? 1 : 2]])
}

private struct BatchedProduct: Operation {
  let name = "batched_matmul"
  let transposeA: Bool
  let transposeB: Bool

  var backwardReads: BackwardReads { .inputs }
  var meaning: OperationMeaning? {
    .batchedMatrixProduct(transposeA: transposeA, transposeB: transposeB)
  }

  func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    output.count * inputs[0][transposeA ? 1 : 2]
  }

  func forward(_ pass: ForwardPass) {
    product(
      Operand(pass.inputs[0], isTransposed: transposeA),
      Operand(pass.inputs[1], isTransposed: transposeB), into: pass.output, adding: false,
      pass.run)
  }

  // C = A·B gives dA = dC·Bᵀ and dB = Aᵀ·dC; a transposed operand takes the transpose of these.
  func backward(_ pass: BackwardPass) {
    let a = Operand(pass.inputs[0], isTransposed: transposeA)
    let b = Operand(pass.inputs[1], isTransposed: transposeB)
    let dc = Operand(pass.outputGradient, isTransposed: false)
    if let da = pass.inputGradients[0] {
      let (left, right) = transposeA ? (b, dc.transposed) : (dc, b.transposed)
      product(left, right, into: da.buffer, adding: da.accumulates, pass.run)
    }
    if let db = pass.inputGradients[1] {
      let (left, right) = transposeB ? (dc.transposed, a) : (a.transposed, dc)
      product(left, right, into: db.buffer, adding: db.accumulates, pass.run)
    }
  }

  private func product(
    _ left: Operand, _ right: Operand, into c: Buffer, adding: Bool, _ run: RunContext
  ) {
    ck_gemm_batch(
      run.pool.handle, c.shape[0], left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0,
      c.shape[1], c.shape[2], left.columns, left.buffer.pointer, right.buffer.pointer, c.pointer,
      adding ? 1 : 0)
  }

  /// Matrices in memory, to be read as they lie or transposed.
  private struct Operand {
    var buffer: Buffer
    var isTransposed: Bool

    init(_ buffer: Buffer, isTransposed: Bool) {
      self.buffer = buffer
      self.isTransposed = isTransposed
    }

    var columns: Int { buffer.shape[isTransposed ? 1 : 2] }
    var transposed: Operand { Operand(buffer, isTransposed: !isTransposed) }
  }
}
