import ExptComponents
import ExptTensor

// Posteriors, priors and conditions.
extension Behaviour {
  private static let latent = 3
  private static let draws = 2

  mutating func examine(_ posterior: any Posterior) {
    let width = posterior.headWidth(latent: Self.latent)
    let head = Probe.Input(
      name: "head", shape: [Probe.batch, width],
      values: TestNumbers.normal(Probe.batch * width, seed: 11))
    var space = LatentSpace.vector(0)
    let probe = probe("the posterior") { conditions in
      try Probe([head], conditions) { graph, inputs in
        let q = try posterior.distribution(
          head: inputs[0], latent: Self.latent, in: Probe.scope(graph))
        space = q.space
        return Self.recorded(q, Probe.scope(graph))
      }
    }
    guard let probe else { return expect(false, "it cannot be built for \(Self.latent) latents") }
    expectShapes(probe, space)
    expect(probe.outputs.contains { $0.name == "mean" }, "it has no mean")
    expectDivergence(posterior, head)
    expectGradient("a draw") { seed, epsilon in
      try GradientCheck([.normal(head.shape)], seed: seed, epsilon: epsilon) { graph, inputs in
        try posterior.distribution(
          head: inputs[0], latent: Self.latent, in: Probe.scope(graph)
        ).draw(Self.draws, batch: Probe.batch, in: Probe.scope(graph)).values
      }
    }
  }

  /// A KL in closed form is the mean of log q − log p over many draws.
  private mutating func expectDivergence(_ posterior: any Posterior, _ head: Probe.Input) {
    let many = 4000
    var standardError: [Double] = []
    let probe = try? Probe([head], Probe.Conditions(mode: .evaluation)) { graph, inputs in
      let scope = Probe.scope(graph)
      let q = try posterior.distribution(head: inputs[0], latent: Self.latent, in: scope)
      let p = q.space.plainPrior
      let draw = q.draw(many, batch: Probe.batch, in: scope)
      guard let exact = q.divergence(from: p)?.perExample,
        let ratios = q.monteCarloDivergence(draw, from: p)
      else { return Probe.Recorded(loss: nil, outputs: []) }
      return Probe.Recorded(loss: nil, outputs: [("exact", exact), ("ratios", ratios)])
    }
    guard let probe, !probe.outputs.isEmpty else { return }
    for (example, exact) in probe["exact"].enumerated() {
      let ratios = probe["ratios"][example * many..<(example + 1) * many].map(Double.init)
      let mean = ratios.reduce(0, +) / Double(many)
      let variance = ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(many - 1)
      standardError.append((variance / Double(many)).squareRoot())
      expect(
        abs(mean - Double(exact)) <= 5 * standardError[example] + 1e-4,
        "its KL to the plain prior is \(exact) by formula and \(mean) by \(many) draws")
    }
  }

  /// A prior is tried without a condition, where it can be, and with one.
  mutating func examine(_ prior: any Prior) {
    let isFree = Self.spaces.contains { Self.fits(prior, $0, isConditional: false) }
    examine(prior, isConditional: !isFree)
    if isFree { examine(prior, isConditional: true) }
  }

  private static let spaces: [LatentSpace] = [
    .vector(Self.latent), .codes(count: 2, size: 3), .sphere(Self.latent), .bits(Self.latent),
    .map([2, 3, 3]),
    .groups([
      LatentGroup("style", .vector(2)), LatentGroup("kind", .codes(count: 1, size: 3)),
    ]),
  ]

  private mutating func examine(_ prior: any Prior, isConditional: Bool) {
    let fitting = Self.spaces.first { Self.fits(prior, $0, isConditional: isConditional) }
    guard let space = fitting else {
      return expect(false, "it can be built for none of \(Self.spaces)")
    }
    let what = isConditional ? "the prior under a condition" : "the prior"
    let probe = probe(what) { conditions in
      try Probe([Probe.images], conditions) { graph, _ in
        Self.recorded(
          try Self.distribution(prior, space, graph, isConditional), Probe.scope(graph))
      }
    }
    guard let probe else { return }
    expectShapes(probe, space)
    guard space.isEuclidean else { return }
    expectGradient("the log density of \(what)") { seed, epsilon in
      try GradientCheck(
        [.normal([Probe.batch, space.width]), .fixed(Probe.images.shape, 0...1)], seed: seed,
        epsilon: epsilon
      ) { graph, inputs in
        let density = try Self.distribution(prior, space, graph, isConditional)
          .logDensity(inputs[0])
        return density ?? inputs[0].sumPerExample()
      }
    }
  }

  private static func fits(_ prior: any Prior, _ space: LatentSpace, isConditional: Bool) -> Bool {
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    return (try? distribution(prior, space, graph, isConditional)) != nil
  }

  private static func distribution(
    _ prior: any Prior, _ space: LatentSpace, _ graph: Graph, _ isConditional: Bool
  ) throws(BuildProblem) -> any Distribution {
    let (scope, batch) = (Probe.scope(graph), Probe.batch(graph))
    let condition = isConditional ? batch.labels?.oneHot(3) : nil
    return try prior.distribution(
      in: PriorContext(
        scope: scope.child("prior"), space: space, batch: batch, condition: condition
      ) { (other) throws(BuildProblem) in
        let both = try linear(
          other.examples.flattened(), to: 2 * space.width, in: scope.child("encoder"))
        return DiagonalGaussian(
          mean: both.columns(0..<space.width),
          logVariance: both.columns(space.width..<2 * space.width))
      })
  }

  mutating func examine(_ condition: any Condition) {
    let probe = probe("the condition") { conditions in
      try Probe([], conditions) { graph, _ in
        let rows = try condition.rows(of: Probe.batch(graph), in: Probe.scope(graph))
        return Probe.Recorded(loss: nil, outputs: rows.map { [("rows", $0)] } ?? [])
      }
    }
    guard let probe else { return expect(false, "it cannot be built for labelled images") }
    expect(
      probe.outputs.isEmpty != condition.needsAnnotations,
      "it says \(condition.needsAnnotations ? "that it needs labels or factors, and has no rows" : "that it needs none, and has rows")"
    )
    for rows in probe.outputs {
      expect(
        rows.shape.rank == 2 && rows.shape[0] == Probe.batch,
        "its rows are \(rows.shape), not one for each of \(Probe.batch) images")
    }
  }

  private static func recorded(_ distribution: any Distribution, _ scope: Scope) -> Probe.Recorded {
    let draw = distribution.draw(draws, batch: Probe.batch, in: scope)
    var outputs = [(name: "values", value: draw.values)]
    if let mean = distribution.expectation { outputs.append(("mean", mean)) }
    var loss = draw.values.sum()
    if let density = draw.logDensity {
      outputs.append(("density", density))
      loss = loss + density.sum()
    }
    return Probe.Recorded(loss: loss, outputs: outputs)
  }

  private mutating func expectShapes(_ probe: Probe, _ space: LatentSpace) {
    let rows = Probe.batch * Self.draws
    for output in probe.outputs {
      let expected: Shape =
        switch output.name {
        case "values": [rows, space.width]
        case "mean": [Probe.batch, space.width]
        default: [rows]
        }
      expect(output.shape == expected, "'\(output.name)' is \(output.shape), not \(expected)")
    }
  }
}
