import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

/// ∫ f(θ) dθ from `start` to `end`, by Simpson's rule.
private func integral(_ start: Double, _ end: Double, _ f: (Double) -> Double) -> Double {
  let count = 2000
  let step = (end - start) / Double(count)
  let sum = (0...count).reduce(0.0) { sum, i in
    let weight = i == 0 || i == count ? 1.0 : i % 2 == 1 ? 4 : 2
    return sum + weight * f(start + Double(i) * step)
  }
  return sum * step / 3
}

/// Of θ, the angle to the mean, on the sphere in d dimensions: relative to the largest.
private func density(_ theta: Double, _ d: Int, _ kappa: Double) -> Double {
  // The largest is where κ sin²θ = (d − 2) cos θ.
  let m = Double(d - 2)
  let peak = ((m * m + 4 * kappa * kappa).squareRoot() - m) / (2 * kappa)
  let ratio = m == 0 ? 1 : pow(sin(theta) * sin(theta) / (1 - peak * peak), m / 2)
  return exp(kappa * (cos(theta) - peak)) * ratio
}

/// A, by its definition.
private func length(_ d: Int, _ kappa: Double) -> Double {
  // Where there is more than e⁻⁵⁰ of the largest.
  let end = min(Double.pi, sqrt((100 + 4 * Double(d)) / kappa))
  return integral(0, end) { cos($0) * density($0, d, kappa) }
    / integral(0, end) { density($0, d, kappa) }
}

/// In 4 dimensions sin² makes a smooth periodic function: a few points sum it exactly.
private func kl4(_ kappa: Double) -> Double {
  let thetas = (0..<64).map { (Double($0) + 0.5) * Double.pi / 64 }
  let all = thetas.reduce(0) { $0 + density($1, 4, kappa) } * Double.pi / 64
  let mean = thetas.reduce(0) { $0 + cos($1) * density($1, 4, kappa) } * Double.pi / 64 / all
  let peak = ((4 + 4 * kappa * kappa).squareRoot() - 2) / (2 * kappa)
  // The uniform density of θ, sin²θ, integrates to π/2.
  return kappa * (mean - peak) - log(all * (1 - peak * peak) / (Double.pi / 2))
}

let directionalCases: [OperationCase] = [
  OperationCase(
    "von_mises_fisher_kl", inputs: { b, d in [.uniform([b, d], 0.1...25)] },
    expected: { x, _, _ in x[0].map(kl4) },
    build: { vonMisesFisherKL(concentration: $1[0], dimensions: 4) }),
  OperationCase(
    "von_mises_fisher_log_normaliser", inputs: { b, d in [.uniform([b, d], 0.1...25)] },
    // log C + κ = KL − κA + κ − log area, in 3 dimensions by hand: C = κ / (4π sinh κ).
    expected: { x, _, _ in
      x[0].map { log($0 / (2 * Double.pi * (1 - exp(-2 * $0)))) }
    }, build: { vonMisesFisherLogNormaliser(concentration: $1[0], dimensions: 3) }),
]

@Suite("The von Mises–Fisher distribution's numbers")
struct VonMisesFisherMathTests {
  @Test(arguments: [1e-3, 0.01, 0.3, 1, 10, 14, 30, 100, 1000, 10_000, 1e6])
  func `in three dimensions they are those of hyperbolic functions`(_ kappa: Double) {
    let math = VonMisesFisherMath(dimensions: 3)
    // coth κ − 1/κ cancels at 0: κ/3 − κ³/45.
    let length = kappa < 0.02 ? kappa / 3 - pow(kappa, 3) / 45 : 1 / tanh(kappa) - 1 / kappa
    #expect(abs(math.meanResultantLength(kappa) - length) < 1e-8 * length)
    // κ coth κ − 1 + log(κ / sinh κ): κ²/6 − κ⁴/60 at 0.
    let logSinh = kappa + log((1 - exp(-2 * kappa)) / 2)
    let divergence =
      kappa < 0.02
      ? pow(kappa, 2) / 6 - pow(kappa, 4) / 60 : kappa / tanh(kappa) - 1 + log(kappa) - logSinh
    #expect(abs(math.divergence(kappa) - divergence) < 1e-8 * divergence, "\(divergence)")
    #expect(abs(math.logArea - log(4 * Double.pi)) < 1e-14)
  }

  @Test(arguments: [2, 3, 5, 10, 40, 61, 62, 200, 1000], [1e-3, 0.5, 9, 40, 500, 10_000])
  func `the mean's length is the integral of its definition`(_ d: Int, _ kappa: Double) {
    let math = VonMisesFisherMath(dimensions: d)
    // As κ goes to 0, κ/d.
    let expected = kappa < 0.01 ? kappa / Double(d) : length(d, kappa)
    #expect(abs(math.meanResultantLength(kappa) - expected) < 1e-6 * expected)
    // A′ = 1 − A² − (d − 1) A/κ, by differences of A.
    let step = 1e-4 * kappa
    let slope =
      (math.meanResultantLength(kappa + step) - math.meanResultantLength(kappa - step))
      / (2 * step)
    #expect(abs(math.meanResultantSlope(kappa) - slope) < 1e-4 * slope)
    let fall = (math.logNormaliser(kappa + step) - math.logNormaliser(kappa - step)) / (2 * step)
    #expect(abs(fall - (1 - expected)) < 1e-5)
  }

  /// A large κ is a Gaussian of variance 1/κ in the d − 1 directions of the surface:
  /// KL → log area + ((d − 1)/2)(log κ/2π − 1).
  @Test(arguments: [2, 3, 10, 50]) func `a large concentration is a Gaussian`(_ d: Int) {
    let math = VonMisesFisherMath(dimensions: d)
    let kappa = 1e7
    let gaussian = Double(d - 1) / 2 * (log(kappa / (2 * Double.pi)) - 1)
    #expect(abs(math.divergence(kappa) - math.logArea - gaussian) < 1e-4)
    // And a wrong version, without the sphere's area, is no KL to it.
    #expect(abs(math.divergence(kappa) - gaussian) > 0.1)
  }

  /// The trap: Bessel functions that are not scaled overflow in Double from κ = 714 on.
  @Test func `nothing overflows where a plain Bessel function does`() {
    func plain(_ order: Double, _ kappa: Double) -> Double {
      var (sum, term) = (0.0, 1.0)
      for k in 0..<4000 {
        sum += term
        term *= kappa * kappa / 4 / (Double(k + 1) * (Double(k + 1) + order))
      }
      return sum
    }
    #expect(!plain(1, 1000).isFinite)
    for d in [2, 3, 20, 200] {
      let math = VonMisesFisherMath(dimensions: d)
      for kappa in [1000.0, 1e4, 1e8] {
        #expect(math.divergence(kappa).isFinite && math.meanResultantLength(kappa) < 1)
        #expect(math.meanResultantSlope(kappa) > 0)
      }
    }
  }
}

@Suite("Draws of the von Mises–Fisher distribution")
struct VonMisesFisherDrawTests {
  private func heights(_ d: Int, _ kappa: Float, _ count: Int, threads: Int = 2) -> [Float] {
    forward([([count], [Float](repeating: kappa, count: count))], threads: threads) { graph, x in
      graph.vonMisesFisherCapHeight(x[0], dimensions: d, stream: "w")
    }
  }

  private func estimate(_ x: [Double]) -> (mean: Double, error: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    let square = x.reduce(0) { $0 + pow($1 - mean, 2) } / Double(x.count - 1)
    return (mean, (square / Double(x.count)).squareRoot())
  }

  @Test(arguments: [2, 3, 4, 10, 200], [Float(1e-3), 0.7, 20, 10_000])
  func `their mean and variance are A and A′`(_ d: Int, _ kappa: Float) {
    let math = VonMisesFisherMath(dimensions: d)
    let drawn = heights(d, kappa, 20_000).map(Double.init)
    #expect(drawn.allSatisfy { $0 > 0 && $0 <= 2 })
    let expected = 1 - math.meanResultantLength(Double(kappa))
    let (mean, error) = estimate(drawn)
    #expect(abs(mean - expected) < 4.5 * error, "\(mean) ± \(error), not \(expected)")
    let (variance, spread) = estimate(drawn.map { pow($0 - mean, 2) })
    #expect(abs(variance - math.meanResultantSlope(Double(kappa))) < 4.5 * spread)
  }

  @Test func `in three dimensions they have the distribution function`() {
    let (kappa, count) = (4.0, 40_000)
    let drawn = heights(3, 4, count)
    for t in [0.05, 0.2, 0.5, 1, 1.5] {
      let share = Double(drawn.count { Double($0) < t }) / Double(count)
      let expected = (1 - exp(-kappa * t)) / (1 - exp(-2 * kappa))
      let error = (expected * (1 - expected) / Double(count)).squareRoot()
      #expect(abs(share - expected) < 4 * error, "\(t)")
    }
  }

  @Test func `they do not depend on threads, and each has noise of its own`() {
    let one = heights(7, 3, 1000, threads: 1)
    #expect(one == heights(7, 3, 1000, threads: 5))
    #expect(Set(one).count > 990)
  }

  /// At a fixed place u of the distribution, in three dimensions, 1 − w = −log(1 − u(1 − e⁻²ᵏ))/κ.
  @Test(arguments: [0.01, 0.5, 3, 30, 1000, 10_000])
  func `the implicit gradient is that of the inverse distribution function`(_ kappa: Double) {
    func height(_ u: Double, _ kappa: Double) -> Double {
      -log1p(u * expm1(-2 * kappa)) / kappa
    }
    let math = VonMisesFisherMath(dimensions: 3)
    for u in [0.001, 0.02, 0.2, 0.45, 0.55, 0.8, 0.97, 0.999] {
      let step = 1e-4 * kappa
      let expected = (height(u, kappa + step) - height(u, kappa - step)) / (2 * step)
      let seen = math.capSlope(kappa, height: height(u, kappa))
      #expect(abs(seen - expected) < 2e-6 * abs(expected), "u \(u): \(seen), not \(expected)")
    }
  }

  /// −(∂F/∂κ)/f with F by integration over the angle.
  @Test(arguments: [2, 4, 10, 50, 200], [0.001, 1, 20, 400])
  func `it is −∂F/∂κ over the density`(_ d: Int, _ kappa: Double) {
    let math = VonMisesFisherMath(dimensions: d)
    let mean = length(d, max(kappa, 0.01))
    for share in [0.3, 0.9, 1.2, 1.8] {
      let t = (1 - mean) * share
      guard t < 1.9 else { continue }
      let theta = acos(1 - t)
      let a = math.meanResultantLength(kappa)
      // ∫ (cos − A) f over the side where it has one sign; dF/dκ of the angle's distribution.
      let end = min(Double.pi, theta + 60 / sqrt(kappa + Double(d)))
      let scale = density(theta, d, kappa) / sin(theta)
      let own =
        t < 1 - a
        ? integral(0, theta) { (cos($0) - a) * density($0, d, kappa) / scale }
        : -integral(theta, end) { (cos($0) - a) * density($0, d, kappa) / scale }
      let seen = math.capSlope(kappa, height: t)
      #expect(abs(seen + own) < 2e-5 * abs(own), "t \(t): \(seen), not \(-own)")
    }
  }

  /// E[w] = A, so the mean of the gradients is A′. The trap: the accepted proposal's own derivative leaves
  /// out that other proposals would be accepted.
  @Test(arguments: [3, 10]) func `the gradient of the mean is A′, and no naive one is`(_ d: Int) {
    let kappa = 2.0
    let count = 20_000
    let expected = VonMisesFisherMath(dimensions: d).meanResultantSlope(kappa)
    let run = GraphRun([([count], [Float](repeating: Float(kappa), count: count))]) { graph, x in
      graph.vonMisesFisherCapHeight(x[0], dimensions: d, stream: "w")
    }
    let (mean, error) = estimate(run.inputGradients[0].map { -Double($0) })
    #expect(abs(mean - expected) < 4 * error, "\(mean) ± \(error), not \(expected)")

    // Wood's proposal w(ε; κ), accepted with the usual probability, differentiated at fixed ε.
    let m = Double(d - 1)
    func proposal(_ beta: Double, _ kappa: Double) -> (w: Double, ratio: Double) {
      let root = (4 * kappa * kappa + m * m).squareRoot()
      let b = m / (2 * kappa + root)
      let x0 = (1 - b) / (1 + b)
      let c = kappa * x0 + m * log(1 - x0 * x0)
      let w = (1 - (1 + b) * beta) / (1 - (1 - b) * beta)
      return (w, kappa * w + m * log(1 - x0 * w) - c)
    }
    var random = SeededGenerator(5)
    func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 + 0x1p-54 }
    var naive: [Double] = []
    while naive.count < 20_000 {
      // A symmetric beta number from a uniform point of the sphere in d dimensions.
      let normals = (0..<d).map { _ in
        (-2 * log(uniform())).squareRoot() * cos(2 * Double.pi * uniform())
      }
      let beta = (1 + normals[0] / normals.reduce(0) { $0 + $1 * $1 }.squareRoot()) / 2
      guard proposal(beta, kappa).ratio >= log(uniform()) else { continue }
      naive.append((proposal(beta, kappa + 1e-4).w - proposal(beta, kappa - 1e-4).w) / 2e-4)
    }
    let wrong = estimate(naive)
    #expect(abs(wrong.mean - expected) > 10 * wrong.error, "\(wrong), \(expected)")
  }

  @Test func `in evaluation no gradient is recorded`() {
    let run = GraphRun([([10], [Float](repeating: 2, count: 10))], mode: .evaluation) { graph, x in
      graph.vonMisesFisherCapHeight(x[0], dimensions: 4, stream: "w")
    }
    #expect(run.inputGradients[0].allSatisfy { $0 == 0 })
  }
}
