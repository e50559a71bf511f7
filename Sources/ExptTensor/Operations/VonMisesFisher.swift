/// KL(vMF(κ) ‖ uniform) on the unit sphere in d dimensions, of each element, in nats:
///
///     κ A + log C(κ) + log area,   A = I_{d/2}(κ) / I_{d/2−1}(κ);   the slope is κ A′
///
/// Shapes: any. Computed in Double: see `VonMisesFisherMath`.
public func vonMisesFisherKL(concentration: Tensor, dimensions: Int) -> Tensor {
  .applying(
    VonMisesFisherFunction(kind: .divergence, math: VonMisesFisherMath(dimensions: dimensions)),
    to: [concentration], shape: concentration.shape)
}

/// log C(κ) + κ of each element, so that log p(z) = κ (μᵀz − 1) + this; the slope is 1 − A.
public func vonMisesFisherLogNormaliser(concentration: Tensor, dimensions: Int) -> Tensor {
  .applying(
    VonMisesFisherFunction(kind: .logNormaliser, math: VonMisesFisherMath(dimensions: dimensions)),
    to: [concentration], shape: concentration.shape)
}

extension Graph {
  /// 1 − μᵀz for a draw z ~ vMF(μ, κ) on the unit sphere in d dimensions, for each element of κ, drawn
  /// again in each run: between 0 and 2.
  ///
  /// The draws are Wood's, by rejection. In training their gradient by κ is the implicit one,
  /// −(∂F/∂κ)/f with F the distribution function, which is exact: it is what a draw at the same place of
  /// the distribution would move by. (The derivative of the accepted draw alone, which leaves out that
  /// other attempts would be accepted, is biased.)
  public func vonMisesFisherCapHeight(
    _ concentration: Tensor, dimensions: Int, stream: String
  ) -> Tensor {
    let math = VonMisesFisherMath(dimensions: dimensions)
    let fixed = concentration.stopGradient()
    let drawn = record(
      VonMisesFisherDraw(math: math, stream: streamNumber(stream)), inputs: [fixed],
      shape: concentration.shape
    ).stopGradient()
    guard mode == .training else { return drawn }
    let slope = record(
      VonMisesFisherSlope(math: math), inputs: [fixed, drawn], shape: concentration.shape)
    return drawn + (concentration - fixed) * slope.stopGradient()
  }
}

private struct VonMisesFisherFunction: Operation {
  enum Kind: String {
    case divergence = "von_mises_fisher_kl"
    case logNormaliser = "von_mises_fisher_log_normaliser"
  }

  let kind: Kind
  let math: VonMisesFisherMath

  var name: String { kind.rawValue }
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    nonisolated(unsafe) let (x, y) = (pass.inputs[0].pointer, pass.output.pointer)
    forEach(pass.output.count, pass.run) { y[$0] = Float(value(Double(x[$0]))) }
  }

  func backward(_ pass: BackwardPass) {
    guard let slot = pass.inputGradients[0] else { return }
    nonisolated(unsafe) let (x, dy) = (pass.inputs[0].pointer, pass.outputGradient.pointer)
    nonisolated(unsafe) let dx = slot.pointer
    let adds = slot.accumulates
    forEach(slot.buffer.count, pass.run) { index in
      let gradient = dy[index] * Float(slope(Double(x[index])))
      dx[index] = adds ? dx[index] + gradient : gradient
    }
  }

  private func value(_ kappa: Double) -> Double {
    switch kind {
    case .divergence: math.divergence(kappa)
    case .logNormaliser: math.logNormaliser(kappa)
    }
  }

  private func slope(_ kappa: Double) -> Double {
    switch kind {
    case .divergence: kappa * math.meanResultantSlope(kappa)
    case .logNormaliser: 1 - math.meanResultantLength(kappa)
    }
  }
}

private struct VonMisesFisherDraw: Operation {
  let name = "von_mises_fisher"
  let math: VonMisesFisherMath
  let stream: UInt64
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let (count, run) = (pass.output.count, pass.run)
    let rows = run.rows
    let width = rows.map { count / max(1, $0.count) } ?? count
    precondition(rows.map { count % $0.count == 0 } ?? true, "noise for other rows")
    let key = Self.key(run.seed, stream ^ run.streamShift)
    let position = run.position
    nonisolated(unsafe) let (kappa, y) = (pass.inputs[0].pointer, pass.output.pointer)
    forEach(count, run) { index in
      let place = rows.map { $0.position(index / width) } ?? position
      let height = math.capHeight(Double(kappa[index])) { attempt in
        let words = RandomSequence.philox(
          SIMD4(
            UInt32(truncatingIfNeeded: index % width), UInt32(truncatingIfNeeded: place),
            UInt32(truncatingIfNeeded: place >> 32), attempt + 1), key: key)
        return (SIMD4<Double>(words) + 0.5) * 0x1p-32
      }
      y[index] = Float(height.isNaN ? height : max(height, 1e-30))
    }
  }

  /// The same key as that of other noise: see `ck_random_key`.
  private static func key(_ seed: UInt64, _ stream: UInt64) -> SIMD2<UInt32> {
    let words = RandomSequence.philox(
      SIMD4(UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32), 0, 1),
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    return words.lowHalf
  }

  /// No gradient goes upstream: see `vonMisesFisherCapHeight`.
  func backward(_ pass: BackwardPass) {}
}

private struct VonMisesFisherSlope: Operation {
  let name = "von_mises_fisher_slope"
  let math: VonMisesFisherMath
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    nonisolated(unsafe) let (kappa, t) = (pass.inputs[0].pointer, pass.inputs[1].pointer)
    nonisolated(unsafe) let y = pass.output.pointer
    forEach(pass.output.count, pass.run) {
      y[$0] = Float(math.capSlope(Double(kappa[$0]), height: Double(t[$0])))
    }
  }

  func backward(_ pass: BackwardPass) {}
}

/// Runs `body` for each element, in tasks of a few.
private func forEach(_ count: Int, _ run: RunContext, _ body: @Sendable (Int) -> Void) {
  let size = 16
  ThreadPool.run((count + size - 1) / size, on: run.pool) { task in
    for index in task * size..<min(count, (task + 1) * size) { body(index) }
  }
}
