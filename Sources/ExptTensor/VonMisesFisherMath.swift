/// The von Mises–Fisher distribution on the unit sphere in d dimensions, in Double: what its operations
/// compute, from the four operations alone.
///
///     p(z) = C(κ) exp(κ μᵀz),   C(κ) = κ^ν / ((2π)^(d/2) I_ν(κ)),   ν = d/2 − 1
///
/// Everything follows from two numbers of κ that neither overflow nor cancel: the mean resultant length
/// A = I_{ν+1}(κ) / I_ν(κ), and the growth log F = log(Γ(ν + 1) (2/κ)^ν I_ν(κ)), which is 0 at κ = 0.
/// Errors are below 1e-9, relative, for κ from 1e-3 to 1e6 and d from 2 to 1000.
///
/// Sources: Mardia & Jupp, "Directional Statistics", 2000, section 9.3; Bessel functions: NIST DLMF,
/// 10.25.2 (series), 10.33.1 (continued fraction), 10.41.3 (large orders); Perron's continued
/// fraction: Gautschi & Slavik, Math. Comp. 32, 1978.
public struct VonMisesFisherMath: Sendable {
  public let dimensions: Int
  private let d: Double
  /// log Γ(d/2).
  private let logGamma: Double
  private let logOfSurfaceDimension: Double

  public init(dimensions: Int) {
    precondition(dimensions >= 2, "a sphere in \(dimensions) dimensions")
    self.dimensions = dimensions
    d = Double(dimensions)
    logGamma = Self.logGamma(ofHalf: dimensions)
    logOfSurfaceDimension = RepeatableMath.log(d - 1)
  }

  /// log Γ(n/2) of a whole n above 0.
  private static func logGamma(ofHalf n: Int) -> Double {
    let start = n % 2 == 0 ? 0 : RepeatableMath.log(Double.pi) / 2
    return stride(from: n % 2 == 0 ? 2 : 1, to: n, by: 2).reduce(start) {
      $0 + RepeatableMath.log(Double($1) / 2)
    }
  }

  /// The logarithm of the sphere's area, 2π^(d/2) / Γ(d/2).
  public var logArea: Double {
    RepeatableMath.log(2) + d / 2 * RepeatableMath.log(Double.pi) - logGamma
  }

  // MARK: Functions of κ

  /// A, the length of the mean E[z].
  public func meanResultantLength(_ kappa: Double) -> Double { bessel(kappa).resultant }

  /// A′ = 1 − A² − (d − 1) A/κ.
  public func meanResultantSlope(_ kappa: Double) -> Double {
    if kappa < 1e-8 { return 1 / d }
    guard d - 1 > 1e-4 * kappa else {
      // Where the terms cancel, the first two of its series in 1/κ.
      return (d - 1) / (2 * kappa * kappa) * (1 - (d - 3) / (2 * kappa))
    }
    let length = bessel(kappa).resultant
    return 1 - length * length - (d - 1) * length / kappa
  }

  /// log C + κ, whose slope is 1 − A.
  public func logNormaliser(_ kappa: Double) -> Double { kappa - bessel(kappa).growth - logArea }

  /// KL to the uniform distribution, κA + log C − log(1/area) = κA − log F; its slope is κA′.
  public func divergence(_ kappa: Double) -> Double {
    let (length, growth) = bessel(kappa)
    return kappa * length - growth
  }

  private func bessel(_ kappa: Double) -> (resultant: Double, growth: Double) {
    guard kappa.isFinite else { return (.nan, .nan) }
    return kappa * kappa <= 40 * d ? series(kappa) : largeArgument(kappa)
  }

  /// F = Σ xᵏ / ((d/2)ₖ k!) with x = κ²/4: all terms are positive.
  private func series(_ kappa: Double) -> (resultant: Double, growth: Double) {
    let x = kappa * kappa / 4
    let (own, next) = (Self.rest(d / 2, x), Self.rest(d / 2 + 1, x))
    return (kappa / d * (1 + next) / (1 + own), Self.logOnePlus(own))
  }

  /// Σ xᵏ / ((c)ₖ k!) from k = 1.
  private static func rest(_ c: Double, _ x: Double) -> Double {
    var (sum, term, k) = (0.0, 1.0, 0.0)
    repeat {
      term *= x / ((c + k) * (k + 1))
      sum += term
      k += 1
    } while term > 1e-17 * (1 + sum)
    return sum
  }

  private static func logOnePlus(_ x: Double) -> Double {
    let sum = 1 + x
    return sum == 1 ? x : RepeatableMath.log(sum) * (x / (sum - 1))
  }

  /// From an order that is large enough for its expansion, down by I_{n−1} = I_{n+1} + 2n/κ I_n.
  private func largeArgument(_ kappa: Double) -> (resultant: Double, growth: Double) {
    let order = d / 2 - 1
    var n = order + max(0, (30 - order).rounded(.up))
    let logBessel = Self.logBessel(n, kappa)
    var ratio = kappa > n ? Self.perron(n, kappa) : Self.gauss(n, kappa)
    var product = 1.0
    while n > order + 0.5 {
      ratio = 1 / (2 * n / kappa + ratio)
      product *= ratio
      n -= 1
    }
    let growth =
      logGamma + order * RepeatableMath.log(2 / kappa) + logBessel - RepeatableMath.log(product)
    return (ratio, growth)
  }

  /// log I_n(κ) for n ≥ 30: Debye's expansion.
  private static func logBessel(_ n: Double, _ kappa: Double) -> Double {
    let z = kappa / n
    let root = (1 + z * z).squareRoot()
    let p = 1 / root
    let q = p * p
    let first = p * (3 - 5 * q) / 24
    let second = q * (81 + q * (-462 + q * 385)) / 1152
    let third = p * q * (30375 + q * (-369_603 + q * (765_765 - q * 425_425))) / 414_720
    let fourth =
      q * q
      * (4_465_125
        + q * (-94_121_676 + q * (349_922_430 + q * (-446_185_740 + q * 185_910_725))))
      / 39_813_120
    let sum = (((fourth / n + third) / n + second) / n + first) / n
    let exponent = root + RepeatableMath.log(z / (1 + root))
    return n * exponent - RepeatableMath.log(2 * Double.pi * n * root) / 2 + logOnePlus(sum)
  }

  /// I_{n+1} / I_n for κ > n.
  private static func perron(_ n: Double, _ kappa: Double) -> Double {
    let fraction = continued(first: 2 * n + 2 + kappa) { k in
      (-(2 * n + 2 * k + 1) * kappa, 2 * n + 2 + k + 2 * kappa)
    }
    return kappa / fraction
  }

  /// I_{n+1} / I_n for κ ≤ n.
  private static func gauss(_ n: Double, _ kappa: Double) -> Double {
    1 / continued(first: 2 * (n + 1) / kappa) { k in (1, 2 * (n + 1 + k) / kappa) }
  }

  /// b₀ + a₁/(b₁ + a₂/(b₂ + …)), by Lentz's method.
  private static func continued(
    first: Double, _ term: (Double) -> (a: Double, b: Double)
  ) -> Double {
    var (value, c, inverse, k) = (first, first, 0.0, 0.0)
    for _ in 0..<10_000 {
      k += 1
      let (a, b) = term(k)
      inverse = 1 / (b + a * inverse)
      c = b + a / c
      value *= c * inverse
      if abs(c * inverse - 1) < 1e-16 { break }
    }
    return value
  }

  // MARK: Draws

  /// Attempts after which the last is taken: it does not happen (one in three is refused).
  private static let mostAttempts: UInt32 = 64

  /// 1 − w, w = μᵀz of a draw z: the height of the cap of the sphere that z bounds.
  ///
  /// - Parameter uniform: Four numbers in (0, 1) for each attempt.
  ///
  /// Sources: Wood, "Simulation of the von Mises Fisher distribution", 1994; Davidson et al.,
  /// "Hyperspherical Variational Auto-Encoders", UAI 2018, algorithm 2; symmetric beta numbers:
  /// Ulrich, Applied Statistics 33, 1984.
  func capHeight(_ kappa: Double, _ uniform: (UInt32) -> SIMD4<Double>) -> Double {
    guard kappa.isFinite, kappa >= 0 else { return .nan }
    let m = d - 1
    let root = (4 * kappa * kappa + m * m).squareRoot()
    let b = m / (2 * kappa + root)
    let a = (m + 2 * kappa + root) / 4
    let level = 4 * a * b / (1 + b) - m * logOfSurfaceDimension
    var height = 0.0
    for attempt in 0..<Self.mostAttempts {
      let u = uniform(attempt)
      let turn = min(2 * u[1], 2 - 2 * u[1])
      let radius =
        dimensions == 2
        ? 1 : (1 - RepeatableMath.exp(2 / (m - 1) * RepeatableMath.log(u[0]))).squareRoot()
      let beta = (1 + radius * RepeatableMath.cosineOfPi(turn)) / 2
      let scale = 1 - (1 - b) * beta
      height = 2 * b * beta / scale
      let q = 2 * a * b / scale
      if m * RepeatableMath.log(q) - q + level >= RepeatableMath.log(u[2]) { break }
    }
    return height
  }

  /// How a cap's height moves with κ at a fixed place of the distribution: the implicit gradient
  ///
  ///     dt/dκ = −∂F(t; κ)/∂κ / f(t; κ) = −∫₀ᵗ (E[v] − v) f(v)/f(t) dv
  ///
  /// of heights of density f(v) ∝ exp(−κv) (v(2 − v))^((d − 3)/2). Of the two sides of t, whose integrals
  /// are equal, it takes the one where nothing cancels, in variables in which the integrand is smooth at
  /// the poles. The error is below 1e-6, relative.
  ///
  /// Source: Figurnov, Mohamed & Mnih, "Implicit Reparameterization Gradients", NeurIPS 2018.
  public func capSlope(_ kappa: Double, height t: Double) -> Double {
    guard kappa.isFinite, kappa >= 0, t > 0, t < 2 else { return 0 }
    let mean = 1 - bessel(kappa).resultant
    let power = (d - 3) / 2
    let inner = d - 2
    if t <= mean {
      // v = t(1 − x)²
      return -2 * t
        * smoothIntegral(reach: 1) { x in
          let rest = 1 - x
          let v = t * rest * rest
          let exponent =
            kappa * (t - v) + power * logarithm((2 - v) / (2 - t)) + inner * logarithm(rest)
          return (exponent, mean - v)
        }
    }
    var slope = 0.0
    var (start, lead) = (t, 0.0)
    if t < 1 {
      // √v = √t + x
      let root = t.squareRoot()
      slope =
        -2 * root
        * smoothIntegral(reach: 1 - root) { x in
          let v = (root + x) * (root + x)
          let exponent =
            kappa * (t - v) + power * logarithm((2 - v) / (2 - t))
            + inner * logarithm((root + x) / root)
          return (exponent, v - mean)
        }
      (start, lead) = (1, kappa * (t - 1) - power * RepeatableMath.log(t * (2 - t)))
      if lead < negligible { return slope }
    }
    // 2 − v = (2 − start)(1 − x)²
    let far = 2 - start
    return slope - 2 * far
      * smoothIntegral(reach: 1) { x in
        let rest = 1 - x
        let v = 2 - far * rest * rest
        let exponent =
          lead + kappa * (start - v) + power * logarithm(v / start) + inner * logarithm(rest)
        return (exponent, v - mean)
      }
  }
}
