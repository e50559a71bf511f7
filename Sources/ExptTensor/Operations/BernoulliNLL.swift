internal import CKernels

/// −log p(t) of each example under independent Bernoulli pixels with success σ(logit):
/// `Σ softplus(l) − t·l`, in nats, summed over all but the batch.
///
/// Targets are 0 or 1. Grey ones between are taken as the mean over binary ones, the binary
/// cross-entropy; their smallest loss is their entropy, not 0.
///
/// Shapes: `logits` and `targets` `[batch, …]`, alike; the result `[batch]`.
public func bernoulliNLL(logits: Tensor, targets: Tensor) -> Tensor {
  precondition(
    logits.shape == targets.shape && logits.shape.rank > 0,
    "bernoulliNLL: logits \(logits.shape) and targets \(targets.shape)")
  // In training the forward pass leaves σ(l) − t behind, since it has the exponential at hand: then
  // the gradient by the logits reads nothing else.
  let keepsResidual = logits.graph.mode == .training && targets.isGiven
  return .applying(
    BernoulliNLL(keepsResidual: keepsResidual), to: [logits, targets], shape: [logits.shape[0]])
}

private struct BernoulliNLL: Operation {
  let name = "bernoulli_nll"
  let keepsResidual: Bool

  var backwardReads: BackwardReads { keepsResidual ? [] : .inputs }

  func saved(inputs: [Shape], output: Shape) -> [Shape] { keepsResidual ? [inputs[0]] : [] }

  func scratch(inputs: [Shape], output: Shape) -> [Shape] { keepsResidual ? [] : [output] }

  func forward(_ pass: ForwardPass) {
    let (logits, targets) = (pass.inputs[0], pass.inputs[1])
    ck_bernoulli_nll(
      pass.pool, logits.shape[0], logits.shape.count(from: 1), logits.pointer,
      targets.pointer, pass.output.pointer, pass.saved.first?.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (logits, targets, g) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let (rows, columns) = (logits.shape[0], logits.shape.count(from: 1))
    if let residual = pass.saved.first {
      ck_scale_rows(
        pass.pool, rows, columns, residual.pointer, g.pointer, pass.inputGradients[0].target)
      return
    }
    ck_bernoulli_nll_backward(
      pass.pool, rows, columns, logits.pointer, targets.pointer, g.pointer,
      pass.inputGradients[0].target)
    if pass.inputGradients[1] != nil {  // −g·l
      ck_scale_rows(
        pass.pool, rows, columns, logits.pointer, pass.negatedOutputGradient(in: pass.scratch[0]),
        pass.inputGradients[1].target)
    }
  }
}

extension Tensor {
  /// Whether it is fed from outside, or a view of what is, and wants no gradient.
  fileprivate var isGiven: Bool {
    var index = node
    while case .view = graph.nodes[index].source { index = graph.nodes[index].inputs[0] }
    if case .input(_, let wantsGradient) = graph.nodes[index].source { return !wantsGradient }
    return false
  }
}
