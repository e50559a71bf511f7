internal import CKernels

/// The matrix product `op(a)·op(b)`.
///
/// Shapes: `op(a)` `[m, k]`, `op(b)` `[k, n]`; the result `[m, n]`.
///
/// - Parameters:
///   - transposeA: `a` is `[k, m]` and op(a) its transpose.
///   - transposeB: `b` is `[n, k]` and op(b) its transpose.
public func matmul(
  _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
) -> Tensor {
  product(
    a, b, MatrixProduct(isBatched: false, transposeA: transposeA, transposeB: transposeB))
}

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
  product(a, b, MatrixProduct(isBatched: true, transposeA: transposeA, transposeB: transposeB))
}

private func product(_ a: Tensor, _ b: Tensor, _ product: MatrixProduct) -> Tensor {
  let rank = product.isBatched ? 3 : 2
  let (transposeA, transposeB) = (product.transposeA, product.transposeB)
  let (rows, columns) = (rank - 2, rank - 1)
  precondition(
    a.shape.rank == rank && b.shape.rank == rank && (rank == 2 || a.shape[0] == b.shape[0])
      && a.shape[transposeA ? rows : columns] == b.shape[transposeB ? columns : rows],
    "\(product.name): \(a.shape)\(transposeA ? "ᵀ" : "") · \(b.shape)\(transposeB ? "ᵀ" : "")")
  let shape = [a.shape[transposeA ? columns : rows], b.shape[transposeB ? rows : columns]]
  return .applying(
    product, to: [a, b], shape: Shape(product.isBatched ? [a.shape[0]] + shape : shape))
}

private struct MatrixProduct: Operation {
  /// Whether each example has its own.
  let isBatched: Bool
  let transposeA: Bool
  let transposeB: Bool

  var name: String { isBatched ? "batched_matmul" : "matmul" }
  var backwardReads: BackwardReads { .inputs }
  var meaning: OperationMeaning? {
    isBatched
      ? .batchedMatrixProduct(transposeA: transposeA, transposeB: transposeB)
      : .matrixProduct(transposeA: transposeA, transposeB: transposeB)
  }

  func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    output.count * inputs[0][inputs[0].rank - (transposeA ? 2 : 1)]
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
    let (m, n) = (c.shape[c.shape.rank - 2], c.shape[c.shape.rank - 1])
    if isBatched {
      ck_gemm_batch(
        run.pool.handle, c.shape[0], left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0, m, n,
        left.columns, left.buffer.pointer, right.buffer.pointer, c.pointer, adding ? 1 : 0)
      return
    }
    ck_gemm(
      run.pool.handle, left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0, m, n, left.columns,
      left.buffer.pointer, left.buffer.shape[1], right.buffer.pointer, right.buffer.shape[1],
      c.pointer, n, adding ? 1 : 0, nil)
  }
}

/// A matrix in memory, or one of each example, to be read as it lies or transposed.
private struct Operand {
  var buffer: Buffer
  var isTransposed: Bool

  init(_ buffer: Buffer, isTransposed: Bool) {
    self.buffer = buffer
    self.isTransposed = isTransposed
  }

  var columns: Int { buffer.shape[buffer.shape.rank - (isTransposed ? 2 : 1)] }
  var transposed: Operand { Operand(buffer, isTransposed: !isTransposed) }
}
