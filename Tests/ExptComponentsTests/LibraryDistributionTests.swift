import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

// Expected numbers are other libraries', in double precision, printed by Tests/Python/libraries.py, which
// tells their versions and where their conventions are not expt's: TensorFlow Probability on JAX ("tfp",
// 0.26.0.dev20261027), distrax (0.1.9), Pyro (1.9.2) and pythae (0.1.2).

/// What `record` makes of given numbers and parameters.
private func run(
  _ inputs: [(shape: Shape, values: [Float])], parameters: [String: [Float]] = [:],
  _ record: (Scope, [Tensor]) throws -> [Tensor?]
) rethrows -> [[Float]] {
  let graph = Graph(mode: .training, parameters: ParameterSet())
  let tensors = inputs.enumerated().map { graph.input("input \($0)", $1.shape) }
  let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
  let outputs = try record(scope, tensors)
  let store = ParameterStore(graph.parameters)
  #expect(Set(store.specs.map(\.name)) == Set(parameters.keys))
  for (name, values) in parameters {
    #expect(store[name]?.values.count == values.count, "\(name)")
    _ = store[name]?.values.update(fromContentsOf: values)
  }
  let plan = Plan(
    graph, outputs: outputs.compactMap(\.self), store: store, arena: Arena(),
    run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
  for (index, input) in inputs.enumerated() {
    _ = plan.input("input \(index)")?.update(fromContentsOf: input.values)
  }
  plan.forward()
  return outputs.map { $0.map { Array(plan.value(of: $0)) } ?? [] }
}

/// To 1e-5 of each number, or of `floor` where it is smaller.
private func expectSame(
  _ seen: [Float], _ expected: [Double], floor: Double = 0.1, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let isSame =
    seen.count == expected.count
    && zip(seen, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 * max(abs($1), floor) }
  #expect(isSame, "\(what): \(seen), not \(expected)", sourceLocation: sourceLocation)
}

@Suite("Distributions beside other libraries")
struct LibraryDistributionTests {
  private static let means: [Float] = [0.5, -1, 2, 0, 0.25, -1.5]
  private static let logVariances: [Float] = [0, -1, 0.5, 0.25, -2, 0.5]
  private static let points: [Float] = [0, 1, 2, -1, 0.5, 0.25]
  private static let others: (means: [Float], logVariances: [Float]) = (
    [0.125, 1, -1, 0.5, 0, -1], [0.25, -0.5, 1, 0, 0.125, -1]
  )
  /// L row by row, with the logarithms of its diagonal.
  private static let factors: [Float] = [
    0.125, 0.75, -0.5, -0.25, 0.25, 0.25, -0.25, 0.125, 0.5, 1, -0.5, -0.125,
  ]

  @Test func `Gaussians, of independent dimensions and of dependent ones`() {
    let seen = run([
      ([2, 3], Self.means), ([2, 3], Self.logVariances), ([2, 6], Self.factors),
      ([2, 3], Self.others.means), ([2, 3], Self.others.logVariances), ([2, 3], Self.points),
    ]) { _, x in
      let q = DiagonalGaussian(mean: x[0], logVariance: x[1])
      let full = FullGaussian(head: concatenate(x[0], x[2]), dimensions: 3)
      let other = DiagonalGaussian(mean: x[3], logVariance: x[4])
      let standard = StandardNormal(.vector(3))
      return [
        q.logDensity(x[5]), q.divergence(from: standard)?.perExample,
        q.divergence(from: other)?.perExample, full.logDensity(x[5]),
        full.divergence(from: standard)?.perExample, full.divergence(from: other)?.perExample,
      ]
    }
    expectSame(seen[0], [-8.068379257, -3.680874067], "log q")
    expectSame(seen[1], [2.883300356, 1.815290985], "KL")
    expectSame(seen[2], [5.128590508, 2.122436984], "KL to another")
    expectSame(seen[3], [-10.46164595, -10.14203783], "log q, full")
    expectSame(seen[4], [3.244063064, 2.215869136], "KL, full")
    expectSame(seen[5], [5.600885439, 2.696886892], "KL to another, full")
  }

  @Test func `a mixture of Gaussians, with weights and without`() {
    let seen = run([
      ([2, 3], Self.means), ([2, 3], Self.logVariances), ([2, 3], Self.points),
    ]) { scope, x in
      let components = DiagonalGaussian(mean: x[0], logVariance: x[1])
      let logits = scope.graph.constant([0.5, -0.25], [2])
      return [
        GaussianMixture(components, logits: logits).logDensity(x[2]),
        GaussianMixture(components).logDensity(x[2]),
      ]
    }
    expectSame(seen[0], [-8.020099057, -4.777309469], "weighted")
    expectSame(seen[1], [-7.994115652, -4.354716927], "equal")
  }

  /// TensorFlow Probability and pythae (its SVAE) say the same of the KL.
  @Test func `von Mises-Fisher distributions in three and five dimensions`() {
    func seen(
      _ d: Int, _ directions: [Float], _ concentrations: [Float], at points: [Float]
    ) -> [[Float]] {
      run([([2, d], directions), ([2], concentrations), ([2, d], points)]) { _, x in
        let q = VonMisesFisher(direction: x[0], concentration: x[1])
        return [q.logDensity(x[2]), q.divergence(from: UniformSphere(d))?.perExample]
      }
    }
    let three = seen(3, [0.6, 0, -0.8, 0, 1, 0], [3, 40], at: [0, 1, 0, 0.8, 0.6, 0])
    expectSame(three[0], [-3.736782948, -14.14899761], "log q")
    expectSame(three[1], [0.8091507685, 3.382026635], "KL")
    let five = seen(
      5, [0.5, 0.5, -0.5, 0.5, 0, 0, 0, 0, 0, 1], [7.5, 0.5],
      at: [0.5, 0.5, 0.5, 0.5, 0, 0, 0.6, 0, 0, -0.8])
    expectSame(five[0], [-3.252847648, -3.695200394], "log q")
    expectSame(five[1], [1.921281421, 0.02473540854], "KL")
  }

  @Test func `choices, and relaxed ones at a point of the simplex`() {
    let logits: [Float] = [0, 1, -1, 2, 0, 0.5, -0.25, 0.25, 0, 1, 1, 1.5]
    let others: [Float] = [1, 0, 0, 0, 0.5, 0, 0.5, -0.5, 0, 0, 2, 0]
    let logarithms: [Float] = [
      0.5, 0.25, 0.25, 0.125, 0.75, 0.125, 0.75, 0.125, 0.125, 0.25, 0.25, 0.5,
    ].map { Float(log($0)) }
    let seen = run([([2, 6], logits), ([2, 6], others), ([2, 6], logarithms)]) { scope, x in
      let temperature = scope.graph.constant(0.625)
      let q = Choices(logits: x[0], count: 2, size: 3, temperature: temperature)
      let p = Choices(logits: x[1], count: 2, size: 3, temperature: temperature)
      return [
        q.divergence(from: UniformChoices(count: 2, size: 3))?.perDimension,
        q.divergence(from: p)?.perDimension, q.relaxedLogDensity(logarithms: x[2]),
      ]
    }
    expectSame(seen[0], [0.2662167068, 0.3466318389, 0.02051263902, 0.03016690019], "KL")
    expectSame(seen[1], [0.474320661, 0.4925844956, 0.1846468905, 0.6229621396], "KL to others")
    expectSame(seen[2], [-2.29804436, 0.2070661367], floor: 1, "relaxed")
  }

  @Test func `switches, and the logits of relaxed ones`() {
    let seen = run([
      ([2, 3], [0.5, -1, 2, 0, 0.25, -3]), ([2, 3], [1, 0, 0, -0.5, 0.5, 2]),
      ([2, 3], [0.25, -0.5, 1, 2, -1.5, -0.125]),
    ]) { scope, x in
      let temperature = scope.graph.constant(0.625)
      let q = Switches(logits: x[0], temperature: temperature)
      return [
        q.divergence(from: FairSwitches(3))?.perDimension,
        q.divergence(from: Switches(logits: x[1], temperature: temperature))?.perDimension,
        q.relaxedLogDensity(logits: x[2]),
      ]
    }
    expectSame(
      seen[0], [0.03029986198, 0.1109440717, 0.3278133255, 0, 0.007751885903, 0.5022822095], "KL")
    expectSame(
      seen[1],
      [0.02795503774, 0.1109440717, 0.3278133255, 0.03092980362, 0.00759343908, 1.841211294],
      "KL to others")
    expectSame(seen[2], [-6.153729353, -7.910491059], floor: 1, "relaxed")
  }
}

@Suite("Flows beside other libraries")
struct LibraryFlowTests {
  private static let rows: [Float] = [0.5, -1, 2, 0, 0.25, -1.5, 1, 1, -0.5, -0.75, 0.5, 0.125]

  /// Of a network with four hidden units. Where expt has masks they hold back numbers that are not 0.
  private static let network: [String: [Float]] = [
    "0.weight": [0.5, -0.25, 1, 0.75, 0.5, -0.5, -1, 0.25, 0.5, 0.125, 1, -0.75],
    "0.bias": [0.25, -0.5, 0.125, 0],
    "1.weight": [
      0.5, -1, 0.25, 0.75, 1, 0.5, -0.5, 0.25, -0.25, 0.75, 1, -0.5, 0.75, 0.25, -0.5, 1, -1, 0.125,
      0.5, 0.25, 0.5, -0.75, 0.25, 1,
    ],
    "1.bias": [0.125, -0.25, 0.5, 0.25, 0.75, -0.5],
  ]

  private func made(_ scope: Scope) throws -> MaskedNetwork {
    try .made(ranks: [0, 1, 2], parts: 2, hidden: [4], activation: .tanh, in: scope)
  }

  /// Where the rows go, the log determinants, and where they come back to.
  private func seen(
    head: (shape: Shape, values: [Float]) = ([1, 1], [0]), parameters: [String: [Float]] = [:],
    _ step: (Scope, Tensor) throws -> any FlowStep
  ) rethrows -> [[Float]] {
    try run([([4, 3], Self.rows), head], parameters: parameters) { scope, x in
      let step = try step(scope, x[1])
      let end = step.forward(x[0])
      return [end.rows, end.logDeterminant, step.inverse(end.rows)?.rows]
    }
  }

  /// Pyro's û lacks the factor that makes u = 0 the identity, and is given another u for it.
  @Test func `planar and radial steps are Pyro's`() {
    let planar = seen(
      head: ([2, 7], [0.5, -0.25, 1, 1, 0.5, -0.5, 0.25, -1.5, 0.5, 0.25, 1, -0.25, 0.75, -0.5])
    ) { PlanarStep(head: $1, dimensions: 3) }
    expectSame(
      planar[0],
      [
        0.1621766697, -0.851337189, 1.374975475, 0.4304514425, 0.06057518616, -0.7035993835,
        1.126858355, 0.9527412861, -0.5758416114, 0.124079995, 0.1743778011, -0.3975642053,
      ], "planar")
    expectSame(
      planar[1], [-0.0471377954, -0.02699028646, -1.042897544, -0.1922129591], "planar, log det")
    let radial = seen(
      head: ([2, 5], [0.25, -0.5, 1, 0.5, -1, -1, 0.125, 0, -0.25, 1.5])
    ) { RadialStep(head: $1, dimensions: 3) }
    expectSame(
      radial[0],
      [
        0.4410299726, -0.8820599452, 1.76411989, 0.03475988741, 0.1457203378, -1.152401126,
        1.657780249, 1.287778859, -0.6644450622, -0.5281840933, 0.8327238601, 0.2359079534,
      ], "radial")
    expectSame(
      radial[1], [-0.6527922922, -0.3378026529, 0.6337995766, 1.668789751], "radial, log det")
    expectSame(radial[2], Self.rows.map(Double.init), floor: 1, "radial, back")
  }

  @Test func `an inverse autoregressive step is Pyro's with its gate`() throws {
    let seen = try seen(parameters: Self.network) { scope, _ in
      InverseAutoregressiveStep(try made(scope), forget: 1)
    }
    expectSame(
      seen[0],
      [
        0.4164874479, -0.65480203, 1.150706579, 0.02783751735, 0.1952388669, -1.103166696,
        0.8051373785, 0.9163937948, -0.4427337788, -0.5551373785, 0.3805419149, 0.200404733,
      ], "values")
    expectSame(seen[1], [-1.081583812, -0.7123683332, -0.9548537648, -0.5554116613], "log det")
  }

  @Test func `a masked autoregressive step is TensorFlow Probability's`() throws {
    let seen = try seen(parameters: Self.network) { scope, _ in
      MaskedAutoregressiveStep(try made(scope), limit: 1.5)
    }
    expectSame(
      seen[0],
      [
        0.7655445781, -0.3190778768, 1.056665889, 0.125, 0.4387527285, -1.784761129, 1.406089156,
        1.583901709, -0.8311238407, -0.8358168671, 0.631183823, 0.7609383369,
      ], "values")
    expectSame(seen[1], [-0.3423991226, 0.8961220737, -0.2172712726, 1.85152074], "log det")
    expectSame(seen[2], Self.rows.map(Double.init), floor: 1, "back")
  }

  @Test func `a coupling step is distrax's`() throws {
    let seen = try seen(parameters: Self.network) { scope, _ in
      let network = try MaskedNetwork(
        from: 3, to: 6, hidden: [4], activation: .tanh, in: scope)
      return CouplingStep(ranks: [0, 1, 2], network, limit: 1.5)
    }
    expectSame(
      seen[0],
      [
        0.5, -0.7699638949, 1.536450604, 0, 0.1100743606, -1.28366772, 1, 1.730439184,
        -0.5739148694, -0.75, 0.1375870158, 0.8313151307,
      ], "values")
    expectSame(seen[1], [-0.09304523555, 0.4908990362, -0.5818667527, 1.050542886], "log det")
    expectSame(seen[2], Self.rows.map(Double.init), floor: 1, "back")
  }
}

/// From the same codes, posteriors and draws of the prior.
@Suite("Terms of objectives beside pythae")
struct LibraryTermTests {
  private static let codes: [Float] = [0.5, -1, 0.25, 0.75, -1.5, 0.125, 1, 0.5]
  private static let draws: [Float] = [-0.5, 0.25, 1.25, -0.75, 0, 1, 0.75, -0.125]
  private static let means: [Float] = [-0.625, 1.25, 0.75, 1, 0.8125, -0.375, 0.5625, 1]
  private static let logVariances: [Float] = [
    -1.375, 0.4375, -0.875, -1, 0.1875, -1.53125, -0.6875, -0.96875,
  ]

  /// MI, TC and the dimension-wise KL.
  private func terms(_ estimator: AggregatePosterior.Estimator) throws -> [Float] {
    try run([
      ([4, 2], Self.means), ([4, 2], Self.logVariances), ([4, 2], Self.codes),
    ]) { _, x in
      let q = DiagonalGaussian(mean: x[0], logVariance: x[1])
      let aggregate = try AggregatePosterior(
        of: x[2], under: q, trainingCount: 40, by: estimator)
      let (whole, product) = (aggregate.logDensity, aggregate.logProductOfMarginals)
      return [
        q.logDensity(x[2]).map { ($0 - whole).mean() }, (whole - product).mean(),
        StandardNormal(.vector(2)).logDensity(x[2]).map { (product - $0).mean() },
      ]
    }.flatMap(\.self)
  }

  @Test func `weighted sampling of the aggregate posterior is BetaTCVAE's`() throws {
    let expected = [
      3.490162252, 3.674268473,
      -7.723105246,
    ]
    expectSame(try terms(.mws), expected, floor: 1)
  }

  /// pythae puts 1/N into the first column, where the paper has it on the diagonal.
  @Test func `stratified sampling is BetaTCVAE's with the paper's weights, not with its own`()
    throws
  {
    let seen = try terms(.mss)
    let paper = [
      -0.1454138976, -0.01769120631,
      -0.395569417,
    ]
    expectSame(seen, paper, floor: 1)
    let itsOwn = [
      -0.428438501,
      -0.1218177694,
      -0.008418250584,
    ]
    for (a, b) in zip(seen, itsOwn) { #expect(abs(Double(a) - b) > 0.05) }
  }

  /// Its width is a deviation, expt's bandwidth a variance.
  @Test func `the discrepancies are those of INFOVAE_MMD and WAE_MMD`() {
    func seen(_ kernel: MaximumMeanDiscrepancy.Kernel, _ bandwidth: Float) -> [Float] {
      var discrepancy = MaximumMeanDiscrepancy(kernel)
      discrepancy.bandwidth = bandwidth
      return run([([4, 2], Self.codes), ([4, 2], Self.draws)]) { _, x in
        [discrepancy(x[0], x[1])]
      }[0]
    }
    expectSame(seen(.rbf, 1), [-0.1937381817], floor: 1)
    expectSame(seen(.rbf, 0.25), [-0.2132148198], floor: 1)
    expectSame(seen(.imq, 1), [-0.8179552291], floor: 1)
    expectSame(seen(.imq, 0.25), [-0.9086443833], floor: 1)
  }

  /// The mixture of three posteriors. pythae's two densities both lack log 2π.
  @Test func `the KL to a mixture of posteriors is VAMP's`() {
    let seen = run([
      ([4, 2], Self.means), ([4, 2], Self.logVariances), ([4, 2], Self.codes),
      ([3, 2], Array(Self.draws.prefix(6))), ([3, 2], Array(Self.logVariances.suffix(6))),
    ]) { _, x in
      let q = DiagonalGaussian(mean: x[0], logVariance: x[1])
      let p = GaussianMixture(DiagonalGaussian(mean: x[3], logVariance: x[4]))
      guard let own = q.logDensity(x[2]), let other = p.logDensity(x[2]) else { return [nil] }
      return [(own - other).mean()]
    }
    expectSame(seen[0], [-0.4043823186])
  }
}
