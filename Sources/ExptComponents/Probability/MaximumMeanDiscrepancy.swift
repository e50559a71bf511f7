import ExptTensor

/// The maximum mean discrepancy of two sets of rows under a kernel: how far apart their distributions are.
///
///     MMD² = 1/(n(n−1)) Σ_{i≠j} k(aᵢ, aⱼ) + 1/(m(m−1)) Σ_{i≠j} k(bᵢ, bⱼ) − 2/(n·m) Σᵢⱼ k(aᵢ, bⱼ)
///
/// This is the estimate without bias: it is 0 on average where the distributions are alike, and then as
/// often below 0 as above. One row has no other to be compared with: then it is 0.
///
/// - `rbf`: k = exp(−‖a − b‖² / C), with C = 2·d·σ²
/// - `imq`: k = Σₛ s·C / (s·C + ‖a − b‖²), the same C, s ∈ {0.1, 0.2, 0.5, 1, 2, 5, 10}
///
/// d is the number of latent dimensions, σ² the `bandwidth`.
///
/// Shapes: rows `[n, d]` and `[m, d]`; the result a scalar, without a unit.
///
/// Source: Gretton et al., "A Kernel Two-Sample Test", JMLR 13, 2012, equation 3; the inverse
/// multiquadratics: Tolstikhin et al., "Wasserstein Auto-Encoders", ICLR 2018, section 4.
public struct MaximumMeanDiscrepancy: Settings {
  public enum Kernel: String, NamedChoice { case rbf, imq }

  @Setting("The kernel of the discrepancy: a Gaussian, or a sum of inverse multiquadratics.")
  public var kernel: Kernel = .imq
  @Setting("Width σ² of the kernel: the prior's variance.", .above(0, upTo: 1e6))
  public var bandwidth: Float = 1

  static let scales: [Float] = [0.1, 0.2, 0.5, 1, 2, 5, 10]

  public init() {}

  /// With another kernel by default.
  public init(_ kernel: Kernel) { _kernel = _kernel.defaulting(to: kernel) }

  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor {
    let (n, m) = (a.shape[0], b.shape[0])
    guard n > 1, m > 1 else { return a.graph.constant(0) }
    let among = pairs(a) / Float(n * (n - 1)) + pairs(b) / Float(m * (m - 1))
    return among - values(a, b).sum() * (2 / Float(n * m))
  }

  /// Σ_{i≠j} k(aᵢ, aⱼ).
  private func pairs(_ a: Tensor) -> Tensor {
    let n = a.shape[0]
    let others = (0..<n * n).map { Float($0 % (n + 1) == 0 ? 0 : 1) }
    return (values(a, a) * a.graph.constant(others, [n, n])).sum()
  }

  /// k of every row of one with every row of the other: `[n, m]`.
  private func values(_ a: Tensor, _ b: Tensor) -> Tensor {
    let distances = squaredDistances(a, b)
    let width = 2 * Float(a.shape[1]) * bandwidth
    switch kernel {
    case .rbf: return exp(distances * (-1 / width))
    case .imq:
      let parts = Self.scales.map { scale in
        reciprocal(distances * (1 / (scale * width)) + 1)
      }
      return parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    }
  }
}

/// ‖aᵢ − bⱼ‖² of every row of one and every row of the other: `[n, d]` and `[m, d]` to `[n, m]`.
///
/// Computed as one product, [a, ‖a‖², 1] · [−2b, 1, ‖b‖²], whose rounding error is that of ‖a‖² + ‖b‖².
public func squaredDistances(_ a: Tensor, _ b: Tensor) -> Tensor {
  func column(_ numbers: Tensor) -> Tensor { numbers.reshaped([numbers.shape[0], 1]) }
  let ones = (a.graph.constant(1, [a.shape[0], 1]), b.graph.constant(1, [b.shape[0], 1]))
  let left = concatenate(a, column(square(a).sumPerExample()), ones.0)
  let right = concatenate(b * -2, ones.1, column(square(b).sumPerExample()))
  return matmul(left, right, transposeB: true)
}
