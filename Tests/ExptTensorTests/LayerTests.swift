import ExptTensor
import ExptTesting
import Testing

extension Scope {
  /// A scope named `net` on `graph`.
  static func net(_ graph: Graph) -> Scope {
    Scope(
      graph, path: "net",
      data: DataFacts(image: [1, 2, 2]) { Array(repeating: 0, count: 4) })
  }
}

@Suite("Layers with parameters")
struct LayerTests {
  private func parameters(
    _ input: Shape, mode: Mode = .training, _ body: (Tensor, Scope) throws -> Tensor
  ) rethrows -> (output: Shape, specs: [ParameterSpec], layers: [LayerSummary]) {
    let graph = Graph(mode: mode, parameters: ParameterSet())
    let output = try body(graph.input("x", input), .net(graph))
    return (output.shape, graph.parameters.specs, graph.layers)
  }

  private func lines(_ specs: [ParameterSpec]) -> [String] {
    specs.map { "\($0.name) \($0.shape)" + ($0.isState ? " state" : "") }
  }

  @Test func `a linear layer has PyTorch's shapes, and a line in the layer table`() throws {
    let made = try parameters([5, 7]) { x, scope in
      try linear(x, to: 3, activation: .relu, in: scope.child("0"))
    }
    #expect(made.output == [5, 3])
    #expect(lines(made.specs) == ["net.0.weight 3×7", "net.0.bias 3"])
    #expect(
      made.layers == [
        LayerSummary(path: "net.0", kind: "linear 7 → 3, relu", output: [3], parameterCount: 24)
      ])
  }

  @Test func `a convolution and its transpose have PyTorch's shapes`() throws {
    let plain = try parameters([5, 2, 9, 8]) { x, scope in
      try conv2d(x, channels: 4, kernel: 3, stride: 2, padding: 1, bias: .absent, in: scope)
    }
    #expect(plain.output == [5, 4, 5, 4])
    #expect(lines(plain.specs) == ["net.weight 4×2×3×3"])
    let transposed = try parameters([5, 4, 5, 4]) { x, scope in
      try convTranspose2d(
        x, channels: 2, kernel: 3, stride: 2, padding: 1, size: .exactly(height: 9, width: 8),
        in: scope)
    }
    #expect(transposed.output == [5, 2, 9, 8])
    #expect(lines(transposed.specs) == ["net.weight 4×2×3×3", "net.bias 2"])
    #expect(transposed.layers[0].kind == "conv_transpose 4 → 2, 3×3, stride 2, padding 1")
  }

  @Test func `normalisation layers have PyTorch's names and shapes`() throws {
    let batch = try parameters([5, 4, 3, 3]) { x, scope in try batchNorm(x, in: scope) }
    #expect(
      lines(batch.specs) == [
        "net.weight 4", "net.bias 4", "net.running_mean 4 state", "net.running_var 4 state",
      ])
    let layer = try parameters([5, 4, 3, 3]) { x, scope in try layerNorm(x, in: scope) }
    #expect(lines(layer.specs) == ["net.weight 4×3×3", "net.bias 4×3×3"])
  }

  /// PyTorch: `nn.Linear` and `nn.Conv2d` begin with weight and bias uniform in ±1/√fan_in, where
  /// fan_in is weight[0].numel(), for `nn.ConvTranspose2d` too.
  @Test func `first values are uniform in PyTorch's bounds`() throws {
    let cases: [(fanIn: Int, run: GraphRun)] = [
      (
        400,
        try GraphRun([([1, 400], TestNumbers.normal(400))]) { graph, x in
          try linear(x[0], to: 300, in: .net(graph))
        }
      ),
      (
        144,
        try GraphRun([([1, 16, 4, 4], TestNumbers.normal(256))]) { graph, x in
          try conv2d(x[0], channels: 64, kernel: 3, in: .net(graph))
        }
      ),
      (
        576,
        try GraphRun([([1, 16, 4, 4], TestNumbers.normal(256))]) { graph, x in
          try convTranspose2d(x[0], channels: 64, kernel: 3, in: .net(graph))
        }
      ),
    ]
    for (fanIn, run) in cases {
      let bound = 1 / Double(fanIn).squareRoot()
      for name in ["net.weight", "net.bias"] {
        let values = try #require(run.parameters[name]).values.map { Double($0) }
        let extremes = (values.min() ?? 0, values.max() ?? 0)
        #expect(extremes.0 >= -bound && extremes.0 < -0.8 * bound, "\(name), fan-in \(fanIn)")
        #expect(extremes.1 <= bound && extremes.1 > 0.8 * bound, "\(name), fan-in \(fanIn)")
        let count = Double(values.count)
        let deviation = (values.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
        #expect(abs(deviation - bound / 3.0.squareRoot()) < 0.15 * bound)
      }
    }
  }

  @Test func `a batch norm without training uses its running statistics`() throws {
    let x = TestNumbers.normal(6 * 3)
    let run = try GraphRun([([6, 3], x)], mode: .evaluation) { graph, t in
      try batchNorm(t[0], in: .net(graph))
    }
    #expect(largestError(run.output, x.map { Double($0) / (1 + 1e-5).squareRoot() }) < 1e-6)
  }

  @Test func `dropout scales what stays, and does nothing in evaluation`() {
    let ones = [Float](repeating: 1, count: 10_000)
    let training = GraphRun([([100, 100], ones)]) { graph, x in
      dropout(x[0], rate: 0.2, in: .net(graph))
    }
    #expect(training.output.allSatisfy { $0 == 0 || $0 == 1.25 })
    let dropped = training.output.count { $0 == 0 }
    #expect((1800...2200).contains(dropped), "\(dropped) of 10000")
    #expect(training.inputGradients[0] == training.output)
    let evaluation = GraphRun([([100, 100], ones)], mode: .evaluation) { graph, x in
      dropout(x[0], rate: 0.2, in: .net(graph))
    }
    #expect(evaluation.output == ones)
  }

  @Test func `first values for a convolution's bias are each channel's mean`() throws {
    let run = try GraphRun([([1, 1, 2, 2], [1, 2, 3, 4])]) { graph, x in
      try conv2d(
        x[0], channels: 2, kernel: 1, bias: .starting { [1, 2, 3, 4, 9, 9, 9, 9] }, in: .net(graph))
    }
    #expect(run.parameters["net.bias"].map { Array($0.values) } == [2.5, 9])
  }
}

@Suite("What layers refuse")
struct LayerProblemTests {
  private func problem(_ input: Shape, _ body: (Tensor, Scope) throws(BuildProblem) -> Tensor)
    -> String?
  {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    do { _ = try body(graph.input("x", input), .net(graph)) } catch { return error.message }
    return nil
  }

  @Test func `shapes that do not fit are told with their sizes`() {
    #expect(
      problem([2, 3, 4, 4]) { x, scope throws(BuildProblem) in try linear(x, to: 3, in: scope) }
        == "a linear layer takes a row of numbers, not an image of 3×4×4")
    #expect(
      problem([2, 7]) { x, scope throws(BuildProblem) in
        try conv2d(x, channels: 3, kernel: 3, in: scope)
      } == "a convolution takes images [channels, height, width], not 7 numbers")
    #expect(
      problem([2, 3, 4, 5]) { x, scope throws(BuildProblem) in
        try conv2d(x, channels: 3, kernel: 7, padding: 1, in: scope)
      } == "a kernel of 7×7 does not fit an image of 3×4×5 with padding 1")
    #expect(
      problem([2, 3, 4, 5]) { x, scope throws(BuildProblem) in
        try convTranspose2d(x, channels: 3, kernel: 1, padding: 2, in: scope)
      }
        == "a transposed convolution with a kernel of 1×1, stride 1 and padding 2 leaves nothing "
        + "of an image of 3×4×5")
    #expect(
      problem([2, 3, 4, 5]) { x, scope throws(BuildProblem) in
        try convTranspose2d(
          x, channels: 3, kernel: 4, stride: 2, padding: 1, size: .exactly(height: 8, width: 12),
          in: scope)
      }
        == "a transposed convolution with a kernel of 4×4, stride 2 and padding 1 makes an image of "
        + "3×4×5 8×10 to 9×11, not 8×12")
    #expect(
      problem([2, 3, 4, 5]) { x, scope throws(BuildProblem) in
        try convTranspose2d(x, channels: 3, kernel: 4, stride: 2, size: .padded(by: 2), in: scope)
      } == "an output padding of 2 is not below the stride of 2")
  }

  @Test(arguments: [0, -1, Int.min, Int.max, 1 << 40])
  func `absurd sizes are refused, without a trap`(_ size: Int) {
    #expect(
      problem([2, 7]) { x, scope throws(BuildProblem) in try linear(x, to: size, in: scope) } != nil
    )
    for (channels, kernel, stride, padding) in [
      (size, 3, 1, 0), (3, size, 1, 0), (3, 3, size, 0), (3, 3, 1, size == 0 ? -1 : size),
    ] {
      #expect(
        problem([2, 3, 9, 9]) { x, scope throws(BuildProblem) in
          try conv2d(
            x, channels: channels, kernel: kernel, stride: stride, padding: padding, in: scope)
        } != nil)
      #expect(
        problem([2, 3, 9, 9]) { x, scope throws(BuildProblem) in
          try convTranspose2d(
            x, channels: channels, kernel: kernel, stride: stride, padding: padding, in: scope)
        } != nil)
    }
  }
}
