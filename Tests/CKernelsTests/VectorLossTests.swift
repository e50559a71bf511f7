import CKernels
import Foundation
import Testing

/// −log p(t | x, log s) of one pixel, in Double.
private typealias Density = @Sendable (_ x: Double, _ t: Double, _ logScale: Double) -> Double

private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

private let bernoulliDensity: Density = { l, t, _ in softplus(l) - t * l }

/// With C = (log λ − log(1 − λ)) / (2λ − 1), and its Taylor series around λ = ½.
private let continuousBernoulliDensity: Density = { l, t, _ in
  let c = (softplus(l) - softplus(-l)) / (2 / (1 + exp(-l)) - 1)
  let logC = abs(l) < 1e-2 ? log(2) + l * l / 12 - 7 * pow(l, 4) / 1440 : log(c)
  return softplus(l) - t * l - logC
}

private let gaussianDensity: Density = { m, t, s in
  0.5 * pow((t - m) / exp(s), 2) + s + 0.5 * log(2 * Double.pi)
}

private let laplaceDensity: Density = { m, t, s in abs(t - m) / exp(s) + log(2 * exp(s)) }

/// The distribution function's difference over the bin, taken from the smaller tail.
private let discretizedLogisticDensity: Density = { m, t, s in
  func below(_ x: Double) -> Double { 1 / (1 + exp(-(x - m) / exp(s))) }
  func above(_ x: Double) -> Double { 1 / (1 + exp((x - m) / exp(s))) }
  let half = 1.0 / 510
  if t < half { return -log(below(t + half)) }
  if t > 1 - half { return -log(above(t - half)) }
  return t < m
    ? -log(below(t + half) - below(t - half)) : -log(above(t - half) - above(t + half))
}

private let shapes = [(1, 1), (3, 17), (20, 300), (2, 1500)]

@Suite("Losses")
struct VectorLossTests {
  @Test(arguments: shapes)
  func `bernoulli`(rows: Int, cols: Int) {
    let table = Table(rows, cols, location: 6, density: bernoulliDensity)
    table.check { pool, x, t, _, loss in ck_bernoulli_nll(pool, rows, cols, x, t, loss, nil) }
    table.checkGradient { pool, x, t, _, g, dx, _ in
      ck_bernoulli_nll_backward(pool, rows, cols, x, t, g, dx)
    }
    let both = everywhere { pool in
      var loss = [Float](repeating: 0, count: rows)
      let residual = filled(rows * cols) {
        ck_bernoulli_nll(pool, rows, cols, table.x, table.t, &loss, $0)
      }
      let dx = gradient(rows * cols) { ck_scale_rows(pool, rows, cols, residual, table.g, $0) }
      return loss + dx
    }
    let apart = filled(rows) { ck_bernoulli_nll(nil, rows, cols, table.x, table.t, $0, nil) }
    let slopes = gradient(rows * cols) {
      ck_bernoulli_nll_backward(nil, rows, cols, table.x, table.t, table.g, $0)
    }
    #expect(both == apart + slopes)
  }

  @Test(arguments: shapes)
  func `continuous bernoulli`(rows: Int, cols: Int) {
    for scale: Float in [6, 0.1, 60] {
      let table = Table(rows, cols, location: scale, density: continuousBernoulliDensity)
      table.check { pool, x, t, _, loss in
        ck_continuous_bernoulli_nll(pool, rows, cols, x, t, loss)
      }
      table.checkGradient { pool, x, t, _, g, dx, _ in
        ck_continuous_bernoulli_nll_backward(pool, rows, cols, x, t, g, dx)
      }
    }
  }

  @Test func `continuous bernoulli at one half is uniform`() {
    let loss = filled(1) {
      ck_continuous_bernoulli_nll(nil, 1, 4, [0, -0.0, 0, 0], [0, 1, 0.3, 1], $0)
    }
    #expect(abs(loss[0]) < 1e-6)
  }

  @Test(arguments: [0, 1e-3, -0.2, 1, -5, 20] as [Float])
  func `a continuous bernoulli's density has integral one`(logit: Float) {
    // Simpson's rule on a thousand intervals of 0 ... 1.
    let t = (0...2000).map { Float($0) / 2000 }, x = [Float](repeating: logit, count: t.count)
    let loss = filled(t.count) { ck_continuous_bernoulli_nll(nil, t.count, 1, x, t, $0) }
    var integral = 0.0
    for (index, value) in loss.enumerated() {
      let weight = index == 0 || index == 2000 ? 1.0 : index % 2 == 1 ? 4 : 2
      integral += weight / 6000 * exp(-Double(value))
    }
    #expect(abs(integral - 1) < 2e-6)
  }

  @Test(arguments: shapes, [CK_SCALE_SHARED, CK_SCALE_ELEMENT])
  func `gaussian`(_ shape: (Int, Int), _ scale: ck_scale) {
    let (rows, cols) = shape
    let table = Table(rows, cols, scale: scale, density: gaussianDensity)
    table.check { pool, x, t, s, loss in ck_gaussian_nll(pool, scale, rows, cols, x, t, s, loss) }
    table.checkGradient { pool, x, t, s, g, dx, ds in
      ck_gaussian_nll_backward(pool, scale, rows, cols, x, t, s, g, dx, ds)
    }
  }

  @Test(arguments: shapes, [CK_SCALE_SHARED, CK_SCALE_ELEMENT])
  func `laplace`(_ shape: (Int, Int), _ scale: ck_scale) {
    let (rows, cols) = shape
    let table = Table(rows, cols, scale: scale, density: laplaceDensity)
    table.check { pool, x, t, s, loss in ck_laplace_nll(pool, scale, rows, cols, x, t, s, loss) }
    table.checkGradient { pool, x, t, s, g, dx, ds in
      ck_laplace_nll_backward(pool, scale, rows, cols, x, t, s, g, dx, ds)
    }
  }

  @Test(arguments: shapes, [CK_SCALE_SHARED, CK_SCALE_ELEMENT])
  func `discretized logistic`(_ shape: (Int, Int), _ scale: ck_scale) {
    let (rows, cols) = shape
    let table = Table(rows, cols, scale: scale, levels: true, density: discretizedLogisticDensity)
    table.check { pool, x, t, s, loss in
      ck_discretized_logistic_nll(pool, scale, rows, cols, x, t, s, loss)
    }
    table.checkGradient { pool, x, t, s, g, dx, ds in
      ck_discretized_logistic_nll_backward(pool, scale, rows, cols, x, t, s, g, dx, ds)
    }
  }

  @Test(arguments: [-8, -5, -3, -1, 2] as [Float])
  func `the 256 levels of a discretized logistic have probability one together`(logScale: Float) {
    let levels = (0...255).map { Float($0) / 255 }
    for location: Float in [-0.5, 0, 0.3, 1] {
      let x = [Float](repeating: location, count: 256)
      let loss = filled(256) {
        ck_discretized_logistic_nll(nil, CK_SCALE_SHARED, 256, 1, x, levels, [logScale], $0)
      }
      let total = loss.reduce(0.0) { $0 + exp(-Double($1)) }
      #expect(abs(total - 1) < 1e-5)
    }
  }

  @Test func `losses stay finite where probabilities underflow, and NaN shows`() {
    let x: [Float] = [1000, -1000, .nan], t: [Float] = [0, 1, 0.5]
    let loss = everywhere { pool in
      filled(3) { ck_bernoulli_nll(pool, 3, 1, x, t, $0, nil) }
        + filled(3) { ck_continuous_bernoulli_nll(pool, 3, 1, x, t, $0) }
        + filled(3) { ck_discretized_logistic_nll(pool, CK_SCALE_SHARED, 3, 1, x, t, [-3], $0) }
    }
    for (index, value) in loss.enumerated() { #expect(value.isFinite == (index % 3 != 2)) }
    #expect(loss[0] == 1000 && loss[1] == 1000)
  }
}

/// Random pixels and parameters, with the exact losses and slopes.
private struct Table {
  let rows: Int, cols: Int
  let x: [Float], t: [Float], logScale: [Float], g: [Float]
  let scale: ck_scale?
  let density: Density

  init(
    _ rows: Int, _ cols: Int, location: Float = 1, scale: ck_scale? = nil, levels: Bool = false,
    density: @escaping Density
  ) {
    self.rows = rows
    self.cols = cols
    self.scale = scale
    self.density = density
    let grey = numbers(rows * cols, 0.5, seed: 2).map { $0 + 0.5 }
    let pixels = levels ? grey.map { ($0 * 255).rounded() / 255 } : grey
    t = pixels
    // Not at the kink of |t − x|, where finite differences are of no use.
    x = numbers(rows * cols, location).enumerated().map { index, x in
      abs(x - pixels[index]) < 0.005 ? x + 0.01 : x
    }
    logScale = numbers(scale == CK_SCALE_ELEMENT ? rows * cols : 1, 0.5, seed: 3).map { $0 - 1 }
    g = numbers(rows, 2, seed: 4)
  }

  private func logScale(_ index: Int) -> Double {
    Double(logScale[logScale.count == 1 ? 0 : index])
  }

  typealias Pointer = UnsafeMutablePointer<Float>

  func check(
    _ kernel: (OpaquePointer?, [Float], [Float], [Float], Pointer?) -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let seen = everywhere(sourceLocation: sourceLocation) { pool in
      filled(rows) { kernel(pool, x, t, logScale, $0) }
    }
    var exact = [Double](repeating: 0, count: rows), size = exact
    for i in x.indices {
      let term = density(Double(x[i]), Double(t[i]), logScale(i))
      exact[i / cols] += term
      size[i / cols] += abs(term) + abs(Double(x[i]))
    }
    expectClose(
      seen, exact, relative: 1e-6, absolute: 2e-7 * (size.max() ?? 0) + 1e-6, "loss",
      sourceLocation: sourceLocation)
  }

  typealias Backward = (
    OpaquePointer?, [Float], [Float], [Float], [Float], ck_gradient, ck_gradient
  ) -> Void

  func checkGradient(_ kernel: Backward, sourceLocation: SourceLocation = #_sourceLocation) {
    let byX = everywhere(sourceLocation: sourceLocation) { pool in
      gradient(x.count, sourceLocation: sourceLocation) {
        kernel(pool, x, t, logScale, g, $0, noGradient)
      }
    }
    let exactX = x.indices.map { i in
      let s = logScale(i), t = Double(t[i])
      return Double(g[i / cols]) * slope(Double(x[i])) { density($0, t, s) }
    }
    expectClose(byX, exactX, relative: 5e-6, absolute: 2e-6, "dx", sourceLocation: sourceLocation)
    guard scale != nil else { return }
    let byScale = everywhere(sourceLocation: sourceLocation) { pool in
      gradient(logScale.count, sourceLocation: sourceLocation) {
        kernel(pool, x, t, logScale, g, noGradient, $0)
      }
    }
    var exact = [Double](repeating: 0, count: logScale.count), size = 0.0
    for i in x.indices {
      let (x, t) = (Double(x[i]), Double(t[i]))
      let term = Double(g[i / cols]) * slope(logScale(i)) { density(x, t, $0) }
      exact[logScale.count == 1 ? 0 : i] += term
      size += abs(term)
    }
    let absolute = logScale.count == 1 ? 1e-6 * size + 1e-6 : 5e-6
    expectClose(
      byScale, exact, relative: 5e-6, absolute: absolute, "dlogScale",
      sourceLocation: sourceLocation)
  }
}
