internal import CKernels

/// −log p(t) of each example under independent continuous Bernoulli pixels, a density on 0 … 1 with
/// λ = σ(logit): `Σ softplus(l) − t·l − log C`, `C = l / tanh(l/2)`, in nats, summed over all but
/// the batch. It can be negative.
///
/// Shapes: `logits` and `targets` `[batch, …]`, alike; the result `[batch]`.
///
/// Source: Loaiza-Ganem & Cunningham, "The continuous Bernoulli", NeurIPS 2019.
public func continuousBernoulliNLL(logits: Tensor, targets: Tensor) -> Tensor {
  precondition(
    logits.shape == targets.shape && logits.shape.rank > 0,
    "continuousBernoulliNLL: logits \(logits.shape) and targets \(targets.shape)")
  return .applying(
    ContinuousBernoulliNLL(), to: [logits, targets], shape: [logits.shape[0]])
}

/// The mean of a continuous Bernoulli distribution with these logits, σ(l) − 1/l + 1/sinh(l), of any
/// shape. It is for looking at images: it has no gradient.
public func continuousBernoulliMean(logits: Tensor) -> Tensor {
  .applying(ContinuousBernoulliMean(), to: [logits], shape: logits.shape)
}

private struct ContinuousBernoulliNLL: Operation {
  let name = "continuous_bernoulli_nll"
  var backwardReads: BackwardReads { .inputs }

  func scratch(inputs: [Shape], output: Shape) -> [Shape] { [output] }

  func forward(_ pass: ForwardPass) {
    let (logits, targets) = (pass.inputs[0], pass.inputs[1])
    ck_continuous_bernoulli_nll(
      pass.pool, logits.shape[0], logits.shape.count(from: 1), logits.pointer,
      targets.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (logits, targets, g) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let (rows, columns) = (logits.shape[0], logits.shape.count(from: 1))
    ck_continuous_bernoulli_nll_backward(
      pass.pool, rows, columns, logits.pointer, targets.pointer, g.pointer,
      pass.inputGradients[0].target)
    if pass.inputGradients[1] != nil {  // −g·l
      ck_scale_rows(
        pass.pool, rows, columns, logits.pointer, pass.negatedOutputGradient(in: pass.scratch[0]),
        pass.inputGradients[1].target)
    }
  }
}

private struct ContinuousBernoulliMean: Operation {
  let name = "continuous_bernoulli_mean"

  var meaning: OperationMeaning? { .elementwise(name, parameter: 0) }

  func forward(_ pass: ForwardPass) {
    ck_unary(
      pass.pool, CK_UNARY_CONTINUOUS_BERNOULLI_MEAN, 0, 0, pass.output.count,
      pass.inputs[0].pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    preconditionFailure("continuousBernoulliMean has no gradient: keep it out of the loss")
  }
}
