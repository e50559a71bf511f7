import ExptComponents
import ExptTensor

/// A second, small VAE over the latents, which need not be distributed as the prior says: its own latents
/// u are nearer to N(0, I).
///
///     u ~ N(0, I),  x ~ N(g(u), γ²·I),  z = mean + deviation·x
///     loss = −log N(x; g(u), γ²) + KL(q(u|x) ‖ N(0, I)),  u ~ q(u|x)
///
/// It is fitted to draws from the posteriors, not to their means: several of each image, shown in turn.
/// γ is learned. As in the paper, encoder and decoder are given their input once more beside the last
/// hidden layer, and u has as many numbers as z unless told otherwise.
///
/// What is kept: `mean` and `deviation` `[d]`, and the parameters `encoder.…`, `decoder.…` and
/// `log_scale`, log γ. It tells the loss of the images held out, a bound on their negative
/// log-likelihood, in nats a latent.
///
/// Source: Dai & Wipf, "Diagnosing and Enhancing VAE Models", ICLR 2019, section 4.
public struct SecondStageSampler: Sampler {
  public static let id = "second_stage"
  public static let summary = "A second, small VAE over the latents."
  public static let exampleSettings =
    "{ hidden: [8], epochs: 40, batch_size: 16, patience: 2, learning_rate: 0.05, held_out: 0.3 }"

  @Setting("Numbers of its own latents; null: as many as the model's.", .within(1...65536))
  var latent: Int? = nil
  @Setting("Units of each hidden layer of its encoder and decoder.", .within(1...65536))
  var hidden: [Int] = [256, 256]
  @Setting("Activation of the hidden layers.") var activation: Activation = .relu
  @Setting("Draws from the posterior of each image, shown in turn.", .within(1...1000))
  public var draws: Int = 10
  @Group var loop = FitSettings()

  public init() {}

  public func fit(_ latents: FittingData) throws(SamplerProblem) -> FittedArrays {
    try latents.checkNumbers(atLeast: 2, for: "a second VAE")
    let standardized = Standardized(latents)
    let result = try GradientFit(
      settings: loop, rows: standardized.rows(latents), pool: latents.pool, loss: loss)()
    return FittedArrays(
      standardized.arrays + result.arrays,
      reached: [
        result.measure(
          "negative ELBO", result.loss + standardized.logDeterminant, "nats a latent")
      ])
  }

  private func loss(_ rows: Tensor, _ scope: Scope) throws(BuildProblem) -> Tensor {
    let size = latent ?? rows.shape[1]
    let head = try network(rows, to: 2 * size, in: scope.child("encoder"))
    let posterior = DiagonalGaussian(
      mean: head.columns(0..<size), logVariance: head.columns(size..<2 * size))
    let decoded = try decoded(posterior.samples(in: scope), width: rows.shape[1], in: scope)
    let kl = gaussianKL(mean: posterior.mean, logVariance: posterior.logVariance)
    return gaussianNLL(mean: decoded.mean, targets: rows, logScale: decoded.logScale)
      + kl.sumPerExample()
  }

  public func draw(
    _ count: Int, from fitted: FittedArrays, width: Int, seed: UInt64
  ) throws(SamplerProblem) -> [Float] {
    let standardized = try Standardized(fitted, width: width)
    let size = latent ?? width
    let rows = try fitted.draw(count, width: width, seed: seed) {
      (rows, scope) throws(BuildProblem) in
      // The encoder, which drawing does not need, is part of what is kept.
      _ = try network(rows, to: 2 * size, in: scope.child("encoder"))
      let u = scope.graph.normal([rows.shape[0], size], stream: "second stage")
      let decoded = try decoded(u, width: width, in: scope)
      let noise = scope.graph.normal(rows.shape, stream: "noise")
      return decoded.mean + noise * exp(decoded.logScale)
    }
    return standardized.restored(rows)
  }

  private func decoded(
    _ u: Tensor, width: Int, in scope: Scope
  ) throws(BuildProblem) -> (mean: Tensor, logScale: Tensor) {
    (
      try network(u, to: width, in: scope.child("decoder")),
      scope.parameter("log_scale", .scalar, .zeros)
    )
  }

  /// A fully connected network whose last layer is given the input once more.
  private func network(
    _ x: Tensor, to outputs: Int, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    var features = x
    for (index, units) in hidden.enumerated() {
      features = try linear(
        features, to: units, activation: activation, in: scope.child("\(index)"))
    }
    return try linear(
      hidden.isEmpty ? x : concatenate(x, features), to: outputs,
      in: scope.child("\(hidden.count)"))
  }
}
