internal import CKernels

extension Graph {
  /// Standard normal noise of `shape`, drawn anew at each run.
  ///
  /// - Parameter stream: Says what the noise is for: `"latent"`. Together with the path of the part
  ///   of the model being recorded, the run's seed and its position it decides what is drawn: two
  ///   calls with the same stream at the same path draw the same numbers.
  public func normal(_ shape: Shape, stream: String) -> Tensor {
    record(Noise(distribution: .normal, stream: streamNumber(stream)), shape: shape)
  }

  /// Noise uniform in [0, 1), likewise.
  public func uniform(_ shape: Shape, stream: String) -> Tensor {
    record(Noise(distribution: .uniform, stream: streamNumber(stream)), shape: shape)
  }

  /// Exponential noise of mean 1, likewise.
  public func exponential(_ shape: Shape, stream: String) -> Tensor {
    record(Noise(distribution: .exponential, stream: streamNumber(stream)), shape: shape)
  }

  /// Standard Gumbel noise, −log(−log u), likewise: the largest of logits with such noise is a draw of
  /// their categorical distribution.
  public func gumbel(_ shape: Shape, stream: String) -> Tensor {
    record(Noise(distribution: .gumbel, stream: streamNumber(stream)), shape: shape)
  }

  /// Gamma noise of scale 1, likewise, of the shape parameters `alpha`, all above 0. No gradient goes
  /// to them.
  ///
  /// Source: Marsaglia & Tsang, "A simple method for generating gamma variables", ACM TOMS 2000.
  public func gamma(_ alpha: Tensor, stream: String) -> Tensor {
    record(
      GammaNoise(stream: streamNumber(stream)), inputs: [alpha.stopGradient()],
      shape: alpha.shape)
  }

  /// The number of the stream `name` of the part of the model being recorded.
  func streamNumber(_ name: String) -> UInt64 { Random.stream(currentPath + "/" + name) }
}

private struct Noise: Operation {
  enum Distribution: String {
    case normal, uniform, exponential, gumbel
  }

  let distribution: Distribution
  let stream: UInt64

  var name: String { distribution.rawValue }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let (values, run) = (pass.output.values, pass.run)
    switch distribution {
    case .normal:
      Random.fillNormal(
        values, seed: run.seed, stream: stream, position: run.position, pool: run.pool)
    case .uniform:
      Random.fillUniform(
        values, seed: run.seed, stream: stream, position: run.position, pool: run.pool)
    case .exponential:
      ck_random_exponential(
        pass.pool, run.seed, stream, run.position, values.count, pass.output.pointer)
    case .gumbel:
      ck_random_gumbel(
        pass.pool, run.seed, stream, run.position, values.count, pass.output.pointer)
    }
  }

  /// It has no inputs.
  func backward(_ pass: BackwardPass) {}
}

private struct GammaNoise: Operation {
  let name = "gamma"
  let stream: UInt64
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let (alpha, run) = (pass.inputs[0], pass.run)
    ck_random_gamma(
      pass.pool, run.seed, stream, run.position, alpha.count, alpha.pointer, pass.output.pointer)
  }

  /// Nothing upstream is asked for a gradient.
  func backward(_ pass: BackwardPass) {}
}
