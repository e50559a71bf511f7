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

  /// The number of the stream `name` of the part of the model being recorded.
  func streamNumber(_ name: String) -> UInt64 { Random.stream(currentPath + "/" + name) }
}

private struct Noise: Operation {
  enum Distribution: String {
    case normal, uniform
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
    }
  }

  /// It has no inputs.
  func backward(_ pass: BackwardPass) {}
}
