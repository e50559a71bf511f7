internal import CKernels

/// A fully connected layer: `y = f(x·Wᵀ + b)`.
///
/// Shapes: `x` `[batch, in]`, `weight` `[out, in]`, `bias` `[out]` or none; the result
/// `[batch, out]`, as PyTorch's `nn.functional.linear`.
///
/// - Parameter sparseGradient: Whether most numbers of the gradient by the result are expected to be 0, as where
///   only the greatest of it are used: they are looked at, and left out where that pays.
public func linear(
  _ x: Tensor, weight: Tensor, bias: Tensor? = nil, activation: Activation = .none,
  sparseGradient: Bool = false
) -> Tensor {
  precondition(
    x.shape.rank == 2 && weight.shape.rank == 2 && x.shape[1] == weight.shape[1],
    "linear: x [batch, in] is \(x.shape) and weight [out, in] is \(weight.shape)")
  let units = weight.shape[0]
  if let bias {
    precondition(
      bias.shape == [units], "linear: bias is \(bias.shape) for a weight of \(weight.shape)")
  }
  return .applying(
    activation, after: { Linear($0, isSparse: sparseGradient) },
    to: [x, weight] + (bias.map { [$0] } ?? []), shape: [x.shape[0], units])
}

private struct Linear: Operation {
  let name = "linear"
  let last: LastPass
  /// Whether its output's gradient is expected to be sparse.
  let isSparse: Bool

  init(_ last: LastPass, isSparse: Bool) {
    self.last = last
    self.isSparse = isSparse
  }

  var backwardReads: BackwardReads { last.backwardReads }
  var meaning: OperationMeaning? { .linear(last.activation) }
  var updatableInputs: [Int] { isSparse ? [] : [1] }

  func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    output.count * inputs[0][1]
  }

  func forward(_ pass: ForwardPass) {
    let (x, weight, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    let (batch, inputs, units) = (x.shape[0], x.shape[1], y.shape[1])
    var epilogue = last.epilogue(bias: last.hasBias ? pass.inputs[2].pointer : nil)
    ck_gemm(
      pass.run.pool.handle, 0, 1, batch, units, inputs, x.pointer, inputs, weight.pointer, inputs,
      y.pointer, units, 0, &epilogue)
  }

  func backward(_ pass: BackwardPass) {
    let (x, weight, dz) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let (batch, inputs, units) = (x.shape[0], x.shape[1], dz.shape[1])
    let pool = pass.run.pool.handle
    last.backward(pass)
    if isSparse, backwardOfSparse(pass) { return }
    if let dx = pass.inputGradients[0] {
      let accumulates: Int32 = dx.accumulates ? 1 : 0
      // Where more weights would go from one thread's cache to the other's than sums of half the
      // chains do: on two threads W3 is 1.2 times as fast, W1 1.01 times.
      if units >= 4 * batch {
        ck_gemm_halves(
          pool, batch, inputs, units, dz.pointer, weight.pointer, dx.pointer, accumulates)
      } else {
        ck_gemm(
          pool, 0, 0, batch, inputs, units, dz.pointer, units, weight.pointer, inputs, dx.pointer,
          inputs, accumulates, nil)
      }
    }
    if let dw = pass.inputGradients[1] {
      if let first = dw.updatedFrom, var update = pass.run.rule?.update {
        ck_gemm_update(
          pool, 1, units, inputs, batch, dz.pointer, units, x.pointer, inputs, &update, first)
        return
      }
      ck_gemm(
        pool, 1, 0, units, inputs, batch, dz.pointer, units, x.pointer, inputs, dw.pointer, inputs,
        dw.accumulates ? 1 : 0, nil)
    }
  }
  /// dW = dzᵀ·x and dx = dz·W without the zeros of dz, unless there are too few: then nothing is done.
  private func backwardOfSparse(_ pass: BackwardPass) -> Bool {
    let (x, weight, dz) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let (batch, inputs, units) = (x.shape[0], x.shape[1], dz.shape[1])
    let none = ck_gradient(to: nil, add: 0)
    guard
      ck_sparse_product_backward(
        pass.pool, batch, units, inputs, dz.pointer, weight.pointer, x.pointer, none,
        pass.target(1)) != 0
    else { return false }
    let dx = pass.target(0)
    return dx.to == nil
      || ck_sparse_product(
        pass.pool, batch, units, inputs, dz.pointer, weight.pointer, dx) != 0
  }
}
