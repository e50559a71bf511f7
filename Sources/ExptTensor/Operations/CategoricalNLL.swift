internal import CKernels

extension Tensor {
  /// −log softmax of one category along an axis, in nats: `[a, n, b]` and whole numbers below n,
  /// `[a, b]`, give `[a, b]`.
  ///
  /// The gradient, softmax − one-hot, goes to the logits only.
  public func categoricalNLL(of categories: Tensor, along axis: Int) -> Tensor {
    precondition(
      (0..<shape.rank).contains(axis) && shape[axis] > 0,
      "categoricalNLL: there is no axis \(axis) in \(shape), or nothing along it")
    var reduced = shape.dimensions
    reduced.remove(at: axis)
    precondition(
      categories.shape == Shape(reduced),
      "categoricalNLL: categories \(categories.shape) of logits \(shape) along \(axis)")
    return .applying(
      CategoricalNLL(axis: axis), to: [self, categories.stopGradient()], shape: Shape(reduced))
  }
}

private struct CategoricalNLL: Operation {
  let name = "categorical_nll"
  let axis: Int
  var backwardReads: BackwardReads { .inputs }

  func saved(inputs: [Shape], output: Shape) -> [Shape] { [output] }

  func forward(_ pass: ForwardPass) {
    let (x, categories) = (pass.inputs[0], pass.inputs[1])
    let shape = x.shape
    ck_categorical_nll(
      pass.pool, shape.dimensions[..<axis].reduce(1, *), shape[axis], shape.count(from: axis + 1),
      x.pointer, categories.pointer, pass.output.pointer, pass.saved[0].pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (x, categories) = (pass.inputs[0], pass.inputs[1])
    let shape = x.shape
    ck_categorical_nll_backward(
      pass.pool, shape.dimensions[..<axis].reduce(1, *), shape[axis], shape.count(from: axis + 1),
      x.pointer, categories.pointer, pass.saved[0].pointer, pass.outputGradient.pointer,
      pass.target(0))
  }
}
