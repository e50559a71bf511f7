internal import CKernels

/// What a linear layer or a convolution does to each output after its products: adds the bias, then
/// applies the activation, `y = f(z + bias)`, in the kernel that computes z.
struct LastPass: Sendable {
  var hasBias: Bool
  /// One whose derivative can be told from y.
  var activation: Activation

  /// For the kernels, which read it while the call lasts.
  func epilogue(bias: UnsafePointer<Float>?) -> ck_epilogue {
    ck_epilogue(
      bias: bias, bias_per_row: 0, activation: activation.code, slope: activation.parameter)
  }

  /// What the gradient reads besides the inputs.
  var backwardReads: BackwardReads { activation == .none ? .inputs : [.inputs, .output] }

  /// Turns the gradient by y `[batch, channels]`, in place, into the gradient by z, `dy·f′(z)`, and
  /// sums it over the batch into the gradient by the bias, in one pass over memory.
  func backward(_ pass: BackwardPass) {
    let bias = biasGradient(pass)
    guard bias.to != nil || activation != .none else { return }
    let dy = pass.outputGradient
    ck_activation_backward_bias(
      pass.run.pool.handle, activation.code, activation.parameter, dy.shape[0], dy.shape[1],
      pass.output.pointer, dy.pointer, activation == .none ? nil : dy.pointer, bias)
  }

  /// The same for images: y is `[batch, channels, height, width]`.
  func backwardOfImages(_ pass: BackwardPass) {
    let bias = biasGradient(pass)
    guard bias.to != nil || activation != .none else { return }
    let dy = pass.outputGradient
    ck_activation_backward_channel_bias(
      pass.run.pool.handle, activation.code, activation.parameter, dy.shape[0], dy.shape[1],
      dy.shape[2] * dy.shape[3], pass.output.pointer, dy.pointer,
      activation == .none ? nil : dy.pointer, bias)
  }

  private func biasGradient(_ pass: BackwardPass) -> ck_gradient {
    let slot = hasBias ? pass.inputGradients[2] : nil
    return ck_gradient(to: slot?.pointer, add: slot?.accumulates == true ? 1 : 0)
  }
}

extension Tensor {
  /// Records an operation with a last pass; an activation that such an operation cannot fuse
  /// follows as one of its own.
  static func applying(
    _ activation: Activation, after make: (LastPass) -> any Operation, to inputs: [Tensor],
    shape: Shape
  ) -> Tensor {
    let isFused = activation.isReversible
    let last = LastPass(hasBias: inputs.count > 2, activation: isFused ? activation : .none)
    let output = applying(make(last), to: inputs, shape: shape)
    return isFused ? output : activate(output, activation)
  }
}
