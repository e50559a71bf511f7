import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Testing

/// Losses and gradients on one batch with fixed noise, densities and Bessel functions, against PyTorch and
/// SciPy: `Tests/Python/spaces.py`.
@Suite("Posteriors over other spaces, beside PyTorch and SciPy")
struct SpacesPythonTests {
  private static let batch = 4
  private static let draws = 3

  /// A linear decoder: ½ Σ (x − zW)² of each draw, beside the KL of each example.
  private func arrays(
    _ name: String, _ posterior: String, latent: Int, bound: Bool = false
  ) throws -> [(name: String, array: NPYArray)] {
    let posterior = try builtins.make(.posterior, posterior)
    let width = posterior.headWidth(latent: latent)
    let head = TestNumbers.normal(Self.batch * width, seed: 5)
    let x = TestNumbers.normal(Self.batch * 6, seed: 6)
    let numbers = 40
    let w = TestNumbers.normal(numbers * 6, seed: 7)
    var parts: [(name: String, shape: Shape)] = []
    func record(_ graph: Graph, _ t: [Tensor]) throws -> Tensor {
      let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
      let q = try posterior.distribution(head: t[0], latent: latent, in: scope)
      let z = q.draw(Self.draws, batch: Self.batch, in: scope)
      let decoded = matmul(z.values, t[2].rows(0..<q.space.width))
      let cost = square(t[1].repeatedExamples(Self.draws) - decoded).sumPerExample() * 0.5
      let prior = q.space.plainPrior
      let loss: Tensor
      if bound {
        let ratios = try #require(q.monteCarloDivergence(z, from: prior))
        loss = importanceWeightedBound(
          negativeLogWeights: cost + ratios, samples: Self.draws)
      } else {
        loss = cost.mean() + (try #require(q.divergence(from: prior)).perExample.mean())
      }
      // The noise again: one stream at one path is drawn once.
      var known = [("loss", loss), ("values", z.values)]
      let rows = Self.batch * Self.draws
      switch name {
      case "sphere":
        let vmf = try #require(q as? VonMisesFisher)
        let kappa = vmf.concentration.reshaped([Self.batch, 1]).repeatedExamples(Self.draws)
        known += [
          (
            "height",
            graph.vonMisesFisherCapHeight(
              kappa.reshaped([rows]), dimensions: latent, stream: "height")
          ),
          ("noise", graph.normal([rows, latent], stream: "across")),
        ]
      case "bits":
        known += [
          (
            "noise",
            graph.gumbel([rows, latent], stream: "on")
              - graph.gumbel([rows, latent], stream: "off")
          )
        ]
      case "joint":
        known.append(
          ("noise", graph.within("digit") { graph.gumbel([rows, 4], stream: "choice") }))
        known.append(
          ("normal", graph.within("style") { graph.normal([rows, 3], stream: "latent") }))
      default: known.append(("noise", graph.gumbel([rows * latent, 4], stream: "choice")))
      }
      parts = known.map { ($0.0, $0.1.shape) }
      let flat = known.map { $0.1.reshaped([$0.1.shape.count]) }
      return flat.dropFirst().reduce(flat[0]) { concatenateRows($0, $1) }
    }
    let inputs: [(shape: Shape, values: [Float])] = [
      ([Self.batch, width], head), ([Self.batch, 6], x), ([numbers, 6], w),
    ]
    let count = try GraphRun(inputs) { try record($0, $1) }.output.count
    let weights = [1] + [Float](repeating: 0, count: count - 1)
    let run = try GraphRun(inputs, weights: weights) { try record($0, $1) }
    var arrays = zip(["head", "x", "w"], inputs).map {
      ("\(name)_\($0)", NPYArray(shape: $1.shape.dimensions, floats: $1.values))
    }
    var start = 0
    for part in parts {
      let values = Array(run.output[start..<start + part.shape.count])
      start += values.count
      arrays.append(
        ("\(name)_\(part.name)", NPYArray(shape: part.shape.dimensions, floats: values)))
    }
    arrays.append(
      (
        "\(name)_gradient_head",
        NPYArray(shape: [Self.batch, width], floats: run.inputGradients[0])
      ))
    arrays.append(
      ("\(name)_gradient_w", NPYArray(shape: [numbers, 6], floats: run.inputGradients[2])))
    return arrays
  }

  private func densities() -> [(name: String, array: NPYArray)] {
    let logits = TestNumbers.normal(24, seed: 8)
    let relaxed = TestNumbers.normal(24, seed: 9)
    let seen = GraphRun([([4, 6], logits), ([4, 6], relaxed)]) { graph, x in
      let tau = graph.constant(0.6)
      let choices = Choices(logits: x[0], count: 2, size: 3, temperature: tau)
      let logarithms = x[1].reshaped([8, 3]).logSoftmax(along: 1).reshaped([4, 6])
      return concatenateRows(
        choices.relaxedLogDensity(logarithms: logarithms),
        Switches(logits: x[0], temperature: tau).relaxedLogDensity(logits: x[1]))
    }.output
    return [
      ("density_logits", NPYArray(shape: [4, 6], floats: logits)),
      ("density_relaxed", NPYArray(shape: [4, 6], floats: relaxed)),
      ("density_choices", NPYArray(shape: [4], floats: Array(seen.prefix(4)))),
      ("density_switches", NPYArray(shape: [4], floats: Array(seen.suffix(4)))),
    ]
  }

  private func bessel() -> [(name: String, array: NPYArray)] {
    var rows: [Double] = []
    for d in [2, 3, 4, 7, 10, 20, 40, 64, 100, 200, 500] {
      let math = VonMisesFisherMath(dimensions: d)
      for kappa in [1e-3, 0.02, 0.5, 3, 9, 14, 40, 90, 300, 1000, 10_000, 1e5] {
        rows += [
          Double(d), kappa, math.meanResultantLength(kappa), math.divergence(kappa),
          math.logNormaliser(kappa), math.meanResultantSlope(kappa),
        ]
      }
    }
    return [("bessel", NPYArray(shape: [rows.count / 6, 6], doubles: rows))]
  }

  @Test(.needs(.pyTorch)) func `give the same losses, gradients and densities`() throws {
    let folder = TemporaryFolder()
    let all =
      try arrays("sphere", "von_mises_fisher", latent: 5)
      + arrays("choice", "{ type: categorical, size: 4 }", latent: 2)
      + arrays("hard", "{ type: categorical, size: 4, hard: true }", latent: 2)
      + arrays("bound", "{ type: categorical, size: 4 }", latent: 2, bound: true)
      + arrays("bits", "bernoulli", latent: 5, bound: true)
      + arrays(
        "joint",
        """
        { type: groups, groups: { style: { latent: 3 }, digit: { latent: 1, posterior: \
        { type: categorical, size: 4 } } } }
        """, latent: 4) + densities() + bessel()
    try NPZ.write(all, to: folder.file("spaces.npz"))
    print(
      try Python.run(
        file: packageFolder + "/Tests/Python/spaces.py", [folder.file("spaces.npz")]))
  }
}
