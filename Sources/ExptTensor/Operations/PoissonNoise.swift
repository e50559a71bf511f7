internal import CKernels

extension Graph {
  /// Poisson noise of the means `rate`, all at least 0, drawn again in each run: whole numbers. No gradient
  /// goes to the means.
  ///
  /// - Parameter stream: As of `normal`.
  ///
  /// Source: Hörmann, "The transformed rejection method for generating Poisson random variables", 1993.
  public func poisson(_ rate: Tensor, stream: String) -> Tensor {
    record(
      PoissonNoise(stream: streamNumber(stream)), inputs: [rate.stopGradient()], shape: rate.shape)
  }
}

private struct PoissonNoise: Operation {
  let name = "poisson"
  let stream: UInt64
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let (rate, run) = (pass.inputs[0], pass.run)
    let stream = stream ^ run.streamShift
    guard let rows = run.rows else {
      ck_random_poisson(
        pass.pool, run.seed, stream, run.position, rate.count, rate.pointer, pass.output.pointer)
      return
    }
    precondition(rate.count % rows.count == 0, "noise \(rate.shape) for \(rows.count) rows")
    let width = rate.count / rows.count
    for row in 0..<rows.count {
      ck_random_poisson(
        pass.pool, run.seed, stream, rows.position(row), width, rate.pointer + row * width,
        pass.output.pointer + row * width)
    }
  }

  /// No gradient goes upstream.
  func backward(_ pass: BackwardPass) {}
}
