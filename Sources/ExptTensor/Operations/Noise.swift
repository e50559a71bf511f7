internal import CKernels

extension Graph {
  /// Standard normal noise of `shape`, drawn again in each run.
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
      RejectionNoise(distribution: .gamma, stream: streamNumber(stream)),
      inputs: [alpha.stopGradient()], shape: alpha.shape)
  }

  /// Poisson noise of the means `rate`, all at least 0, likewise: whole numbers. No gradient goes to the
  /// means.
  ///
  /// Source: Hörmann, "The transformed rejection method for generating Poisson random variables", 1993.
  public func poisson(_ rate: Tensor, stream: String) -> Tensor {
    record(
      RejectionNoise(distribution: .poisson, stream: streamNumber(stream)),
      inputs: [rate.stopGradient()], shape: rate.shape)
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
    let run = pass.run
    guard let rows = run.rows else {
      return fill(pass.output.values, run, position: run.position, pool: run.pool)
    }
    precondition(
      pass.output.count % rows.count == 0, "noise \(pass.output.shape) for \(rows.count) rows")
    let width = pass.output.count / rows.count
    // Each task writes rows of its own, and the run does not change meanwhile.
    nonisolated(unsafe) let (values, context) = (pass.output.values, run)
    let each = 16  // rows of a task: to hand one over costs as much as to draw some twenty numbers
    ThreadPool.run((rows.count + each - 1) / each, on: run.pool) { task in
      for row in task * each..<min(rows.count, (task + 1) * each) {
        fill(
          UnsafeMutableBufferPointer(rebasing: values[row * width..<(row + 1) * width]), context,
          position: rows.position(row), pool: nil)
      }
    }
  }

  private func fill(
    _ values: UnsafeMutableBufferPointer<Float>, _ run: RunContext, position: UInt64,
    pool: ThreadPool?
  ) {
    let stream = stream ^ run.streamShift
    guard let base = values.baseAddress else { return }
    switch distribution {
    case .normal:
      ck_random_normal(pool?.handle, run.seed, stream, position, values.count, base)
    case .uniform:
      ck_random_uniform(pool?.handle, run.seed, stream, position, values.count, base)
    case .exponential:
      ck_random_exponential(pool?.handle, run.seed, stream, position, values.count, base)
    case .gumbel:
      ck_random_gumbel(pool?.handle, run.seed, stream, position, values.count, base)
    }
  }

  /// It has no inputs.
  func backward(_ pass: BackwardPass) {}
}

/// Noise of given parameters, by rejection.
private struct RejectionNoise: Operation {
  enum Distribution: String {
    case gamma, poisson
  }

  let distribution: Distribution
  let stream: UInt64

  var name: String { distribution.rawValue }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let (parameters, run) = (pass.inputs[0], pass.run)
    let fill = distribution == .gamma ? ck_random_gamma : ck_random_poisson
    let stream = stream ^ run.streamShift
    guard let rows = run.rows else {
      fill(
        pass.pool, run.seed, stream, run.position, parameters.count, parameters.pointer,
        pass.output.pointer)
      return
    }
    precondition(
      parameters.count % rows.count == 0, "noise \(parameters.shape) for \(rows.count) rows")
    let width = parameters.count / rows.count
    for row in 0..<rows.count {
      fill(
        pass.pool, run.seed, stream, rows.position(row), width, parameters.pointer + row * width,
        pass.output.pointer + row * width)
    }
  }

  /// No gradient goes upstream.
  func backward(_ pass: BackwardPass) {}
}
