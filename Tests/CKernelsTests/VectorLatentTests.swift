import CKernels
import Foundation
import Testing

@Suite("Gaussian latents")
struct VectorLatentTests {
  @Test(arguments: oddLengths + [5000])
  func `the KL to a standard normal, and its gradient`(n: Int) {
    let mean = numbers(n, 2), v = numbers(n, 3, seed: 2), g = numbers(n, seed: 3)
    func kl(_ m: Double, _ v: Double) -> Double { 0.5 * (exp(v) + m * m - 1 - v) }
    let seen = everywhere { pool in filled(n) { ck_gaussian_kl(pool, n, mean, v, $0) } }
    expectClose(
      seen, zip(mean, v).map { kl(Double($0), Double($1)) }, relative: 1e-6, absolute: 1e-9)
    #expect(seen.allSatisfy { $0 >= 0 })
    let byMean = everywhere { pool in
      gradient(n) { ck_gaussian_kl_backward(pool, n, mean, v, g, $0, noGradient) }
    }
    expectClose(byMean, (0..<n).map { Double(g[$0]) * Double(mean[$0]) })
    let byVariance = everywhere { pool in
      gradient(n) { ck_gaussian_kl_backward(pool, n, mean, v, g, noGradient, $0) }
    }
    let exact = (0..<n).map { i in Double(g[i]) * slope(Double(v[i])) { kl(Double(mean[i]), $0) } }
    expectClose(byVariance, exact)
  }

  @Test func `the KL is precise where it is small`() {
    let mean: [Float] = [0, 1e-4, 0, 0, 0], v: [Float] = [0, 0, 1e-3, -1e-5, 0.1]
    let seen = filled(5) { ck_gaussian_kl(nil, 5, mean, v, $0) }
    let exact = zip(mean, v).map { m, v in
      let v = Double(v), series = v * v / 2 * (1 + v / 3 * (1 + v / 4 * (1 + v / 5 * (1 + v / 6))))
      return 0.5 * (Double(m) * Double(m) + series)
    }
    expectClose(seen, exact, relative: 3e-7, absolute: 0)
  }

  @Test(arguments: oddLengths + [5000])
  func `a sample is mean plus deviation times noise`(n: Int) {
    let mean = numbers(n, 2), v = numbers(n, 3, seed: 2), noise = numbers(n, 2, seed: 3)
    let dz = numbers(n, seed: 4)
    let z = everywhere { pool in filled(n) { ck_reparameterize(pool, n, mean, v, noise, $0) } }
    let exact = (0..<n).map { i -> Double in
      Double(mean[i]) + exp(0.5 * Double(v[i])) * Double(noise[i])
    }
    expectClose(z, exact)
    let byMean = everywhere { pool in
      gradient(n) { ck_reparameterize_backward(pool, n, v, noise, dz, $0, noGradient) }
    }
    #expect(byMean == dz)
    let byVariance = everywhere { pool in
      gradient(n) { ck_reparameterize_backward(pool, n, v, noise, dz, noGradient, $0) }
    }
    let slopes = (0..<n).map { i in
      Double(dz[i]) * slope(Double(v[i])) { exp(0.5 * $0) * Double(noise[i]) }
    }
    expectClose(byVariance, slopes)
  }

  @Test(arguments: [(1, 1), (3, 17), (100, 50), (2, 1500)])
  func `log density of a Gaussian, and its gradients`(rows: Int, cols: Int) {
    let n = rows * cols
    let z = numbers(n, 2), mean = numbers(n, seed: 2), v = numbers(n, 2, seed: 3)
    let g = numbers(rows, seed: 4)
    func density(_ z: Double, _ m: Double, _ v: Double) -> Double {
      -0.5 * (v + (z - m) * (z - m) / exp(v) + log(2 * Double.pi))
    }
    let seen = everywhere { pool in
      filled(rows) { ck_gaussian_log_density(pool, rows, cols, z, mean, v, $0) }
    }
    let exact = (0..<rows).map { row in
      (row * cols..<(row + 1) * cols).reduce(0.0) {
        $0 + density(Double(z[$1]), Double(mean[$1]), Double(v[$1]))
      }
    }
    expectClose(seen, exact, absolute: 1e-5)
    func backward(_ a: Int, _ pool: OpaquePointer?, _ to: ck_gradient) {
      let to = (0..<3).map { $0 == a ? to : noGradient }
      ck_gaussian_log_density_backward(pool, rows, cols, z, mean, v, g, to[0], to[1], to[2])
    }
    for which in 0..<3 {
      let seen = everywhere { pool in gradient(n) { backward(which, pool, $0) } }
      let exact = (0..<n).map { i in
        let at = [Double(z[i]), Double(mean[i]), Double(v[i])]
        return Double(g[i / cols])
          * slope(at[which]) { x in
            let p = at.indices.map { $0 == which ? x : at[$0] }
            return density(p[0], p[1], p[2])
          }
      }
      expectClose(seen, exact, relative: 2e-6, absolute: 2e-6)
    }
    let standard = everywhere { pool in
      filled(rows) { ck_gaussian_log_density(pool, rows, cols, z, nil, nil, $0) }
    }
    let exactStandard = (0..<rows).map { z.row($0, of: cols).reduce(0) { $0 + density($1, 0, 0) } }
    expectClose(standard, exactStandard, absolute: 1e-5)
    let pull = everywhere { pool in
      gradient(n) {
        ck_gaussian_log_density_backward(
          pool, rows, cols, z, nil, nil, g, $0, noGradient, noGradient)
      }
    }
    #expect(pull == (0..<n).map { -g[$0 / cols] * z[$0] })
  }
}
