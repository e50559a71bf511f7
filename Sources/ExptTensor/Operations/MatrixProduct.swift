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
  let product = MatrixProduct(transposeA: transposeA, transposeB: transposeB)
  precondition(
    a.shape.rank == 2 && b.shape.rank == 2
      && a.shape[transposeA ? 0 : 1] == b.shape[transposeB ? 1 : 0],
    "matmul: \(a.shape)\(transposeA ? "ᵀ" : "") · \(b.shape)\(transposeB ? "ᵀ" : "")")
  return .applying(
    product, to: [a, b], shape: [a.shape[transposeA ? 1 : 0], b.shape[transposeB ? 0 : 1]])
}

private struct MatrixProduct: Operation {
  let name = "matmul"
  let transposeA: Bool
  let transposeB: Bool

  var backwardReads: BackwardReads { .inputs }
  var meaning: OperationMeaning? {
    .matrixProduct(transposeA: transposeA, transposeB: transposeB)
  }

  func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    output.count * inputs[0][transposeA ? 0 : 1]
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
    let (m, n) = (c.shape[0], c.shape[1])
    ck_gemm(
      run.pool.handle, left.isTransposed ? 1 : 0, right.isTransposed ? 1 : 0, m, n, left.columns,
      left.buffer.pointer, left.buffer.shape[1], right.buffer.pointer, right.buffer.shape[1],
      c.pointer, n, adding ? 1 : 0, nil)
  }
}

/// A matrix in memory, to be read as it lies or transposed.
private struct Operand {
  var buffer: Buffer
  var isTransposed: Bool

  init(_ buffer: Buffer, isTransposed: Bool) {
    self.buffer = buffer
    self.isTransposed = isTransposed
  }

  var columns: Int { buffer.shape[isTransposed ? 0 : 1] }
  var transposed: Operand { Operand(buffer, isTransposed: !isTransposed) }
}
