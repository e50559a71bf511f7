import ExptComponents
import ExptTensor

extension Behaviour {
  /// A layer is tried on rows of numbers and on images; it must take one of them.
  mutating func examine(_ layer: any Layer) {
    let shapes: [Shape] = [[Probe.batch, 12], [Probe.batch, 3, 8, 8]]
    let probes = shapes.map { examine(layer, $0) }
    expect(
      probes.contains { $0 }, "it takes neither \(shapes[0]) nor \(shapes[1])")
  }

  private mutating func examine(_ layer: any Layer, _ shape: Shape) -> Bool {
    let input = Probe.Input(
      name: "x", shape: shape, values: TestNumbers.normal(shape.count, seed: 11))
    let probe = probe("the layer on \(shape)") { conditions in
      try Probe([input], conditions) { graph, inputs in
        let y = try layer.apply(inputs[0], in: Probe.scope(graph).child("layer"))
        return Probe.Recorded(loss: y.sum(), outputs: [("y", y)])
      }
    }
    guard let probe else { return false }
    for output in probe.outputs {
      expect(
        output.shape.rank > 1 && output.shape[0] == Probe.batch,
        "\(shape) becomes \(output.shape), which does not keep the batch")
    }
    expectGradient("the layer on \(shape)") { seed, epsilon in
      try GradientCheck([.normal(shape)], seed: seed, epsilon: epsilon, along: .uphill) {
        try layer.apply($1[0], in: Probe.scope($0).child("layer"))
      }
    }
    return true
  }
}
