import ExptComponents
import ExptTensor

extension Behaviour {
  mutating func examine(_ likelihood: any Likelihood) {
    let image: Shape = [2, 5, 5]
    let shape = image.batched(Probe.batch)
    let maps = likelihood.parametersPerPixel * image[0]
    let parameters = Shape([Probe.batch, maps, image[1], image[2]])
    let inputs = [
      Probe.Input(
        name: "parameters", shape: parameters, values: TestNumbers.normal(parameters.count)),
      Probe.Input(
        name: "images", shape: shape, values: TestNumbers.uniform(shape.count, in: 0...1)),
    ]
    func scope(_ graph: Graph) -> Scope {
      Probe.scope(graph, image: image).child("likelihood")
    }
    let probe = probe("the likelihood") { conditions in
      Probe(inputs, conditions) { graph, inputs in
        let losses = likelihood.negativeLogLikelihood(
          inputs[0], images: inputs[1], in: scope(graph))
        let mean = likelihood.mean(inputs[0], in: scope(graph))
        return Probe.Recorded(loss: losses.sum(), outputs: [("losses", losses), ("mean", mean)])
      }
    }
    for output in probe?.outputs ?? [] {
      let expected = output.name == "mean" ? shape : [Probe.batch]
      expect(output.shape == expected, "'\(output.name)' is \(output.shape), not \(expected)")
    }
    expectGradient("the likelihood") { seed, epsilon in
      GradientCheck(
        [.normal(parameters), .fixed(shape, 0...1)], seed: seed, epsilon: epsilon, along: .uphill
      ) { likelihood.negativeLogLikelihood($1[0], images: $1[1], in: scope($0)) }
    }
    for mean in [0.2, 0.5, 0.9] as [Float] { expectLocation(likelihood, mean, parameters, scope) }
  }

  /// `location(forMean:)` undoes `mean`.
  private mutating func expectLocation(
    _ likelihood: any Likelihood, _ mean: Float, _ shape: Shape, _ scope: (Graph) -> Scope
  ) {
    let location = likelihood.location(forMean: mean)
    let channels = shape[1] / likelihood.parametersPerPixel
    let values = (0..<shape.count).map { index in
      index / (shape[2] * shape[3]) % shape[1] < channels ? location : 0
    }
    let input = Probe.Input(name: "parameters", shape: shape, values: values)
    let probe = Probe([input]) { graph, inputs in
      Probe.Recorded(
        loss: nil, outputs: [("mean", likelihood.mean(inputs[0], in: scope(graph)))])
    }
    expect(
      probe["mean"].allSatisfy { abs($0 - mean) < 1e-3 },
      "location(forMean: \(mean)) is \(location), whose mean is \(probe["mean"].first ?? .nan)")
  }
}
