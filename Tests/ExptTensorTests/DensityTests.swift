import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@Suite("Functions around log Γ")
struct DensityTests {
  /// From 10⁻⁶ to 10⁶, and around the zeros.
  private static let grid: [Float] =
    (0...6000).map { Float(pow(10, Double($0) / 500 - 6)) }
    + (0..<400).flatMap { step -> [Float] in
      let offset = Float(step - 200)
      return [1 + offset * 0x1p-23, 2 + offset * 0x1p-22, 1.4616321 + offset * 1e-3]
    }

  private func values(_ function: @escaping (Tensor) -> Tensor) -> [Float] {
    forward([([Self.grid.count], Self.grid)]) { _, x in function(x[0]) }
  }

  /// In units in the last place of a float.
  private func error(_ seen: Float, _ expected: Double) -> Double {
    expected == 0
      ? (seen == 0 ? 0 : .infinity) : abs(Double(seen) - expected) / Double(Float(expected).ulp)
  }

  @Test func `log Γ is exact to two units in the last place, on every instruction set`() {
    withEachInstructionSet { instructionSet in
      let errors = zip(values { ExptTensor.lgamma($0) }, Self.grid).map {
        error($0, lgamma(Double($1)))
      }
      #expect((errors.max() ?? 9) < 2, "\(instructionSet)")
    }
  }

  /// ψ by its recurrence to 30 and beyond and three terms of its series from there, of Float64 numbers.
  private func expectedDigamma(_ x: Double) -> Double {
    var (z, sum) = (x, 0.0)
    while z < 30 {
      sum -= 1 / z
      z += 1
    }
    let w = 1 / (z * z)
    return sum + log(z) - 0.5 / z - w * (1.0 / 12 - w * (1.0 / 120 - w * (1.0 / 252 - w / 240)))
  }

  @Test func `digamma is exact to two units in the last place, on every instruction set`() {
    withEachInstructionSet { instructionSet in
      let errors = zip(values { digamma($0) }, Self.grid).map {
        error($0, expectedDigamma(Double($1)))
      }
      #expect((errors.max() ?? 9) < 2, "\(instructionSet)")
    }
  }

  @Test func `limits are those of the functions`() {
    let x: [Float] = [0, -1, .infinity, 1, 2]
    func at(_ function: @escaping (Tensor) -> Tensor) -> [Float] {
      forward([([x.count], x)]) { _, x in function(x[0]) }
    }
    let logGamma = at { ExptTensor.lgamma($0) }
    #expect(logGamma[0] == .infinity && logGamma[1].isNaN && logGamma[2] == .infinity)
    #expect(logGamma[3] == 0 && logGamma[4] == 0)
    let slope = at { digamma($0) }
    #expect(slope[0] == -.infinity && slope[1].isNaN && slope[2] == .infinity)
    let cosh = forward([([3], [-200, 1e-3, 200])]) { _, x in logCosh(x[0]) }
    #expect(cosh[0] == cosh[2] && abs(cosh[2] - 199.306853) < 1e-4)
    #expect(abs(Double(cosh[1]) - 4.99999916666694e-7) < 1e-13)
  }

  /// The trap of adding log Γ up in Float32: θ of a million, where the sum is Poisson's −2.05 or so.
  @Test func `a negative binomial of large θ does not lose what cancels`() {
    let (logMean, logDispersion, count): (Float, Float, Float) = (1.5, 13.815511, 6)
    let seen = forward([([1], [logMean]), ([1], [logDispersion]), ([1], [count])]) { _, x in
      negativeBinomialLogProbability(logMean: x[0], logDispersion: x[1], counts: x[2])
    }[0]
    let mean = exp(Double(logMean))
    let poisson = 6 * 1.5 - mean - log(720.0)
    #expect(abs(Double(seen) - poisson) < 1e-5 * abs(poisson), "\(seen) \(poisson)")
    let naive = forward([([1], [logDispersion])]) { _, x in
      let theta = exp(x[0])
      return ExptTensor.lgamma(theta + 6) - ExptTensor.lgamma(theta)
    }[0]
    #expect(abs(Double(naive) - 6 * Double(logDispersion)) > 0.1, "\(naive)")
  }

  @Test func `log Γ in Double is exact`() {
    for x in [1e-6, 0.05, 0.5, 1, 1.5, 2, 3.7, 9.99, 10, 50, 1e6] {
      let expected: Double = lgamma(x)
      let error = abs(RepeatableMath.logGamma(x) - expected)
      #expect(error < 2e-14 * max(1, abs(expected)), "\(x)")
    }
  }
}

@Suite("Poisson noise")
struct PoissonNoiseTests {
  private func draw(_ rates: [Float], seed: UInt64 = 3, threads: Int = 1) -> [Float] {
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    let noise = graph.poisson(graph.constant(rates, [rates.count]), stream: "counts")
    let plan = Plan(
      graph, outputs: [noise], store: ParameterStore(graph.parameters), arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: threads), seed: seed))
    plan.forward()
    return Array(plan.value(of: noise))
  }

  @Test(arguments: [0, 0.02, 0.7, 4, 9.9, 10, 25, 400, 1e5] as [Float])
  func `has the mean, the variance and the skewness of its distribution`(rate: Float) {
    let count = 60_000
    let drawn = draw(Array(repeating: rate, count: count)).map(Double.init)
    let isWhole = drawn.allSatisfy { $0 >= 0 && $0 == $0.rounded() }
    #expect(isWhole)
    let mean = drawn.reduce(0, +) / Double(count)
    let moments = (2...3).map { power in
      drawn.reduce(0) { $0 + pow($1 - mean, Double(power)) } / Double(count)
    }
    let (n, l) = (Double(count), Double(rate))
    #expect(abs(mean - l) <= 5 * (l / n).squareRoot(), "\(mean)")
    #expect(abs(moments[0] - l) <= 5 * ((l + 2 * l * l) / n).squareRoot(), "\(moments[0])")
    // The third central moment is l too; its error is of the order √(15 l³ / n).
    #expect(
      abs(moments[1] - l) <= 6 * ((15 * l * l * l + 25 * l * l + l) / n).squareRoot(),
      "\(moments[1])")
  }

  @Test(arguments: [3, 30] as [Float])
  func `has the probabilities of its distribution`(rate: Float) {
    let count = 60_000
    let drawn = draw(Array(repeating: rate, count: count))
    var counts: [Int: Double] = [:]
    for value in drawn { counts[Int(value), default: 0] += 1 }
    var (probability, distance, cells) = (exp(-Double(rate)), 0.0, 0.0)
    for k in 0..<90 {
      let expected = probability * Double(count)
      if expected > 20 {
        distance += pow((counts[k] ?? 0) - expected, 2) / expected
        cells += 1
      }
      probability *= Double(rate) / Double(k + 1)
    }
    // χ² of its cells, with five deviations.
    #expect(distance < cells + 5 * (2 * cells).squareRoot(), "\(distance) of \(cells) cells")
  }

  @Test func `is the same for any number of threads, on every instruction set`() {
    let rates = TestNumbers.uniform(5000, in: 0...40)
    let one = draw(rates)
    withEachInstructionSet { instructionSet in
      let isSame = draw(rates, threads: 3) == one
      #expect(isSame, "\(instructionSet)")
    }
    #expect(draw(rates, seed: 4) != one)
  }
}
