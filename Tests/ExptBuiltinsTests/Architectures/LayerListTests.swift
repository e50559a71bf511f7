import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptTensor
import ExptTesting
import Testing

@Suite("layers")
struct LayerListTests {
  private func list(_ text: String) throws(Diagnostics) -> LayerList {
    guard let list = try network(.architecture, "{ type: layers, layers: [\(text)] }") as? LayerList
    else { preconditionFailure("not a LayerList") }
    return list
  }

  @Test func `a convolutional encoder written out, and its mirror, are those of conv`() throws {
    let encoder = try list(
      """
      { type: conv, channels: 32, kernel: 4, stride: 2, padding: 1 }, relu,
      { type: conv, channels: 64, kernel: 4, stride: 2, padding: 1 }, relu,
      flatten, { type: linear, units: 256 }, relu
      """)
    let encoding = try Recording(encoding: [1, 28, 28], with: encoder)
    let conv = try Recording(encoding: [1, 28, 28], with: Conv())
    #expect(encoding.output == conv.output)
    #expect(
      encoding.layers == [
        "0: conv 1 → 32, 4×4, stride 2, padding 1, relu",
        "2: conv 32 → 64, 4×4, stride 2, padding 1, relu", "4: flatten",
        "5: linear 3136 → 256, relu",
      ])
    let decoding = try Recording(
      decoding: 16, to: [1, 28, 28], with: encoder.mirrored(image: [1, 28, 28]))
    #expect(decoding.output == [2, 1, 28, 28])
    #expect(
      decoding.layers == [
        "0: linear 16 → 256, relu", "2: linear 256 → 3136, relu", "3: reshape 64×7×7",
        "5: conv_transpose 64 → 32, 4×4, stride 2, padding 1, relu",
        "7: conv_transpose 32 → 1, 4×4, stride 2, padding 1",
      ])
  }

  @Test(arguments: [(1, 28, 28), (3, 31, 17), (2, 9, 12)])
  func `the mirror reaches any image size, also with a scale for each pixel`(
    channels: Int, height: Int, width: Int
  ) throws {
    let encoder = try list(
      """
      { type: conv, channels: 4, kernel: 3, stride: 2 }, batch_norm, leaky_relu,
      { type: residual, layers: [{ type: conv, channels: 4, padding: 1 }, elu] },
      { type: conv, channels: 6, kernel: 2, stride: 3, padding: 1 }, silu, { type: dropout }
      """)
    for parameters in 1...2 {
      let target: Shape = [parameters * channels, height, width]
      let decoding = try Recording(
        decoding: 5, to: target, with: encoder.mirrored(image: [channels, height, width]))
      #expect(decoding.output == target.batched(2))
    }
  }

  @Test func `normalisation keeps its place between products and activation in the mirror`() throws
  {
    let encoder = try list(
      "flatten, dropout, { type: linear, units: 9 }, layer_norm, tanh, { type: linear, units: 4 }")
    let decoding = try Recording(
      decoding: 2, to: [1, 4, 5], with: encoder.mirrored(image: [1, 4, 5]))
    #expect(
      decoding.layers == [
        "0: linear 2 → 4", "1: linear 4 → 9", "2: layer_norm 9", "3: tanh", "4: linear 9 → 20",
        "5: reshape 1×4×5",
      ])
  }

  @Test func `an activation in the last pass gives the numbers of one that stands apart`() throws {
    let text = """
      { type: conv, channels: 5, kernel: 3, stride: 2 }, %, flatten, { type: linear, units: 7 }, %
      """
    let image = TestNumbers.uniform(2 * 64, in: 0...1)
    for activation in ["relu", "{ type: elu, alpha: 0.5 }", "tanh", "gelu", "softplus"] {
      let fused = try list(text.split(separator: "%").joined(separator: activation))
      let layers = fused.layers
      let run = try GraphRun([([2, 1, 8, 8], image)]) { graph, x in
        try fused.encode(x[0], in: Scope(graph, data: .black([1, 8, 8])))
      }
      let apart = try GraphRun([([2, 1, 8, 8], image)]) { graph, x in
        var y = x[0]
        for (index, layer) in layers.enumerated() {
          y = try layer.apply(y, in: Scope(graph, path: "\(index)", data: .black([1, 8, 8])))
        }
        return y
      }
      let isSame = run.output == apart.output
      #expect(isSame, "\(activation)")
      for (one, other) in zip(run.inputGradients, apart.inputGradients) {
        #expect(largestError(one, other.map(Double.init)) < 1e-5, "\(activation)")
      }
    }
  }

  @Test func `gradients agree with differences through a residual network and its mirror`() throws {
    let encoder = try list(
      """
      { type: conv, channels: 3, kernel: 3, stride: 2, padding: 1 }, tanh,
      { type: residual, layers: [{ type: conv, channels: 2, padding: 1 }, softplus,
        { type: conv_transpose, channels: 3, padding: 1 }] },
      flatten, layer_norm, { type: linear, units: 6 }, gelu
      """)
    let check = try GradientCheck([.uniform([2, 1, 6, 5], 0...1)]) { graph, x in
      let scope = Scope(graph, data: .black([1, 6, 5]))
      let features = try encoder.encode(x[0], in: scope.child("encoder"))
      return try encoder.mirrored(image: [1, 6, 5]).decode(
        features, to: DecoderTarget(shape: [1, 6, 5]), in: scope.child("decoder"))
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  @Test func `a decoder that misses the target is refused with both shapes`() throws {
    let short = try list("{ type: linear, units: 783 }")
    let problem = problem { () throws(BuildProblem) in
      _ = try Recording(decoding: 3, to: [1, 28, 28], with: short)
    }
    #expect(
      problem?.message
        == "the decoder's layers end with 783, and the likelihood needs 1×28×28")
    #expect(problem?.help == "end with 1 channels of 28×28, or with linear to 784 units")
    #expect(problem?.path == ["layers"])
    let exact = try list("{ type: linear, units: 784 }")
    #expect(
      try Recording(decoding: 3, to: [1, 28, 28], with: exact).output == [2, 1, 28, 28])
  }

  @Test func `a decoder's last bias starts at the target's`() throws {
    let decoder = try list("{ type: linear, units: 3 }, relu, { type: linear, units: 4 }")
    let run = try GraphRun([([1, 2], [1, 2])]) { graph, x in
      try decoder.decode(
        x[0], to: DecoderTarget(shape: [1, 2, 2], bias: { [4, 3, 2, 1] }),
        in: Scope(graph, data: .black([1, 2, 2])))
    }
    #expect(run.parameters["2.bias"].map { Array($0.values) } == [4, 3, 2, 1])
  }

  @Test(arguments: [
    (
      "{ type: linear, units: 9 }", "[0]",
      "a linear layer takes a row of numbers, not an image of 1×28×28"
    ),
    (
      "flatten, { type: conv, channels: 3 }", "[1]",
      "a convolution takes images [channels, height, width], not 784 numbers"
    ),
    (
      "{ type: reshape, shape: [7, 7] }", "[0]",
      "cannot reshape 1×28×28 (784 numbers) to 7×7 (49)"
    ),
    (
      "{ type: conv, channels: 3, kernel: 30 }", "[0]",
      "a kernel of 30×30 does not fit an image of 1×28×28 with padding 0"
    ),
    (
      "relu, { type: upsample, factor: 1024 }, { type: upsample, factor: 1024 }", "[2]",
      "a batch after upsample would be 2×1×29360128×29360128, more than 2^31 numbers"
    ),
    (
      "flatten, { type: upsample }", "[1]",
      "upsample takes images [channels, height, width], not 784"
    ),
  ])
  func `a layer that does not fit is named with its place`(
    text: String, place: String, message: String
  ) throws {
    let encoder = try list(text)
    let problem = problem { () throws(BuildProblem) in
      _ = try Recording(encoding: [1, 28, 28], with: encoder)
    }
    #expect(problem?.message == message)
    #expect(problem?.path == ["layers", place])
  }

  @Test func `a residual block that changes the shape, and a mirror that cannot be, are refused`()
    throws
  {
    let block = try list("{ type: residual, layers: [{ type: conv, channels: 1 }] }")
    let residual = problem { () throws(BuildProblem) in
      _ = try Recording(encoding: [1, 28, 28], with: block)
    }
    #expect(
      residual?.message
        == "the layers of a residual block turn 1×28×28 into 1×26×26, which cannot be added")
    #expect(residual?.path == ["layers", "[0]", "layers"])
    let upsampling = try list("upsample").mirrored(image: [1, 28, 28])
    let mirror = problem { () throws(BuildProblem) in
      _ = try Recording(decoding: 2, to: [1, 28, 28], with: upsampling)
    }
    #expect(mirror?.message == "the layer 'upsample' from 1×28×28 to 1×56×56 has no mirror")
  }

  @Test func `an encoder cannot be a mirror`() {
    #expect(
      problem { () throws(BuildProblem) in
        _ = try Recording(encoding: [1, 28, 28], with: MirrorDecoder())
      }?.message == "a mirror has nothing to mirror here")
  }
}
