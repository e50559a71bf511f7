internal import CKernels

extension GradientSlot? {
  /// For the kernels: where the gradient goes, or nowhere if it is not wanted.
  var target: ck_gradient {
    ck_gradient(to: self?.pointer, add: self?.accumulates == true ? 1 : 0)
  }
}

extension ForwardPass {
  /// For the kernels: the threads.
  var pool: OpaquePointer? { run.pool.handle }
}

extension BackwardPass {
  /// For the kernels: the threads.
  var pool: OpaquePointer? { run.pool.handle }
}

extension BackwardPass {
  /// For the kernels: where the gradient by an input goes; nowhere if there is no such input.
  func target(_ input: Int) -> ck_gradient {
    input < inputGradients.count ? inputGradients[input].target : ck_gradient(to: nil, add: 0)
  }

  /// The gradient by the output with the opposite sign, written to `scratch`.
  func negatedOutputGradient(in scratch: Buffer) -> UnsafePointer<Float> {
    ck_unary(
      pool, CK_UNARY_NEGATE, 0, 0, scratch.count, outputGradient.pointer, scratch.pointer)
    return UnsafePointer(scratch.pointer)
  }
}
