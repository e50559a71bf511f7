internal import CKernels

/// Batch normalisation of each channel: `(x − mean)/√(variance + ε)·scale + shift`.
///
/// In a graph recorded for training, mean and variance are those of the batch (the variance divided
/// by n, the number of elements of the channel in the batch), and every forward pass moves the
/// running ones towards them: `running += momentum·(batch − running)`, with the variance divided by
/// n − 1, as in PyTorch. In a graph for evaluation they are the running ones; also where a channel has
/// a single value in the batch, which has no variance: then the running ones stay as they are.
///
/// Shapes: `x` `[batch, channels]` or `[batch, channels, …]`, all others `[channels]`; the result as
/// `x`.
///
/// - Parameters:
///   - scale, shift: Both nil for 1 and 0.
///   - runningMean, runningVariance: Parameters recorded with `isState`, starting at 0 and 1.
///   - momentum: The default is 0.1.
///   - epsilon: The default is 1e-5.
///
/// Source: Ioffe & Szegedy, "Batch normalization", ICML 2015.
public func batchNorm(
  _ x: Tensor, scale: Tensor? = nil, shift: Tensor? = nil, runningMean: Tensor,
  runningVariance: Tensor, momentum: Float = 0.1, epsilon: Float = 1e-5
) -> Tensor {
  precondition(x.shape.rank > 1 && x.shape.count > 0, "batchNorm: x \(x.shape) has no channels")
  precondition((scale == nil) == (shift == nil), "batchNorm: scale and shift go together")
  let affine = [scale, shift].compactMap { $0 }
  precondition(
    ([runningMean, runningVariance] + affine).allSatisfy { $0.shape == [x.shape[1]] },
    """
    batchNorm: x is \(x.shape), running mean and variance are \(runningMean.shape) and \
    \(runningVariance.shape), scale and shift are \(affine.map(\.shape))
    """)
  precondition(
    runningMean.isState && runningVariance.isState,
    "batchNorm: record the running mean and variance as parameters with isState: true")
  let isTraining = x.graph.mode == .training
  return .applying(
    BatchNorm(
      isFrozen: !isTraining || isLone(x.shape), isLone: isTraining && isLone(x.shape),
      momentum: momentum, epsilon: epsilon),
    to: [x, runningMean, runningVariance] + affine, shape: x.shape)
}

/// Whether each channel of `[batch, channels, …]` has a single value.
private func isLone(_ shape: Shape) -> Bool { shape.count == shape[1] }

extension Graph {
  /// Where batches are normalised in which each channel has a single value, in a graph recorded for
  /// training: the paths of these parts of the model.
  public var loneBatchNorms: [String] {
    guard mode == .training else { return [] }
    return nodes.compactMap { node in
      guard case .operation(let operation) = node.source,
        (operation as? BatchNorm)?.isLone == true
      else { return nil }
      return node.path
    }
  }
}

private struct BatchNorm: Operation {
  let name = "batch_norm"
  /// Whether the running statistics are used, and left alone.
  let isFrozen: Bool
  /// Whether that is for want of a second value in the batch.
  let isLone: Bool
  let momentum: Float
  let epsilon: Float

  var backwardReads: BackwardReads { .inputs }
  /// The running statistics may have moved since, by another use of the layer in the same step.
  var isRepeatable: Bool { !isFrozen }
  var meaning: OperationMeaning? { isFrozen ? .batchNorm(epsilon: epsilon) : nil }

  /// 1/√(variance + ε) of each channel, and the batch's mean.
  func saved(inputs: [Shape], output: Shape) -> [Shape] {
    let perChannel: Shape = [output[1]]
    return isFrozen ? [perChannel] : [perChannel, perChannel]
  }

  func forward(_ pass: ForwardPass) {
    let (x, mean, variance) = (pass.inputs[0], pass.inputs[1], pass.inputs[2])
    let affine = pass.inputs.dropFirst(3)
    let (batch, channels) = (x.shape[0], x.shape[1])
    let inner = x.shape.count(from: 2)
    if isFrozen {
      ck_batch_norm_frozen(
        pass.pool, batch, channels, inner, x.pointer, affine.first?.pointer, affine.last?.pointer,
        epsilon, mean.pointer, variance.pointer, pass.output.pointer, pass.saved[0].pointer)
    } else {
      ck_batch_norm(
        pass.pool, batch, channels, inner, x.pointer, affine.first?.pointer, affine.last?.pointer,
        epsilon, momentum, pass.isRepeated ? nil : mean.pointer,
        pass.isRepeated ? nil : variance.pointer, pass.output.pointer, pass.saved[1].pointer,
        pass.saved[0].pointer)
    }
  }

  func backward(_ pass: BackwardPass) {
    let (x, affine) = (pass.inputs[0], pass.inputs.dropFirst(3))
    let mean = isFrozen ? pass.inputs[1] : pass.saved[1]
    let affineGradients = pass.inputGradients.dropFirst(3)
    ck_batch_norm_backward(
      pass.pool, isFrozen ? 1 : 0, x.shape[0], x.shape[1],
      x.shape.count(from: 2), x.pointer, affine.first?.pointer, mean.pointer,
      pass.saved[0].pointer, pass.outputGradient.pointer, pass.inputGradients[0].target,
      (affineGradients.first ?? nil).target, (affineGradients.last ?? nil).target)
  }
}

extension Tensor {
  /// Whether it follows training without being trained.
  fileprivate var isState: Bool {
    switch graph.nodes[node].source {
    case .parameter(let index): graph.parameters.specs[index].isState
    case .input, .view, .stoppedView, .operation: false
    }
  }
}
