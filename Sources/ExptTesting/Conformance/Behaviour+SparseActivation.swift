import ExptComponents
import ExptTensor

extension Behaviour {
  mutating func examine(_ activation: any SparseActivation) {
    let shape: Shape = [Probe.batch, 9]
    let inputs = [
      Probe.Input(
        name: "preactivations", shape: shape, values: TestNumbers.normal(shape.count, seed: 12)),
      Probe.Input(name: "bias", shape: [9], values: TestNumbers.normal(9, seed: 13)),
    ]
    func record(_ graph: Graph, _ x: [Tensor]) -> (latents: Tensor, terms: SparseTerms) {
      let scope = Probe.scope(graph)
      let latents = activation.latents(x[0], bias: x[1], in: scope)
      let terms = activation.terms(
        SparsePass(
          pass: LossPass(scope: scope), scope: scope, preactivations: x[0], latents: latents,
          lengths: graph.constant((1...9).map { Float($0) / 4 }, [9])))
      return (latents, terms)
    }
    let probe = probe("the activation") { conditions in
      Probe(inputs, conditions) { graph, x in
        let (latents, terms) = record(graph, x)
        var (outputs, loss) = ([(name: "latents", value: latents)], latents.sum())
        if let (value, weight) = terms.penalty {
          outputs.append(("penalty", value * weight))
          loss = loss + value * weight
        }
        if let auxiliary = terms.auxiliary { outputs.append(("auxiliary", auxiliary)) }
        return Probe.Recorded(loss: loss, outputs: outputs)
      }
    }
    for output in probe?.outputs ?? [] where output.name != "penalty" {
      expect(output.shape == shape, "'\(output.name)' is \(output.shape), not \(shape)")
      expect(output.values.allSatisfy { $0 >= 0 }, "a latent is below 0")
    }
    expectGradient("the latents and their penalty") { seed, epsilon in
      GradientCheck([.normal(shape), .normal([9])], seed: seed, epsilon: epsilon) { graph, x in
        let (latents, terms) = record(graph, x)
        return terms.penalty.map { latents.sum() + $0.value * $0.weight } ?? latents.sum()
      }
    }
  }
}
