internal import CKernels

/// The matrix product f·w of a matrix most of whose numbers are 0, in time for those that are not.
///
/// Shapes: `f` `[m, k]`, `w` `[k, n]`; the result `[m, n]`, that of `matmul` but for the order of its sums. Where
/// a row has many numbers (more than k/16) or k is small (below 256), it takes the time of `matmul`.
///
/// - Parameter passingWhereOff: Whether f has a gradient where it is 0 as well. False: none, which is what a ReLU
///   or a choice of the greatest before it makes of it anyway, and saves a whole product.
public func sparseMatmul(_ f: Tensor, _ w: Tensor, passingWhereOff: Bool) -> Tensor {
  precondition(
    f.shape.rank == 2 && w.shape.rank == 2 && f.shape[1] == w.shape[0],
    "sparseMatmul: \(f.shape) · \(w.shape)")
  return .applying(
    SparseProduct(passesWhereOff: passingWhereOff), to: [f, w], shape: [f.shape[0], w.shape[1]])
}

private struct SparseProduct: Operation {
  let name = "sparse_matmul"
  let passesWhereOff: Bool
  var backwardReads: BackwardReads { .inputs }
  var meaning: OperationMeaning? { .matrixProduct(transposeA: false, transposeB: false) }

  /// As many as `matmul`'s: what is saved counts as speed.
  func multiplyAdds(inputs: [Shape], output: Shape) -> Int { output.count * inputs[0][1] }

  func forward(_ pass: ForwardPass) {
    let (f, w, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    let (m, k, n) = (f.shape[0], f.shape[1], w.shape[1])
    let target = ck_gradient(to: y.pointer, add: 0)
    guard ck_sparse_product(pass.pool, m, k, n, f.pointer, w.pointer, target) == 0 else { return }
    ck_gemm(pass.pool, 0, 0, m, n, k, f.pointer, k, w.pointer, n, y.pointer, n, 0, nil)
  }

  func backward(_ pass: BackwardPass) {
    let (f, w, dy) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let (m, k, n) = (f.shape[0], f.shape[1], w.shape[1])
    var (df, dw) = (pass.target(0), pass.target(1))
    if passesWhereOff { df.to = nil }
    if ck_sparse_product_backward(pass.pool, m, k, n, f.pointer, w.pointer, dy.pointer, df, dw) != 0
    {
      dw.to = nil
      df = passesWhereOff ? pass.target(0) : ck_gradient(to: nil, add: 0)
    } else {
      df = pass.target(0)
    }
    if let to = df.to {
      ck_gemm(pass.pool, 0, 1, m, k, n, dy.pointer, n, w.pointer, n, to, k, df.add, nil)
    }
    if let to = dw.to {
      ck_gemm(pass.pool, 1, 0, k, n, m, f.pointer, k, dy.pointer, n, to, n, dw.add, nil)
    }
  }
}
