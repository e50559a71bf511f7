internal import CKernels

/// A sample of N(μ, σ²) as a function of its parameters: `z = μ + exp(½ log σ²)·ε`.
///
/// Shapes: all `[batch, latent]`, or any other, alike.
///
/// - Parameter noise: ε, standard normal: `graph.normal(mean.shape, stream: "latent")`.
///
/// Source: Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014, section 2.4.
public func reparameterize(mean: Tensor, logVariance: Tensor, noise: Tensor) -> Tensor {
  precondition(
    mean.shape == logVariance.shape && mean.shape == noise.shape,
    "reparameterize: mean \(mean.shape), log-variance \(logVariance.shape), noise \(noise.shape)")
  return .applying(Reparameterize(), to: [mean, logVariance, noise], shape: mean.shape)
}

private struct Reparameterize: Operation {
  let name = "reparameterize"
  var meaning: OperationMeaning? { .reparameterize }
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    let (mean, logVariance, noise) = (pass.inputs[0], pass.inputs[1], pass.inputs[2])
    ck_reparameterize(
      pass.pool, mean.count, mean.pointer, logVariance.pointer, noise.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (logVariance, noise, dz) = (pass.inputs[1], pass.inputs[2], pass.outputGradient)
    ck_reparameterize_backward(
      pass.pool, dz.count, logVariance.pointer, noise.pointer, dz.pointer,
      pass.inputGradients[0].target, pass.inputGradients[1].target)
    // By the noise it is exp(½ log σ²)·dz, added to what is there: the same formula once more.
    if let dnoise = pass.inputGradients[2] {
      if !dnoise.accumulates { ck_fill(pass.pool, dz.count, 0, dnoise.pointer) }
      ck_reparameterize(
        pass.pool, dz.count, dnoise.pointer, logVariance.pointer, dz.pointer, dnoise.pointer)
    }
  }
}
