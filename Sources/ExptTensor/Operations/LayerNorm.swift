internal import CKernels

/// Layer normalisation of each example: `(x − mean)/√(variance + ε)·scale + shift`, with the mean
/// and the variance (divided by n) of the example's n elements.
///
/// Shapes: `x` `[batch, …]`, `scale` and `shift` the shape of one example, or both nil for 1 and 0;
/// the result as `x`. As PyTorch's `nn.functional.layer_norm` over all but the batch.
///
/// - Parameter epsilon: The default is 1e-5.
///
/// Source: Ba, Kiros & Hinton, "Layer normalization", 2016.
public func layerNorm(
  _ x: Tensor, scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Float = 1e-5
) -> Tensor {
  precondition(
    x.shape.rank > 1 && x.shape.count(from: 1) > 0, "layerNorm: x \(x.shape) is not a batch")
  precondition((scale == nil) == (shift == nil), "layerNorm: scale and shift go together")
  let affine = [scale, shift].compactMap { $0 }
  precondition(
    affine.allSatisfy { $0.shape == x.shape.withoutBatch },
    "layerNorm: x is \(x.shape), scale and shift are \(affine.map(\.shape))")
  return .applying(LayerNorm(epsilon: epsilon), to: [x] + affine, shape: x.shape)
}

private struct LayerNorm: Operation {
  let name = "layer_norm"
  let epsilon: Float

  var backwardReads: BackwardReads { .inputs }
  var meaning: OperationMeaning? { .layerNorm(epsilon: epsilon) }

  /// The mean of each example and 1/√(variance + ε).
  func saved(inputs: [Shape], output: Shape) -> [Shape] { [[output[0]], [output[0]]] }

  func forward(_ pass: ForwardPass) {
    let (x, affine) = (pass.inputs[0], pass.inputs.dropFirst())
    ck_layer_norm(
      pass.pool, x.shape[0], x.shape.count(from: 1), x.pointer, affine.first?.pointer,
      affine.last?.pointer, epsilon, pass.output.pointer, pass.saved[0].pointer,
      pass.saved[1].pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (x, affine) = (pass.inputs[0], pass.inputs.dropFirst())
    let affineGradients = pass.inputGradients.dropFirst()
    ck_layer_norm_backward(
      pass.pool, x.shape[0], x.shape.count(from: 1), x.pointer, affine.first?.pointer,
      pass.saved[0].pointer, pass.saved[1].pointer, pass.outputGradient.pointer,
      pass.inputGradients[0].target, (affineGradients.first ?? nil).target,
      (affineGradients.last ?? nil).target)
  }
}
