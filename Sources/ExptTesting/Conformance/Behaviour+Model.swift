import ExptComponents
import ExptInference
import ExptTensor

extension Behaviour {
  mutating func examine(_ model: any Model) {
    let start = Progress(step: 7, stepsPerEpoch: 10, epochs: 5)
    for (_, schedule) in model.schedules { record([schedule.value(start)]) }
    guard
      let probe = probe(
        "the loss",
        { conditions in
          try Probe([Probe.images], conditions) { graph, _ in
            let terms = try model.loss(Probe.batch(graph), in: Self.pass(graph))
            return Probe.Recorded(loss: terms.objective, outputs: terms.named)
          }
        })
    else {
      return expect(false, "it cannot be built for images of \(Probe.image)")
    }
    expectShapes(probe, model)
    expectEncoder(model)
    expectPrior(model)
    expectStep(model)
    if let model = model as? any FittedModel { expectFit(model) }
    for gradient in probe.gradients where gradient.values.allSatisfy({ $0 == 0 }) {
      expect(false, "no gradient reaches \(gradient.name)")
    }
    let images = GradientInput.fixed(Probe.images.shape, 0...1)
    expectGradient("the loss") { seed, epsilon in
      try GradientCheck([images], seed: seed, epsilon: epsilon, along: .uphill) { graph, inputs in
        let batch = Batch(inputs[0], in: Probe.scope(graph))
        return try model.loss(batch, in: Self.pass(graph)).objective
      }
    }
  }

  /// The name of what may have any shape: sums of tallies, and first values.
  fileprivate static let anyShape = "sums or first values"
  /// That what is fitted is the model's state, the same on any number of threads.
  private mutating func expectFit(_ model: any FittedModel) {
    let images = FittingImages(
      shape: Probe.image,
      values: TestNumbers.uniform(40 * Probe.image.count, in: 0...1, seed: 6))
    do {
      let fitted = try model.fit(images, pool: ThreadPool(threads: 1))
      record(fitted.arrays.flatMap(\.values))
      if isBrief { return }
      let again = try model.fit(images, pool: ThreadPool(threads: 3))
      expect(again == fitted, "what is fitted depends on the number of threads")
      let graph = Graph(mode: .training, parameters: ParameterSet())
      _ = try model.loss(Probe.batch(graph), in: Self.pass(graph))
      let state = graph.parameters.specs.filter(\.isState)
      for spec in state {
        let array = fitted.arrays.first { $0.name == spec.name }
        expect(
          array?.shape == spec.shape.dimensions,
          "the state \(spec.name) \(spec.shape) is fitted as \(array?.shape.description ?? "nothing")"
        )
        expectFinite(array?.values ?? [], "the fitted \(spec.name)")
      }
      expect(state.count == fitted.arrays.count, "something is fitted that is no state")
    } catch { expect(false, "it cannot be fitted: \(error)") }
  }

  private static func pass(_ graph: Graph) -> LossPass { LossPass(scope: Probe.scope(graph)) }

  private mutating func expectShapes(_ probe: Probe, _ model: any Model) {
    let decoded = (try? model.parts.likelihood.outputShape(for: Probe.image))?
      .batched(Probe.batch)
    for output in probe.outputs {
      switch output.name {
      case "decoded":
        expect(
          output.shape == decoded,
          "'decoded' is \(output.shape), not \(decoded.map { "\($0)" } ?? "anything")")
      case Self.anyShape: break
      case "klPerDimension":
        expect(output.shape.rank == 1, "'klPerDimension' is \(output.shape), not a row")
      default:
        expect(output.shape.count == 1, "'\(output.name)' is \(output.shape), not one number")
      }
    }
  }

  private mutating func expectEncoder(_ model: any Model) {
    var width = 0
    let probe = probe("the encoder") { conditions in
      try Probe([Probe.images], conditions) { graph, _ in
        let posterior = try model.encode(Probe.batch(graph), in: Probe.scope(graph))
        width = posterior.space.width
        let parameters = posterior.parameters.map { ($0.name, $0.value) }
        return Probe.Recorded(
          loss: nil, outputs: (posterior.expectation.map { [("mean", $0)] } ?? []) + parameters)
      }
    }
    guard let mean = probe?.outputs.first, mean.name == "mean" else {
      return expect(false, "the posterior has no mean")
    }
    let expected: Shape = [Probe.batch, width]
    expect(mean.shape == expected, "the posterior's mean is \(mean.shape), not \(expected)")
    for output in probe?.outputs.dropFirst() ?? [] {
      expect(
        output.shape.rank == 2 && output.shape[0] == Probe.batch,
        "the posterior's \(output.name) is \(output.shape), not a row for each image")
    }
  }

  /// Draws of the prior, decoded: finite, and of the images' shape.
  private mutating func expectPrior(_ model: any Model) {
    let probe = probe("samples of the prior") { conditions in
      try Probe([Probe.images], conditions) { graph, _ in
        let (batch, scope) = (Probe.batch(graph), Probe.scope(graph))
        let space = try model.encode(batch, in: scope).space
        guard let prior = try model.prior(for: batch, space: space, in: scope) else {
          return Probe.Recorded(loss: nil, outputs: [])
        }
        let values = prior.draw(1, batch: Probe.batch, in: scope).values
        let decoded = try model.decode(values, given: batch, in: scope)
        return Probe.Recorded(
          loss: nil,
          outputs: [
            ("images", model.parts.likelihood.mean(decoded, in: scope.child("likelihood")))
          ])
      }
    }
    for output in probe?.outputs ?? [] {
      expect(
        output.shape == Probe.images.shape,
        "samples are \(output.shape), not \(Probe.images.shape)")
    }
  }

  /// What only a whole step shows: that opponents and the model do not pull at each other's parameters.
  private mutating func expectStep(_ model: any Model) {
    guard problems.isEmpty else { return }
    let graph = Graph(mode: .training, parameters: ParameterSet())
    do {
      _ = try StepGraph(
        model, data: Probe.scope(graph).data, batch: Probe.batch, mode: .training,
        parameters: graph.parameters)
    } catch { expect(false, "a step: \(error.message)") }
  }
}

extension Probe {
  /// The images of a probe's graph.
  static func batch(_ graph: Graph) -> Batch { Batch(batch, in: scope(graph)) }
}

extension LossTerms {
  /// What training differentiates.
  fileprivate var objective: Tensor { opponents.reduce(total) { $0 + $1.value } }

  /// The terms that a probe reads, by name.
  fileprivate var named: [(name: String, value: Tensor)] {
    var terms = [("total", total), ("reconstruction", reconstruction), ("decoded", decoded)]
    if let kl { terms.append(("kl", kl)) }
    if let klPerDimension { terms.append(("klPerDimension", klPerDimension)) }
    return terms + extra + opponents.map { ($0.name, $0.value) }
      + tallies.map { (Behaviour.anyShape, $0.sums) }
      + firstValues.map { (Behaviour.anyShape, $0.value) }
      + opponents.compactMap { one in one.accuracy.map { (one.name + "_accuracy", $0) } }
  }
}
