import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

private func scope(_ graph: Graph) -> Scope {
  Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
}

/// What `record` makes of given numbers.
private func run(
  _ inputs: [(shape: Shape, values: [Float])], mode: Mode = .training, weights: [Float]? = nil,
  _ record: @escaping (Scope, [Tensor]) -> Tensor
) -> GraphRun {
  GraphRun(inputs, weights: weights, mode: mode) { graph, x in record(scope(graph), x) }
}

private func estimate(_ x: some Collection<Float>) -> (mean: Double, error: Double) {
  let count = Double(x.count)
  let mean = x.reduce(0) { $0 + Double($1) } / count
  let square = x.reduce(0) { $0 + pow(Double($1) - mean, 2) } / (count - 1)
  return (mean, (square / count).squareRoot())
}

@Suite("Latents on a sphere")
struct SphereTests {
  private let directions: [Float] = [0.6, 0, -0.8, 1, 0, 0]
  private let concentrations: [Float] = [3, 40]

  private func posterior(_ x: [Tensor]) -> VonMisesFisher {
    VonMisesFisher(direction: x[0], concentration: x[1])
  }

  private var inputs: [(shape: Shape, values: [Float])] {
    [([2, 3], directions), ([2], concentrations)]
  }

  @Test func `draws are of length 1, with mean A·μ`() {
    let count = 20_000
    let drawn = run(inputs) { scope, x in posterior(x).draw(count, batch: 2, in: scope).values }
      .output
    for first in stride(from: 0, to: drawn.count, by: 3) {
      let length = drawn[first..<first + 3].reduce(0) { $0 + $1 * $1 }
      if abs(length - 1) > 1e-5 { Issue.record("a draw of length² \(length)") }
    }
    for example in 0..<2 {
      let length = VonMisesFisherMath(dimensions: 3)
        .meanResultantLength(Double(concentrations[example]))
      for axis in 0..<3 {
        let (mean, error) = estimate((0..<count).map { drawn[(example * count + $0) * 3 + axis] })
        let expected = length * Double(directions[example * 3 + axis])
        #expect(abs(mean - expected) < 4.5 * error, "\(mean) ± \(error), not \(expected)")
      }
    }
    // The trap: the direction across, without the factor √(1 − w²), leaves the sphere.
    let wrong = run(inputs) { scope, x in
      let (mu, kappa) = (x[0], x[1])
      let w = 1 - scope.graph.vonMisesFisherCapHeight(kappa, dimensions: 3, stream: "w")
      let noise = scope.graph.normal(mu.shape, stream: "across")
      let across = noise - mu.scaledRows(by: (noise * mu).sumPerExample())
      return square(mu.scaledRows(by: w) + across.normalizedRows()).sumPerExample()
    }.output
    #expect(wrong.allSatisfy { abs($0 - 1) > 0.01 })
  }

  @Test func `densities: of own draws and others, in three dimensions κ e^κ(w−1) / 2π(1 − e^−2κ)`()
  {
    let values: [Float] = [0, 1, 0, 0.8, -0.6, 0]
    var all = inputs
    all.append(([2, 3], values))
    let seen = run(all) { _, x in
      posterior(x).logDensity(x[2]) ?? x[0]
    }.output
    for example in 0..<2 {
      let kappa = Double(concentrations[example])
      let w = (0..<3).reduce(0.0) {
        $0 + Double(directions[example * 3 + $1]) * Double(values[example * 3 + $1])
      }
      let expected = log(kappa / (2 * Double.pi * (1 - exp(-2 * kappa)))) + kappa * (w - 1)
      #expect(abs(Double(seen[example]) - expected) < 1e-5 * abs(expected))
    }
    let both = run(inputs) { scope, x in
      let q = posterior(x)
      let draw = q.draw(100, batch: 2, in: scope)
      return concatenateRows(
        draw.logDensity ?? x[1], q.logDensity(draw.values) ?? x[1])
    }.output
    for (own, other) in zip(both.prefix(200), both.suffix(200)) {
      #expect(abs(own - other) < 2e-4)
    }
  }

  /// The trap: a prior of density 1 in place of 1/area gives a KL that is off by log 4π.
  @Test func `the KL is the mean of log q − log p, to the uniform sphere`() {
    let prior = UniformSphere(3)
    let count = 20_000
    let exact = run(inputs) { _, x in posterior(x).divergence(from: prior)?.perDimension ?? x[0] }
    #expect(exact.outputShape == [2, 1])
    let ratios = run(inputs) { scope, x in
      let q = posterior(x)
      return q.monteCarloDivergence(q.draw(count, batch: 2, in: scope), from: prior) ?? x[1]
    }.output
    for example in 0..<2 {
      let kappa = Double(concentrations[example])
      let logSinh = kappa + log((1 - exp(-2 * kappa)) / 2)
      let closed = kappa / tanh(kappa) - 1 + log(kappa) - logSinh
      #expect(abs(Double(exact.output[example]) - closed) < 1e-5 * closed)
      let (mean, error) = estimate(ratios[example * count..<(example + 1) * count])
      #expect(abs(mean - closed) < 4 * error)
      #expect(abs(mean - log(4 * Double.pi) - closed) > 100 * error)
    }
  }

  @Test func `prior draws are uniform, and of its density`() {
    let drawn = run([]) { scope, _ in
      UniformSphere(4).draw(1, batch: 20_000, in: scope).values
    }.output
    for axis in 0..<4 {
      let (mean, error) = estimate((0..<20_000).map { drawn[$0 * 4 + axis] })
      #expect(abs(mean) < 4 * error)
      let (square, spread) = estimate((0..<20_000).map { pow(drawn[$0 * 4 + axis], 2) })
      #expect(abs(square - 0.25) < 4 * spread)
    }
    let density = run([([1, 4], [1, 0, 0, 0])]) { _, x in
      UniformSphere(4).logDensity(x[0]) ?? x[0]
    }.output
    #expect(abs(Double(density[0]) + log(2 * Double.pi * Double.pi)) < 1e-6)
  }

  @Test func `gradients through draws, densities and the KL agree with differences`() {
    for part in 0..<4 {
      let result = GradientCheck([.normal([4, 6]), .uniform([4], 0.5...8), .normal([8, 6])]) {
        graph, x in
        let q = VonMisesFisher(direction: x[0].normalizedRows(), concentration: x[1])
        let draw = q.draw(2, batch: 4, in: scope(graph))
        switch part {
        case 0: return draw.values
        case 1: return draw.logDensity ?? x[1]
        case 2: return q.logDensity(x[2].normalizedRows()) ?? x[1]
        default: return q.divergence(from: UniformSphere(6))?.perExample ?? x[1]
        }
      }
      #expect(result.gradient != 0 && result.relativeError < 5e-3, "part \(part): \(result)")
    }
  }
}

@Suite("Relaxed choices and switches")
struct RelaxedTests {
  private let logits: [Float] = [0, 1, -1, 2, 0, 0.5]

  private func choices(_ x: Tensor, hard: Bool = false, tau: Float = 0.7) -> Choices {
    Choices(
      logits: x, count: 1, size: 3, temperature: x.graph.constant(tau), isHard: hard)
  }

  private func switches(_ x: Tensor, hard: Bool = false) -> Switches {
    Switches(logits: x, temperature: x.graph.constant(0.7), isHard: hard)
  }

  /// E over q of p/q is 1 for densities of one space; and of probabilities of soft draws it is not.
  @Test func `soft draws are weighed by densities: weights have mean 1`() {
    let count = 100_000
    for uniform in [true, false] {
      let ratios = run([([2, 3], logits), ([2, 3], [0.3, 0, 0, -0.2, 0, 0.4])]) { scope, x in
        let q = choices(x[0])
        let prior: any Distribution =
          uniform ? UniformChoices(count: 1, size: 3) : choices(x[1])
        let draw = q.draw(count, batch: 2, in: scope)
        return exp(-(q.monteCarloDivergence(draw, from: prior) ?? x[0]))
      }.output
      for example in 0..<2 {
        let (mean, error) = estimate(ratios[example * count..<(example + 1) * count])
        #expect(abs(mean - 1) < 5 * error && error < 0.05, "\(mean) ± \(error)")
      }
    }
    let bits = run([([2, 3], logits)]) { scope, x in
      let q = switches(x[0])
      let draw = q.draw(count, batch: 2, in: scope)
      return exp(-(q.monteCarloDivergence(draw, from: FairSwitches(3)) ?? x[0]))
    }.output
    let (mean, error) = estimate(bits)
    #expect(abs(mean - 1) < 5 * error && error < 0.05, "\(mean) ± \(error)")
    // The trap: probabilities of choices at soft values, as if they were densities.
    let wrong = run([([2, 3], logits)]) { scope, x in
      let q = choices(x[0])
      let values = q.draw(count, batch: 2, in: scope).values
      let prior = UniformChoices(count: 1, size: 3)
      let ratio = (prior.logDensity(values) ?? x[0]) - (q.logDensity(values) ?? x[0])
      return exp(ratio)
    }.output
    let off = estimate(wrong)
    #expect(abs(off.mean - 1) > 20 * off.error, "\(off)")
  }

  @Test func `a soft draw has no density of its own, a hard one and one of evaluation have`() {
    for (mode, hard) in [(Mode.training, false), (.training, true), (.evaluation, false)] {
      _ = run([([2, 3], logits)], mode: mode) { scope, x in
        let soft = mode == .training && !hard
        let draw = choices(x[0], hard: hard).draw(1, batch: 2, in: scope)
        #expect((draw.logDensity == nil) == soft)
        let bits = switches(x[0], hard: hard).draw(1, batch: 2, in: scope)
        #expect((bits.logDensity == nil) == soft)
        return draw.values
      }
    }
  }

  /// The trap: (hard − soft) + stop(soft) has the values of neither; hard + stop(soft − hard) shows soft ones,
  /// and has no gradient.
  @Test func `hard draws are exactly 0 or 1, with the soft ones' gradient`() {
    let weights = TestNumbers.normal(12, seed: 3)
    func both(_ build: @escaping (Scope, Tensor) -> Tensor) -> GraphRun {
      run([([2, 3], logits)], weights: weights) { scope, x in build(scope, x[0]) }
    }
    let soft = both { scope, x in
      concatenate(
        choices(x).draw(1, batch: 2, in: scope).values,
        switches(x).draw(1, batch: 2, in: scope).values)
    }
    let hard = both { scope, x in
      concatenate(
        choices(x, hard: true).draw(1, batch: 2, in: scope).values,
        switches(x, hard: true).draw(1, batch: 2, in: scope).values)
    }
    #expect(hard.output.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(hard.inputGradients == soft.inputGradients)
    #expect(hard.inputGradients[0].allSatisfy { $0 != 0 })
    let wrong = run([([2, 3], logits)]) { scope, x in
      let soft = choices(x[0]).draw(1, batch: 2, in: scope).values
      let hard = choices(x[0], hard: true).draw(1, batch: 2, in: scope).values.stopGradient()
      return hard + (soft - hard).stopGradient()
    }
    #expect(!wrong.output.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(wrong.inputGradients[0].allSatisfy { $0 == 0 })
  }

  /// The trap: noise of the wrong sign, or of a normal, draws other choices.
  @Test func `only Gumbel noise draws choices by their probabilities`() {
    let count = 20_000
    func share(_ noise: @escaping (Graph, Shape) -> Tensor) -> Double {
      let drawn = run([([1, 3], [0, 1, -1])]) { scope, x in
        (x[0].repeatedExamples(count) + noise(scope.graph, [count, 3])).argMaxPerExample()
      }.output
      return Double(drawn.count { $0 == 1 }) / Double(count)
    }
    let expected = exp(1.0) / (1 + exp(1) + exp(-1))
    let error = (expected * (1 - expected) / Double(count)).squareRoot()
    #expect(abs(share { $0.gumbel($1, stream: "choice") } - expected) < 4 * error)
    #expect(abs(share { -$0.gumbel($1, stream: "choice") } - expected) > 8 * error)
    #expect(abs(share { $0.normal($1, stream: "choice") } - expected) > 8 * error)
  }
}

@Suite("Groups of latents")
struct GroupedTests {
  private func groups(_ x: [Tensor]) -> GroupedDistribution {
    GroupedDistribution([
      .init("style", DiagonalGaussian(mean: x[0], logVariance: x[1])),
      .init(
        "digit",
        Choices(logits: x[2], count: 1, size: 3, temperature: x[0].graph.constant(0.7))),
      .init(
        "place", VonMisesFisher(direction: x[3].normalizedRows(), concentration: exp(x[4]))),
      .init("other", DiagonalGaussian(mean: x[0], logVariance: x[1])),
    ])
  }

  private var inputs: [(shape: Shape, values: [Float])] {
    let shapes: [Shape] = [[2, 2], [2, 2], [2, 3], [2, 3], [2]]
    return shapes.enumerated().map { index, shape in
      (shape, TestNumbers.normal(shape.count, seed: UInt64(index + 1)))
    }
  }

  @Test func `densities and KLs are the sums of the parts', exactly`() {
    let rows = run(inputs, mode: .evaluation) { scope, x in
      let q = groups(x)
      let prior = q.space.plainPrior as? GroupedDistribution
      let draw = q.draw(3, batch: 2, in: scope)
      let places = q.space.placedGroups
      let own = zip(q.parts, places).map { part, place in
        part.distribution.logDensity(draw.values.columns(place.numbers)) ?? x[4]
      }
      let closed = zip(q.parts, prior?.parts ?? []).map { part, other in
        part.distribution.divergence(from: other.distribution)?.perDimension ?? x[0]
      }
      #expect(closed.count == 4)
      let total = prior.flatMap { q.divergence(from: $0)?.perDimension } ?? x[0]
      let split = closed.dropFirst().reduce(closed[0]) { concatenate($0, $1) }
      return concatenateRows(
        q.logDensity(draw.values) ?? x[4], own.dropFirst().reduce(own[0]) { $0 + $1 },
        total.reshaped([12]), split.reshaped([12]))
    }.output
    #expect(Array(rows[0..<6]) == Array(rows[6..<12]))
    #expect(Array(rows[12..<24]) == Array(rows[24..<36]))
    #expect(Set(rows).count > 12)
  }

  @Test func `in training a bound compares each part as it must be`() {
    let count = 50_000
    let weights = run(inputs) { scope, x in
      let q = groups(x)
      let draw = q.draw(count, batch: 2, in: scope)
      #expect(draw.logDensity == nil)
      return exp(-(q.monteCarloDivergence(draw, from: q.space.plainPrior) ?? x[4]))
    }.output
    let (mean, error) = estimate(weights.prefix(count))
    #expect(abs(mean - 1) < 5 * error, "\(mean) ± \(error)")
  }

  @Test func `parts of one kind have noise of their own`() {
    let run = run(inputs) { scope, x in groups(x).draw(1, batch: 2, in: scope).values }
    #expect(run.outputShape == [2, 10])
    #expect(run.output[0] != run.output[8] && run.output[1] != run.output[9])
    let prior = GraphRun([]) { graph, _ in
      LatentSpace.groups([LatentGroup("a", .vector(2)), LatentGroup("b", .vector(2))])
        .plainPrior.draw(1, batch: 1, in: scope(graph)).values
    }.output
    #expect(prior[0] != prior[2])
  }

  @Test func `groups of numbers have a KL to N(0, I), and names before their parameters`() {
    _ = run(inputs) { _, x in
      let gaussians = GroupedDistribution([
        .init("a", DiagonalGaussian(mean: x[0], logVariance: x[1])),
        .init("b", DiagonalGaussian(mean: x[0], logVariance: x[1])),
      ])
      let kl = gaussians.divergence(from: StandardNormal(gaussians.space))
      #expect(kl?.perDimension?.shape == [2, 4])
      #expect(gaussians.parameters.map(\.name) == ["a_log_variance", "b_log_variance"])
      #expect(groups(x).divergence(from: StandardNormal(groups(x).space)) == nil)
      #expect(groups(x).expectation?.shape == [2, 10])
      return x[0]
    }
  }
}
