import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

private let image: Shape = [1, 4, 4]
private let images = TestNumbers.uniform(6 * image.count, in: 0...1, seed: 21)

private func probe(
  _ settings: String, images: [Float] = images, image: Shape = image, count: Int? = 40,
  scale: Float = 2, position: UInt64 = 0, prepare: (ParameterStore) -> Void = { _ in }
) throws -> ObjectiveProbe {
  try ObjectiveProbe(
    builtins.make(.model, "{\(settings)}"), images: images, image: image, trainingCount: count,
    scale: scale, position: position, prepare: prepare)
}

@Suite("β-TCVAE")
struct BetaTCVAETests {
  @Test(arguments: ["mss", "mws"])
  func `the three terms add up to the Monte-Carlo KL`(_ estimator: String) throws {
    let vae = try probe("type: vae, kl: monte_carlo, \(small)")
    let tc = try probe("type: beta_tcvae, estimator: \(estimator), beta: 1, \(small)")
    #expect(abs(tc["mi"] + tc["tc"] + tc["dwkl"] - vae["kl"]) < 1e-5 * abs(vae["kl"]))
    #expect(abs(tc["total"] - vae["total"]) < 1e-6 * vae["total"])
    for (name, gradient) in vae.gradients {
      #expect(largestError(tc.gradients[name] ?? [], gradient.map(Double.init)) < 1e-4, "\(name)")
    }
  }

  @Test func `each term has its weight, and the number of training images matters`() throws {
    let plain = try probe("type: beta_tcvae, beta: 1, \(small)")
    for (setting, term) in [("alpha", "mi"), ("beta", "tc"), ("gamma", "dwkl")] {
      let weighted = try probe(
        "type: beta_tcvae, \(setting == "beta" ? "" : "beta: 1, ")\(setting): 3, \(small)")
      let expected = plain["total"] + 2 * plain[term]
      #expect(abs(weighted["total"] - expected) < 1e-5 * abs(expected))
    }
    let fewer = try probe("type: beta_tcvae, beta: 1, \(small)", count: 7)
    #expect(abs(fewer["tc"] - plain["tc"]) > 1e-5)
  }

  @Test func `a batch of one image has no mutual information to tell`() throws {
    let one = try probe("type: beta_tcvae, \(small)", images: Array(images[..<16]))
    #expect(abs(one["mi"]) < 1e-5 && abs(one["tc"]) < 1e-5)
  }
}

@Suite("FactorVAE")
struct FactorVAETests {
  private static let count = 20_000
  private static let rho = 0.8

  /// The discriminator's gradient with the best logit there is, and its estimate of the total
  /// correlation, on draws of a Gaussian.
  private func judge(
    wholeRows: Bool = false, sign: Double = 1
  ) throws -> (correlation: Double, gradient: [Float]) {
    let noise = TestNumbers.normal(2 * Self.count, seed: 5).map(Double.init)
    let rho = Self.rho
    let rows = (0..<Self.count).flatMap { row -> [Float] in
      let (a, b) = (noise[2 * row], noise[2 * row + 1])
      return [Float(a), Float(rho * a + (1 - rho * rho).squareRoot() * b)]
    }
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let z = graph.constant(rows, [Self.count, 2])
    let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
    // With these, logistic regression has the best logit:
    // log q(z)/Πq(zⱼ) = −½ log(1 − ρ²) − (ρ²(a² + b²) − 2ρ·a·b) / (2(1 − ρ²))
    func features(_ z: Tensor) -> Tensor {
      concatenate(square(z), z.columns(0..<1) * z.columns(1..<2))
    }
    let model = try builtins.make(.model, "{type: factor_vae, discriminator: {hidden: []}}")
    let settings = try #require((model as? FactorVAE)?.discriminator)
    let judge = Judge(settings, "discriminator", in: scope)
    let half = Self.count / 2
    let others = z.rows(half..<Self.count)
    let permuted = wholeRows ? others : others.permutedColumns(stream: "permutation")
    let correlation = try judge.frozen(features(z)).mean()
    let loss = try judge.loss(real: features(z.rows(0..<half)), fake: features(permuted)).value
    let store = ParameterStore(graph.parameters)
    let scale = sign / (2 * (1 - rho * rho))
    for (index, value) in [-rho * rho * scale, -rho * rho * scale, 2 * rho * scale].enumerated() {
      store["discriminator.0.weight"]?.values[index] = Float(value)
    }
    store["discriminator.0.bias"]?.values[0] = Float(-0.5 * sign * log(1 - rho * rho))
    let plan = Plan(
      graph, loss: loss, outputs: [correlation], store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
    plan.forward()
    plan.backward()
    let gradient = store.specs.flatMap { spec in
      store.gradient(of: spec.name).map { [Float]($0.values) } ?? []
    }
    return (Double(plan.value(of: correlation)[0]), gradient)
  }

  @Test func `the best density ratio gives the total correlation, and the judge stays there`()
    throws
  {
    let expected = -0.5 * log(1 - Self.rho * Self.rho)
    let best = try judge()
    #expect(abs(best.correlation - expected) < 0.03, "\(best.correlation), not \(expected)")
    let slope = try #require(best.gradient.map(abs).max())
    #expect(slope < 0.02, "\(slope)")
    // The judge would move with the two sides exchanged, or if dimensions went together.
    #expect(try judge(sign: -1).gradient.map(abs).max() ?? 0 > 0.2)
    #expect(try judge(wholeRows: true).gradient.map(abs).max() ?? 0 > 0.05)
  }

  @Test func `the total correlation is weighed, and of one image there is one`() throws {
    let settings = "type: factor_vae, discriminator: {hidden: [8]}, \(small)"
    let (none, some) = (try probe("gamma: 0, " + settings), try probe("gamma: 9, " + settings))
    #expect(abs(some["total"] - none["total"] - 9 * none["tc"]) < 1e-5 * none["total"])
    #expect(try probe(settings, images: Array(images[..<16]))["total"].isFinite)
  }
}

@Suite("DIP-VAE")
struct DIPVAETests {
  /// The posterior's mean is the image, its variance e⁻².
  private func dip(_ form: String, _ points: [Float]) throws -> ObjectiveProbe {
    try probe(
      """
      type: dip_vae, form: \(form), latent: 2, likelihood: {type: gaussian, scale: 1},
      encoder: {type: mlp, hidden: []}
      """, images: points, image: [1, 1, 2]
    ) { store in
      let weights: [Float] = [1, 0, 0, 1, 0, 0, 0, 0]
      for (index, value) in weights.enumerated() {
        store["latent.weight"]?.values[index] = value
      }
      for (index, value) in [0, 0, -2, -2].enumerated() {
        store["latent.bias"]?.values[index] = Float(value)
      }
    }
  }

  private func covariance(_ points: [Float], overLatents: Bool = false) -> [[Double]] {
    let rows = stride(from: 0, to: points.count, by: 2).map { [points[$0], points[$0 + 1]] }
    let columns =
      overLatents
      ? rows.map { $0.map(Double.init) } : (0..<2).map { k in rows.map { Double($0[k]) } }
    let centred = columns.map { column in
      let mean = column.reduce(0, +) / Double(column.count)
      return column.map { $0 - mean }
    }
    return centred.map { a in
      centred.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(a.count) }
    }
  }

  private func penalties(_ c: [[Double]], plus variance: Double = 0) -> (off: Double, on: Double) {
    var (off, on) = (0.0, 0.0)
    for i in c.indices {
      for j in c.indices where i != j { off += c[i][j] * c[i][j] }
      on += pow(c[i][i] + variance - 1, 2)
    }
    return (off, on)
  }

  @Test func `latents of covariance 1 cost nothing`() throws {
    let seen = try dip("i", [1, 1, 1, -1, -1, 1, -1, -1])
    #expect(abs(seen["covariances"]) < 1e-10 && abs(seen["variances"]) < 1e-10)
    let share = Float((1 - exp(-2.0)).squareRoot())
    let others = try dip("ii", [1, 1, 1, -1, -1, 1, -1, -1].map { $0 * share })
    #expect(abs(others["covariances"]) < 1e-10 && abs(others["variances"]) < 1e-10)
  }

  @Test(arguments: [("i", 0.0), ("ii", exp(-2.0))])
  func `the covariance is over the batch, with 1 over B`(_ form: String, _ variance: Double) throws
  {
    let points: [Float] = [0.3, 1.2, -0.7, 0.4, 2, -1, 0.1, 0.9, -0.5, -0.6]
    let seen = try dip(form, points)
    let expected = penalties(covariance(points), plus: variance)
    #expect(abs(seen["covariances"] - expected.off) < 1e-5 * expected.off)
    #expect(abs(seen["variances"] - expected.on) < 1e-5 * max(1, expected.on))
    let wrong = penalties(covariance(points, overLatents: true), plus: variance)
    #expect(abs(seen["covariances"] - wrong.off) > 0.1)
  }
}

@Suite("The sliced Wasserstein distance")
struct SlicedDistanceTests {
  private func distance(_ a: [Float], _ b: [Float], along directions: [Float], width: Int) -> Double
  {
    let shapes = [a, b, directions].map { Shape([$0.count / width, width]) }
    let run = GraphRun([(shapes[0], a), (shapes[1], b), (shapes[2], directions)]) { _, x in
      slicedDistance(x[0], x[1], along: x[2])
    }
    return Double(run.output[0])
  }

  @Test func `a shift by s costs s², and a matching by place more`() {
    let a = TestNumbers.normal(9, seed: 1)
    // Another order of the same numbers, shifted.
    let b = (a[4...] + a[..<4]).map { $0 + 0.75 }
    #expect(abs(distance(a, b, along: [-3], width: 1) - 0.5625) < 1e-6)
    let unsorted = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) } / 9
    #expect(unsorted > 0.7)
  }

  @Test func `is the mean over directions of length 1`() {
    let a = TestNumbers.normal(24, seed: 1)
    let b = TestNumbers.normal(24, seed: 2).map { $0 * 2 + 1 }
    let directions = TestNumbers.normal(15, seed: 3)
    func projected(_ rows: [Float], _ way: ArraySlice<Float>, isUnit: Bool) -> [Double] {
      let length = isUnit ? way.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot() : 1
      return stride(from: 0, to: rows.count, by: 3).map { row in
        zip(rows[row..<row + 3], way).reduce(0) { $0 + Double($1.0) * Double($1.1) } / length
      }.sorted()
    }
    func mean(isUnit: Bool) -> Double {
      stride(from: 0, to: 15, by: 3).reduce(0.0) { sum, first in
        let way = directions[first..<first + 3]
        let pairs = zip(
          projected(a, way, isUnit: isUnit), projected(b, way, isUnit: isUnit))
        return sum + pairs.reduce(0) { $0 + pow($1.0 - $1.1, 2) } / 8 / 5
      }
    }
    let seen = distance(a, b, along: directions, width: 3)
    #expect(abs(seen - mean(isUnit: true)) < 1e-5 * seen)
    #expect(abs(seen - mean(isUnit: false)) > 0.05 * seen, "lengths do not matter")
  }

  @Test func `has the gradient of finite differences`() {
    let check = GradientCheck([.normal([6, 3]), .normal([6, 3])], epsilon: 0.003) { graph, x in
      slicedDistance(x[0], x[1], along: graph.constant(TestNumbers.normal(15, seed: 3), [5, 3]))
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }
}
