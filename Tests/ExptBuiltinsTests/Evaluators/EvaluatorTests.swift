import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@Suite("Evaluators") struct EvaluatorTests {
  private let count = 600

  /// Two factors of 4 and 5 values, independent of each other, each combination equally often.
  private var factors: [(name: String, values: [Float])] {
    [
      ("shape", (0..<count).map { Float($0 % 4) }),
      ("size", (0..<count).map { 0.5 + Float($0 / 4 % 5) / 10 }),
    ]
  }

  private func mig(
    _ codes: [[Float]], _ factors: [(name: String, values: [Float])], _ text: String = "mig"
  ) throws -> Score {
    let rows = (0..<codes[0].count).flatMap { row in codes.map { $0[row] } }
    return try builtins.make(.evaluator, text).score(
      of: KnownSubject(
        codes: rows, width: codes.count, annotations: Annotations(factors: factors)))
  }

  @Test func `codes that are the factors have a gap of 1, in any order and scale`() throws {
    let values = factors.map(\.values)
    for codes in [
      values, [values[1].map { 7 - 30 * $0 }, values[0]],
      values + [[Float](repeating: 3, count: count)],
    ] {
      let score = try mig(codes, factors)
      #expect(score.numbers.map(\.name) == ["mig", "mig_shape", "mig_size"])
      #expect(score.numbers.allSatisfy { abs($0.value - 1) < 1e-12 }, "\(score)")
    }
  }

  @Test func `a factor that two latents tell, or none, has a gap of 0`() throws {
    let values = factors.map(\.values)
    let both = try mig([values[0], values[0], values[1], values[1]], factors)
    #expect(both.numbers.allSatisfy { abs($0.value) < 1e-12 }, "\(both)")
    // Independent codes tell nothing but by chance: (20 − 1)·(5 − 1) / 2n nats are expected.
    let noise = TestNumbers.normal(3 * count, seed: 3)
    let codes = (0..<3).map { Array(noise[$0 * count..<($0 + 1) * count]) }
    let chance = try mig(codes, factors)
    #expect(chance.numbers.allSatisfy { (0..<0.03).contains($0.value) }, "\(chance)")
  }

  @Test func `a single latent is compared with nothing, and a constant factor left out`() throws {
    let constant = (name: "constant", values: [Float](repeating: 2, count: count))
    let score = try mig([factors[0].values], [factors[0], constant])
    #expect(score.numbers.map(\.name) == ["mig", "mig_shape"])
    #expect(abs(score.numbers[0].value - 1) < 1e-12)
    #expect(throws: EvaluationProblem("no factor takes more than one value in these images")) {
      try mig([factors[0].values], [constant])
    }
  }

  @Test func `a continuous factor is cut into bins, and labels stand for factors`() throws {
    let position = TestNumbers.uniform(count, in: 0...1, seed: 4)
    let exact = try mig([position], [("x", position)], "{ type: mig, bins: 30, factor_bins: 30 }")
    #expect(abs(exact.numbers[0].value - 1) < 1e-12)
    let coarse = try mig([position], [("x", position)], "{ type: mig, bins: 15, factor_bins: 30 }")
    #expect((0.75..<0.85).contains(coarse.numbers[0].value), "\(coarse)")
    let labels = (0..<count).map { Int32($0 % 7) }
    let labelled = try MIG().score(
      of: KnownSubject(
        codes: labels.map(Float.init), width: 1, annotations: Annotations(labels: labels)))
    #expect(labelled.numbers.map(\.name) == ["mig", "mig_label"])
    #expect(abs(labelled.numbers[0].value - 1) < 1e-12)
  }

  @Test(.needs(.numPy))
  func `the gap is that of a program in NumPy`() throws {
    let noise = TestNumbers.normal(4 * count, seed: 5)
    let values = factors.map(\.values)
    let codes = (0..<4).map { latent in
      (0..<count).map { row in
        let own = noise[latent * count + row]
        return [values[0][row] + own, 20 * values[1][row] + own, values[0][row] - 2 * own, own][
          latent]
      }
    }
    let folder = TemporaryFolder()
    func write(_ columns: [[Float]], _ name: String) throws -> String {
      let rows = (0..<count).flatMap { row in columns.map { $0[row] } }
      try NPYArray(shape: [count, columns.count], floats: rows).write(to: folder.file(name))
      return folder.file(name)
    }
    let printed = try Python.run(
      file: packageFolder + "/Tests/Python/mig.py",
      [write(codes, "codes.npy"), write(values, "factors.npy")])
    let expected = printed.split(separator: "\n").compactMap { Double($0) }
    let score = try mig(codes, factors)
    try #require(expected.count == 2)
    for (number, value) in zip(score.numbers.dropFirst(), expected) {
      #expect(abs(number.value - value) < 1e-10, "\(number) \(value)")
    }
    #expect(expected[0] > 0.05 && expected[1] > 0.3, "\(expected)")
    #expect(abs(score.numbers[0].value - (expected[0] + expected[1]) / 2) < 1e-10)
  }

  @Test func `units are counted by variance and by KL`() throws {
    var subject = KnownSubject(
      codes: [1, 0, 0.1, -1, 0, -0.1], width: 3, annotations: Annotations(),
      kl: [0.5, 0, 0.02, 0.5, 0, 0])
    // Variances 2, 0 and 0.02; KL 0.5, 0 and 0.01.
    let units = try ActiveUnits().score(of: subject)
    #expect(units.numbers.map(\.value) == [2, 1])
    let strict = try builtins.make(.evaluator, "{ type: active_units, variance: 0.05, kl: 0.005 }")
    #expect(try strict.score(of: subject).numbers.map(\.value) == [1, 2])
    subject.kl = nil
    #expect(try ActiveUnits().score(of: subject).numbers.map(\.name) == ["active_units"])
  }

  @Test func `a model that has diverged is not measured`() {
    let labels = (0..<8).map { Int32($0 % 2) }
    let subject = KnownSubject(
      codes: [1, 2, 3, .nan, 5, 6, 7, 8], width: 1, annotations: Annotations(labels: labels))
    for evaluator in [MIG(), ActiveUnits(), LinearProbe(), SAP()] as [any Evaluator] {
      #expect(
        throws: EvaluationProblem(
          "the latents of image 3 are not finite numbers: the model has diverged")
      ) { try evaluator.score(of: subject) }
    }
  }

  @Test func `what is missing is said`() {
    func problem(_ evaluator: any Evaluator, _ subject: KnownSubject) -> String? {
      do {
        _ = try evaluator.score(of: subject)
        return nil
      } catch { return error.message }
    }
    var subject = KnownSubject(codes: [1, 2], width: 1, annotations: Annotations())
    #expect(
      problem(MIG(), subject) == "'mig' needs factors or labels, and these images have none")
    #expect(
      problem(ELBO(), subject)
        == "the posterior or the prior has no density, and so there is no ELBO")
    subject.isGenerative = false
    #expect(
      problem(ELBO(), subject)
        == "'elbo' needs a prior, and the model is an autoencoder without one")
    subject.space = .codes(count: 1, size: 1)
    #expect(problem(ActiveUnits(), subject)?.contains("1 choice among 1") == true)
  }
}
