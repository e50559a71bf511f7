import ExptComponents
import ExptTensor

extension Behaviour {
  mutating func examine(_ architecture: any Architecture) {
    let features = probe("the encoder") { conditions in
      try Probe([Probe.images], conditions) { graph, inputs in
        let features = try architecture.encode(inputs[0], in: Probe.scope(graph).child("encoder"))
        return Probe.Recorded(loss: features.sum(), outputs: [("features", features)])
      }
    }
    for output in features?.outputs ?? [] {
      expect(
        [2, 4].contains(output.shape.rank) && output.shape[0] == Probe.batch,
        "features are \(output.shape), neither \(Probe.batch)×n nor maps")
    }
    let zero = decoded(architecture, bias: 0)
    expect(
      features != nil || zero != nil,
      "it can neither encode images of \(Probe.image) nor decode to them")
    if let zero, let three = decoded(architecture, bias: 3) {
      let differences = zip(three["decoded"], zero["decoded"]).map { $0 - $1 }
      expect(
        differences.allSatisfy { abs($0 - 3) < 1e-3 },
        "the decoder does not add the bias that its target gives")
    }
    if features != nil { expectMirror(architecture) }
    expectGradients(architecture, encodes: features != nil, decodes: zero != nil)
  }

  static let target: Shape = [2, Probe.image[1], Probe.image[2]]
  private static let latent = 5

  private mutating func decoded(_ architecture: any Architecture, bias: Float) -> Probe? {
    let values = TestNumbers.normal(Probe.batch * Self.latent, seed: 9)
    let latents = Probe.Input(
      name: "latents", shape: [Probe.batch, Self.latent], values: values)
    let probe = probe("the decoder") { conditions in
      try Probe([latents], conditions) { graph, inputs in
        let decoded = try Self.decode(inputs[0], architecture, bias: bias, graph)
        return Probe.Recorded(loss: decoded.sum(), outputs: [("decoded", decoded)])
      }
    }
    for output in probe?.outputs ?? [] {
      let expected = Self.target.batched(Probe.batch)
      expect(output.shape == expected, "it decodes to \(output.shape), not \(expected)")
    }
    return probe
  }

  private static func decode(
    _ latents: Tensor, _ architecture: any Architecture, bias: Float, _ graph: Graph
  ) throws(BuildProblem) -> Tensor {
    let target = DecoderTarget(shape: target) {
      Array(repeating: bias, count: Self.target.count)
    }
    return try architecture.asDecoder(for: PlainEncoder(), image: Probe.image)
      .decode(latents, to: target, in: Probe.scope(graph).child("decoder"))
  }

  private mutating func expectMirror(_ architecture: any Architecture) {
    guard let mirror = try? architecture.mirrored(image: Probe.image) else { return }
    let before = problems.count
    expect(decoded(mirror, bias: 0) != nil, "its mirror does not decode")
    if problems.count > before { problems[before] = "its mirror: " + problems[before] }
  }

  private mutating func expectGradients(
    _ architecture: any Architecture, encodes: Bool, decodes: Bool
  ) {
    if encodes {
      let images = GradientInput.uniform(Probe.images.shape, 0...1)
      expectGradient("the encoder") { seed, epsilon in
        try GradientCheck([images], seed: seed, epsilon: epsilon, along: .uphill) {
          try architecture.encode($1[0], in: Probe.scope($0))
        }
      }
    }
    if decodes {
      let latents = GradientInput.normal([Probe.batch, Self.latent])
      expectGradient("the decoder") { seed, epsilon in
        try GradientCheck([latents], seed: seed, epsilon: epsilon, along: .uphill) {
          try Self.decode($1[0], architecture, bias: 0, $0)
        }
      }
    }
  }
}

/// An encoder for decoders that ask for one: the pixels themselves. Its mirror is one linear layer.
private struct PlainEncoder: Architecture {
  static let id = "plain"
  static let summary = "The pixels themselves."
  init() {}

  func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    images.flattened()
  }

  func decode(_ latents: Tensor, to target: DecoderTarget, in scope: Scope) throws(BuildProblem)
    -> Tensor
  {
    let bias = target.bias.map(Bias.starting) ?? .drawn
    let flat = try linear(latents, to: target.shape.count, bias: bias, in: scope)
    return flat.reshaped(target.shape.batched(latents.shape[0]))
  }

  func mirrored(image: Shape) throws(BuildProblem) -> any Architecture { self }
}
