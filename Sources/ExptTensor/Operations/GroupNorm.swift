internal import CKernels

/// Group normalisation: `(x − mean)/√(variance + ε)·scale + shift`, with the mean and the variance
/// (divided by n) of the n elements of a group: `channels / groups` channels in a row of one example, and
/// all their pixels.
///
/// Shapes: `x` `[batch, channels]` or `[batch, channels, …]`, `scale` and `shift` `[channels]`, or both
/// nil for 1 and 0; the result as `x`. As PyTorch's `nn.functional.group_norm`: one group is layer
/// normalisation with a scale for each channel, as many groups as channels instance normalisation.
///
/// - Parameters:
///   - groups: A divisor of the number of channels.
///   - epsilon: The default is 1e-5.
///
/// Source: Wu & He, "Group normalization", ECCV 2018.
public func groupNorm(
  _ x: Tensor, groups: Int, scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Float = 1e-5
) -> Tensor {
  precondition(
    x.shape.rank > 1 && x.shape.count(from: 1) > 0 && groups > 0 && x.shape[1] % groups == 0,
    "groupNorm: x \(x.shape) has no channels for \(groups) groups")
  precondition((scale == nil) == (shift == nil), "groupNorm: scale and shift go together")
  let affine = [scale, shift].compactMap { $0 }
  precondition(
    affine.allSatisfy { $0.shape == [x.shape[1]] },
    "groupNorm: x is \(x.shape), scale and shift are \(affine.map(\.shape))")
  return .applying(GroupNorm(groups: groups, epsilon: epsilon), to: [x] + affine, shape: x.shape)
}

private struct GroupNorm: Operation {
  let name = "group_norm"
  let groups: Int
  let epsilon: Float

  var backwardReads: BackwardReads { .inputs }
  var meaning: OperationMeaning? { .groupNorm(groups: groups, epsilon: epsilon) }

  /// The mean of each group and 1/√(variance + ε).
  func saved(inputs: [Shape], output: Shape) -> [Shape] {
    [[output[0], groups], [output[0], groups]]
  }

  func forward(_ pass: ForwardPass) {
    let (x, affine) = (pass.inputs[0], pass.inputs.dropFirst())
    ck_group_norm(
      pass.pool, x.shape[0], x.shape[1], x.shape.count(from: 2), groups, x.pointer,
      affine.first?.pointer, affine.last?.pointer, epsilon, pass.output.pointer,
      pass.saved[0].pointer, pass.saved[1].pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (x, affine) = (pass.inputs[0], pass.inputs.dropFirst())
    let affineGradients = pass.inputGradients.dropFirst()
    ck_group_norm_backward(
      pass.pool, x.shape[0], x.shape[1], x.shape.count(from: 2), groups, x.pointer,
      affine.first?.pointer, pass.saved[0].pointer, pass.saved[1].pointer,
      pass.outputGradient.pointer, pass.inputGradients[0].target,
      (affineGradients.first ?? nil).target, (affineGradients.last ?? nil).target)
  }
}
