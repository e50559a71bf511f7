import ExptComponents
import ExptLayers
import ExptTensor

extension Behaviour {
  mutating func examine(_ model: any Model) {
    let start = Progress(step: 7, stepsPerEpoch: 10, epochs: 5)
    let beta = Float(model.betaSchedule?.beta(start) ?? 1)
    let target = model.betaSchedule?.klTarget(start).map { Float($0) }
    record([beta, target ?? -1])
    let inputs = [
      Probe.images, Probe.Input(name: "beta", shape: .scalar, values: [beta]),
      Probe.Input(name: "kl_target", shape: .scalar, values: [target ?? 0]),
    ]
    func loss(_ graph: Graph, _ inputs: [Tensor]) throws(BuildProblem) -> LossTerms {
      try model.loss(
        inputs[0],
        in: LossPass(
          scope: Probe.scope(graph), beta: inputs[1], klTarget: target == nil ? nil : inputs[2]))
    }
    guard
      let probe = probe(
        "the loss",
        { conditions in
          try Probe(inputs, conditions) { graph, inputs in
            let terms = try loss(graph, inputs)
            return Probe.Recorded(loss: terms.total, outputs: terms.named)
          }
        })
    else {
      return expect(false, "it cannot be built for images of \(Probe.image)")
    }
    expectShapes(probe, model)
    expectEncoder(model)
    for gradient in probe.gradients where gradient.values.allSatisfy({ $0 == 0 }) {
      expect(false, "no gradient reaches \(gradient.name)")
    }
    let fixed = [
      GradientInput.fixed(Probe.images.shape, 0...1), .fixed(.scalar, beta...beta),
      .fixed(.scalar, (target ?? 0)...(target ?? 0)),
    ]
    expectGradient("the loss") { seed, epsilon in
      try GradientCheck(fixed, seed: seed, epsilon: epsilon, along: .uphill) {
        try loss($0, $1).total
      }
    }
  }

  private mutating func expectShapes(_ probe: Probe, _ model: any Model) {
    let maps = model.network.likelihood.parametersPerPixel * Probe.image[0]
    let decoded: Shape = [Probe.batch, maps, Probe.image[1], Probe.image[2]]
    for output in probe.outputs {
      switch output.name {
      case "decoded":
        expect(output.shape == decoded, "'decoded' is \(output.shape), not \(decoded)")
      case "klPerDimension":
        expect(
          output.shape == [model.network.latent],
          "'klPerDimension' is \(output.shape), not \(model.network.latent)")
      default:
        expect(output.shape.count == 1, "'\(output.name)' is \(output.shape), not one number")
      }
    }
    let hasKL = probe.outputs.contains { $0.name == "kl" }
    expect(hasKL || model.betaSchedule == nil, "it has a β schedule and reports no 'kl'")
  }

  private mutating func expectEncoder(_ model: any Model) {
    let probe = probe("the encoder") { conditions in
      try Probe([Probe.images], conditions) { graph, inputs in
        let posterior = try model.encode(inputs[0], in: Probe.scope(graph))
        var outputs = [(name: "mean", value: posterior.mean)]
        if case .gaussian(_, let logVariance) = posterior {
          outputs.append(("logVariance", logVariance))
        }
        return Probe.Recorded(loss: nil, outputs: outputs)
      }
    }
    let expected: Shape = [Probe.batch, model.network.latent]
    for output in probe?.outputs ?? [] {
      expect(
        output.shape == expected,
        "the posterior's \(output.name) is \(output.shape), not \(expected)"
      )
    }
  }
}

extension LossTerms {
  /// The terms that a probe reads, by name.
  fileprivate var named: [(name: String, value: Tensor)] {
    var terms = [("total", total), ("reconstruction", reconstruction), ("decoded", decoded)]
    if let kl { terms.append(("kl", kl)) }
    if let klPerDimension { terms.append(("klPerDimension", klPerDimension)) }
    return terms + extra
  }
}
