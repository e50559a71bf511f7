import ExptComponents
import ExptTensor

extension Behaviour {
  mutating func examine(_ likelihood: any Likelihood) {
    // The second where the first is too small.
    let candidates: [Shape] = [[2, 5, 5], [1, 24, 24]]
    let fits = candidates.compactMap { image in
      (try? likelihood.outputShape(for: image)).map { (image, $0) }
    }
    guard let (image, output) = fits.first else {
      record("no shape")
      return expect(false, "it takes no images of \(candidates)")
    }
    let (shape, parameters) = (image.batched(Probe.batch), output.batched(Probe.batch))
    let inputs = [
      Probe.Input(
        name: "parameters", shape: parameters, values: TestNumbers.normal(parameters.count)),
      Probe.Input(
        name: "images", shape: shape, values: likelihood.values(of: image, Probe.batch)),
    ]
    // A mere loss may see no more than how alike images are, and these would be too different.
    func seen(_ images: Tensor, _ parameters: Tensor, _ scope: Scope) -> Tensor {
      guard likelihood.measure == .loss else { return images }
      return (images + likelihood.mean(parameters, in: scope).stopGradient() * 3) / 4
    }
    func scope(_ graph: Graph) -> Scope {
      Probe.scope(graph, image: image).child("likelihood")
    }
    let probe = probe("the likelihood") { conditions in
      Probe(inputs, conditions) { graph, inputs in
        let losses = likelihood.negativeLogLikelihood(
          inputs[0], images: seen(inputs[1], inputs[0], scope(graph)), in: scope(graph))
        let mean = likelihood.mean(inputs[0], in: scope(graph))
        return Probe.Recorded(loss: losses.sum(), outputs: [("losses", losses), ("mean", mean)])
      }
    }
    for output in probe?.outputs ?? [] {
      let expected = output.name == "mean" ? shape : [Probe.batch]
      expect(output.shape == expected, "'\(output.name)' is \(output.shape), not \(expected)")
    }
    if likelihood.measure == .probability {
      expect(
        probe?["losses"].allSatisfy { $0 >= 0 } ?? true,
        "it is said to be a probability, and is above 1")
    }
    expectGradient("the likelihood") { seed, epsilon in
      GradientCheck(
        [.normal(parameters), .fixed(shape, 0...1)], seed: seed, epsilon: epsilon, along: .uphill
      ) { graph, inputs in
        likelihood.negativeLogLikelihood(
          inputs[0], images: seen(inputs[1], inputs[0], scope(graph)), in: scope(graph))
      }
    }
    expectDraws(likelihood, image, inputs[0], scope)
    for mean in [0.2, 0.5, 0.9] as [Float] {
      expectLocation(likelihood, mean, image, output, scope)
    }
  }

  /// Draws are images that it gives a probability to, and there are some unless it is a mere loss.
  private mutating func expectDraws(
    _ likelihood: any Likelihood, _ image: Shape, _ parameters: Probe.Input,
    _ scope: (Graph) -> Scope
  ) {
    if isBrief { return }
    let drawn = probe("a draw") { conditions in
      Probe([parameters], conditions) { graph, inputs in
        let draw = likelihood.draw(inputs[0], in: scope(graph))
        return Probe.Recorded(loss: nil, outputs: draw.map { [("draw", $0)] } ?? [])
      }
    }
    guard let drawn = drawn?.outputs.first else {
      return expect(likelihood.measure == .loss, "it draws nothing, and is no mere loss")
    }
    let expected = image.batched(Probe.batch)
    guard drawn.shape == expected else {
      return expect(false, "a draw is \(drawn.shape), not \(expected)")
    }
    for (values, support) in likelihood.supports(of: image) {
      for row in 0..<Probe.batch {
        let some = drawn.values[(row * image.count)...].prefix(image.count).dropFirst(
          values.lowerBound
        ).prefix(values.count)
        // A draw may be rounded to a bound.
        let closed = Support(support.range, step: support.step)
        expect(some.allSatisfy(closed.contains), "a draw is outside its support, \(support)")
      }
    }
  }

  /// `output(forMean:image:)` undoes `mean`.
  private mutating func expectLocation(
    _ likelihood: any Likelihood, _ mean: Float, _ image: Shape, _ output: Shape,
    _ scope: (Graph) -> Scope
  ) {
    let values = likelihood.output(
      forMean: Array(repeating: mean, count: image.count), image: image)
    guard values.count == output.count else {
      return expect(false, "output(forMean:) gives \(values.count) numbers, not \(output.count)")
    }
    let input = Probe.Input(name: "parameters", shape: output.batched(1), values: values)
    let probe = Probe([input]) { graph, inputs in
      Probe.Recorded(
        loss: nil, outputs: [("mean", likelihood.mean(inputs[0], in: scope(graph)))])
    }
    expect(
      probe["mean"].allSatisfy { abs($0 - mean) < 1e-3 },
      "output(forMean: \(mean)) begins with \(values.first ?? .nan), whose mean is "
        + "\(probe["mean"].first ?? .nan)")
  }
}

extension Likelihood {
  /// Images of values that it gives a probability to.
  func values(of image: Shape, _ count: Int) -> [Float] {
    var values = TestNumbers.uniform(count * image.count, in: 0...1)
    for (places, support) in supports(of: image) {
      guard let range = support.range, let step = support.step else { continue }
      let steps = min((range.upperBound - range.lowerBound) / step, 9)
      for row in 0..<count {
        for place in places {
          let index = row * image.count + place
          values[index] = range.lowerBound + (values[index] * steps).rounded() * step
        }
      }
    }
    return values
  }
}
