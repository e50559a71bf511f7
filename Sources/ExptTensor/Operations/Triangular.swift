internal import CKernels

/// Products with lower triangular matrices, one for each example, packed row by row: element (i, k),
/// k ≤ i, is number i·(i + 1)/2 + k of d·(d + 1)/2.
///
/// Shapes: `lower` `[batch, d·(d + 1)/2]`, `x` `[batch, d]`; the result `[batch, d]`: L·x.
public func triangularProduct(_ lower: Tensor, _ x: Tensor) -> Tensor {
  checkTriangular(lower, x, in: "triangularProduct")
  return .applying(TriangularProduct(), to: [lower, x], shape: x.shape)
}

/// L⁻¹·x of such matrices, by forward substitution; nothing on their diagonals may be 0.
public func triangularSolve(_ lower: Tensor, _ x: Tensor) -> Tensor {
  checkTriangular(lower, x, in: "triangularSolve")
  return .applying(TriangularSolve(), to: [lower, x], shape: x.shape)
}

private func checkTriangular(_ lower: Tensor, _ x: Tensor, in function: String) {
  precondition(
    x.shape.rank == 2 && lower.shape == [x.shape[0], x.shape[1] * (x.shape[1] + 1) / 2],
    "\(function): matrices \(lower.shape) do not fit vectors \(x.shape)")
}

private struct TriangularProduct: Operation {
  let name = "triangular_product"
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    let (lower, x) = (pass.inputs[0], pass.inputs[1])
    ck_triangular_product(
      pass.pool, x.shape[0], x.shape[1], lower.pointer, x.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (lower, x) = (pass.inputs[0], pass.inputs[1])
    ck_triangular_product_backward(
      pass.pool, x.shape[0], x.shape[1], lower.pointer, x.pointer, pass.outputGradient.pointer,
      pass.target(0), pass.target(1))
  }
}

private struct TriangularSolve: Operation {
  let name = "triangular_solve"

  func scratch(inputs: [Shape], output: Shape) -> [Shape] { [output] }

  func forward(_ pass: ForwardPass) {
    let (lower, x) = (pass.inputs[0], pass.inputs[1])
    ck_triangular_solve(
      pass.pool, x.shape[0], x.shape[1], lower.pointer, x.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (lower, y) = (pass.inputs[0], pass.output)
    ck_triangular_solve_backward(
      pass.pool, y.shape[0], y.shape[1], lower.pointer, y.pointer, pass.outputGradient.pointer,
      pass.scratch[0].pointer, pass.target(0), pass.target(1))
  }
}
