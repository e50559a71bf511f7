import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("Samplers with networks") struct NetworkSamplerTests {
  private func make(_ text: String) throws -> any Sampler { try builtins.make(.sampler, text) }

  private func reached(_ fitted: FittedArrays, _ unit: String) throws -> Double {
    try #require(fitted.reached.first { $0.unit == unit }?.value)
  }

  // MARK: Numbers

  /// μ + L·ε for μ = (1, −2) and L = ((2, 0), (1.5, 0.5)): covariance ((4, 3), (3, 2.5)).
  private func correlated(_ count: Int, seed: UInt64 = 11) -> [Float] {
    let noise = TestNumbers.normal(2 * count, seed: seed)
    return (0..<count).flatMap { row in
      let (first, second) = (noise[2 * row], noise[2 * row + 1])
      return [1 + 2 * first, -2 + 1.5 * first + 0.5 * second]
    }
  }

  private func moments(_ values: [Float]) -> [Double] {
    let count = Double(values.count / 2)
    func mean(_ number: (Double, Double) -> Double) -> Double {
      stride(from: 0, to: values.count, by: 2).reduce(0) {
        $0 + number(Double(values[$1]), Double(values[$1 + 1]))
      } / count
    }
    let (x, y) = (mean { a, _ in a }, mean { _, b in b })
    return [
      x, y, mean { a, _ in (a - x) * (a - x) }, mean { a, b in (a - x) * (b - y) },
      mean { _, b in (b - y) * (b - y) },
    ]
  }

  private static let loop = "epochs: 20, batch_size: 100, learning_rate: 0.01, held_out: 0.5"

  /// The entropy is ½ log det(2πe·Σ) = 1 + log 2π for det Σ = 1. Of 2000 images held out the mean of
  /// −log p is known to 0.022 nats; what networks this small leave is below 0.05.
  @Test(arguments: ["realnvp", "maf"])
  func `flows reach the entropy of a correlated Gaussian`(_ id: String) throws {
    let sampler = try make("{ type: \(id), depth: 2, hidden: [16], \(Self.loop) }")
    let data = try FittingData(correlated(4000), space: .vector(2))
    let fitted = try sampler.fit(data)
    let (seen, entropy) = (try reached(fitted, "nats a latent"), 1 + log(2 * Double.pi))
    #expect(abs(seen - entropy) < 0.1, "\(seen), \(entropy)")
    // Without the standardisation's log determinant it would be far away.
    let forgotten = try fitted.values("deviation", [2]).reduce(0) { $0 + log(Double($1)) }
    #expect(abs(seen - forgotten - entropy) > 1)
    let drawn = try sampler.draw(20_000, from: fitted, width: 2, seed: 1)
    for (a, b) in zip(moments(drawn), moments(data.values)) {
      #expect(abs(a - b) < 0.35, "\(a) \(b)")
    }
  }

  /// y = x²/2 + 0.3·ε, x ~ N(0, 4): the entropy is 1 + log 2π + log (2·0.3) = 2.33 nats. A Gaussian of
  /// the same moments (Var y = 8.09, no covariance) has 1 + log 2π + log (2·√8.09) = 4.58.
  @Test func `a masked autoregressive flow describes a banana, which a Gaussian cannot`() throws {
    let noise = TestNumbers.normal(8000, seed: 13)
    let banana = (0..<4000).flatMap { row -> [Float] in
      let x = 2 * noise[2 * row]
      return [x, x * x / 2 + 0.3 * noise[2 * row + 1]]
    }
    let sampler = try make("{ type: maf, depth: 3, hidden: [32], \(Self.loop) }")
    let fitted = try sampler.fit(FittingData(banana, space: .vector(2)))
    let seen = try reached(fitted, "nats a latent")
    #expect(seen < 2.9 && seen > 2.33 - 0.1, "\(seen)")
    // The distance from the parabola, against that of a Gaussian's draws.
    func distance(_ rows: [Float]) -> Float {
      stride(from: 0, to: rows.count, by: 2).reduce(0) {
        $0 + abs(rows[$1 + 1] - rows[$1] * rows[$1] / 2)
      } / Float(rows.count / 2)
    }
    let gaussian = try make("gaussian")
    let plain = try gaussian.draw(
      2000, from: gaussian.fit(FittingData(banana, space: .vector(2))), width: 2, seed: 2)
    let drawn = try sampler.draw(2000, from: fitted, width: 2, seed: 2)
    #expect(distance(drawn) < 0.6 && distance(plain) > 2, "\(distance(drawn)) \(distance(plain))")
  }

  @Test func `draws of a second stage have the moments of the latents`() throws {
    let sampler = try make("{ type: second_stage, hidden: [32], \(Self.loop) }")
    #expect(sampler.draws == 10)
    let draws = (0..<3).map { correlated(2000, seed: 20 + $0) }
    let fitted = try sampler.fit(FittingData(draws: draws, space: .vector(2)))
    let drawn = try sampler.draw(20_000, from: fitted, width: 2, seed: 1)
    for (a, b) in zip(moments(drawn), [1, -2, 4, 3, 2.5]) { #expect(abs(a - b) < 0.4, "\(a) \(b)") }
    // A bound: not below the entropy.
    let seen = try reached(fitted, "nats a latent")
    #expect(seen > 1 + log(2 * Double.pi) - 0.1 && seen < 3.5, "\(seen)")
    #expect(try sampler.fit(FittingData(draws[0], space: .vector(2))) != fitted)
  }

  // MARK: Codes

  private func oneHot(_ choices: [Int], _ size: Int) -> [Float] {
    choices.flatMap { choice in (0..<size).map { $0 == choice ? 1 : 0 } }
  }

  private func choices(_ rows: [Float], _ size: Int) -> [Int] {
    (0..<rows.count / size).map { place in
      (0..<size).first { rows[place * size + $0] == 1 } ?? -1
    }
  }

  private func entropy(_ shares: [Double]) -> Double { shares.reduce(0) { $0 - $1 * log($1) } }

  private static let codes = "epochs: 12, batch_size: 100, learning_rate: 0.01, held_out: 0.5"

  /// A network that sees the code it tells, or a later one, would be below the entropy.
  @Test func `independent codes cost the sum of their entropies`() throws {
    let shares = [[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3], [0.5, 0.25, 0.25]]
    let (places, count) = (shares.count, 4000)
    var random = RandomSequence(seed: 3, stream: 1)
    let codes = (0..<count * places).map { place -> Int in
      let (fraction, own) = (Double(random.fraction()), shares[place % places])
      return fraction < own[0] ? 0 : fraction < own[0] + own[1] ? 1 : 2
    }
    let sampler = try make("{ type: autoregressive, channels: 16, \(Self.codes) }")
    let fitted = try sampler.fit(
      FittingData(oneHot(codes, 3), space: .codes(count: places, size: 3)))
    let expected = shares.reduce(0) { $0 + entropy($1) }
    let variance = shares.reduce(0) { sum, own in
      sum + own.reduce(0) { $0 + $1 * log($1) * log($1) } - entropy(own) * entropy(own)
    }
    // Of 2000 images, and what 200 weights learn of 2000 more by chance.
    let (nats, error) = (
      try reached(fitted, "nats a code") * Double(places), (variance / 2000).squareRoot()
    )
    #expect(
      nats > expected - 4 * error && nats < expected + 4 * error + 0.05, "\(nats) \(expected)")
    #expect(abs(try reached(fitted, "bits an image") - nats / log(2)) < 1e-9)
    let drawn = choices(
      try sampler.draw(4000, from: fitted, width: 12, seed: 5), 3)
    for place in 0..<places {
      for choice in 0..<3 {
        let seen = (0..<4000).count { drawn[$0 * places + place] == choice }
        #expect(abs(Double(seen) / 4000 - shares[place][choice]) < 0.06)
      }
    }
  }

  /// A chain that stays with probability 0.9, else moves on by one of 4: the first code costs log 4, each
  /// other one 0.325 nats. The first code comes back at the last place, which costs nothing.
  @Test func `codes that depend on each other cost less, however far apart`() throws {
    let (places, size, count) = (10, 4, 3000)
    var random = RandomSequence(seed: 4, stream: 1)
    let codes = (0..<count).flatMap { _ -> [Int] in
      var row = [random.below(size)]
      while row.count < places - 1 {
        row.append(random.fraction() < 0.9 ? row[row.count - 1] : (row[row.count - 1] + 1) % size)
      }
      return row + [row[0]]
    }
    let sampler = try make("{ type: autoregressive, channels: 32, \(Self.codes) }")
    let fitted = try sampler.fit(
      FittingData(oneHot(codes, size), space: .codes(count: places, size: size)))
    let expected = log(4.0) + 8 * entropy([0.9, 0.1])
    let nats = try reached(fitted, "nats a code") * Double(places)
    #expect(nats > expected - 0.15 && nats < expected + 0.5, "\(nats) \(expected)")
    let drawn = choices(
      try sampler.draw(1000, from: fitted, width: places * size, seed: 5), size)
    let back = (0..<1000).count { drawn[$0 * places] == drawn[$0 * places + places - 1] }
    #expect(back > 900, "\(back)")
    // Two layers see 4 codes back, and not the first.
    let near = try make("{ type: autoregressive, channels: 32, layers: 2, \(Self.codes) }").fit(
      FittingData(oneHot(codes, size), space: .codes(count: places, size: size)))
    #expect(try reached(near, "nats a code") * Double(places) > expected + 0.4)
  }

  @Test func `what cannot be fitted or drawn is said`() throws {
    func problem(_ text: String, _ space: LatentSpace, _ count: Int = 20) throws -> String? {
      let sampler = try make(text)
      do throws(SamplerProblem) {
        _ = try sampler.fit(
          FittingData(TestNumbers.normal(count * space.width, seed: 2), space: space))
        return nil
      } catch { return error.message }
    }
    #expect(
      try problem("autoregressive", .vector(3))
        == "an autoregressive sampler needs latents that are codes, and these are 3 numbers; realnvp "
        + "and maf take numbers")
    #expect(
      try problem("realnvp", .codes(count: 3, size: 4))
        == "a flow needs latents that are real numbers, and these are 3 choices among 4")
    #expect(
      try problem("second_stage", .sphere(3))?.contains("needs latents that are real") == true)
    #expect(try problem("maf", .vector(3), 1)?.contains("at least 2 images") == true)
    #expect(try problem("{ type: realnvp, epochs: 2 }", .map([1, 2, 2])) == nil)
    #expect(try problem("{ type: realnvp, epochs: 2, held_out: 0 }", .vector(1)) == nil)
    let sampler = try make("{ type: autoregressive, epochs: 1 }")
    let codes = oneHot((0..<60).map { $0 % 4 }, 4)
    let fitted = try sampler.fit(FittingData(codes, space: .codes(count: 3, size: 4)))
    #expect(throws: SamplerProblem("the fitted 'space' is not that of 16 numbers")) {
      try sampler.draw(1, from: fitted, width: 16, seed: 0)
    }
  }
}
