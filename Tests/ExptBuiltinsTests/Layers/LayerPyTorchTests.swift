import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Testing

@Suite("Layers beside PyTorch's")
struct LayerPyTorchTests {
  /// By the names in `layers.py`.
  static let layers: [String: (text: String, shape: Shape)] = [
    "group_norm": ("{ type: group_norm, groups: 3 }", [3, 6, 4, 5]),
    "group_norm of rows": ("{ type: group_norm, groups: 4, epsilon: 1e-3 }", [3, 12]),
    "attention": ("attention", [2, 6, 3, 4]),
    "attention, normalised": (
      "{ type: attention, dimension: 4, norm_groups: 2, initialiser: he_normal }", [2, 6, 3, 4]
    ),
    "gated_linear": ("{ type: gated_linear, units: 5 }", [4, 7]),
    "rescale": ("{ type: rescale, factor: 0.5, shift: -0.25 }", [4, 7]),
    "pixel_shuffle": ("{ type: pixel_shuffle, factor: 3 }", [2, 18, 3, 4]),
    "pixel_unshuffle": ("pixel_unshuffle", [2, 3, 6, 4]),
    "avg_pool": ("{ type: avg_pool, kernel: 3, stride: 2, padding: 1 }", [2, 3, 7, 6]),
    "max_pool": ("{ type: max_pool, kernel: 3, stride: 2, padding: 1 }", [2, 3, 7, 6]),
    "max_pool, apart": ("{ type: max_pool, kernel: 2, stride: 3 }", [2, 3, 7, 6]),
    "conv, same": ("{ type: conv, channels: 4, kernel: 5, padding: same }", [2, 3, 7, 6]),
    "spectral linear": ("{ type: linear, units: 5, spectral_norm: true }", [4, 7]),
    "spectral conv": (
      "{ type: conv, channels: 5, stride: 2, padding: 1, spectral_norm: true }", [2, 3, 7, 6]
    ),
    "spectral conv_transpose": (
      "{ type: conv_transpose, channels: 5, kernel: 4, stride: 2, padding: 1, spectral_norm: true }",
      [2, 3, 4, 5]
    ),
  ]

  private typealias Arrays = [(name: String, array: NPYArray)]

  private func arrays(_ name: String, _ text: String, _ shape: Shape) throws -> Arrays {
    let layer = try network(.layer, text)
    let values = TestNumbers.normal(shape.count, seed: 4)
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let output = try layer.apply(
      graph.input("x", shape), in: Scope(graph, path: "l", data: .black([1, 8, 8])))
    let weights = TestNumbers.normal(output.shape.count, seed: 5)
    let run = try GraphRun([(shape, values)], weights: weights) { graph, x in
      try layer.apply(x[0], in: Scope(graph, path: "l", data: .black([1, 8, 8])))
    }
    func array(_ part: String, _ shape: Shape, _ values: [Float]) -> (String, NPYArray) {
      ("\(name)/\(part)", NPYArray(shape: shape.dimensions, floats: values))
    }
    var found: Arrays = [
      array("x", shape, values), array("c", output.shape, weights),
      array("y", output.shape, run.output), array("dx", shape, run.inputGradients[0]),
    ]
    for spec in run.parameters.specs {
      let own = String(spec.name.dropFirst(2))
      let memory = try #require(run.parameters[spec.name])
      found.append(
        array("\(spec.isState ? "state" : "parameter")/\(own)", spec.shape, Array(memory.values)))
      if let gradient = run.parameters.gradient(of: spec.name) {
        found.append(array("gradient/\(own)", spec.shape, Array(gradient.values)))
      }
    }
    return found
  }

  /// The weight of a layer that has taken some steps, as it multiplies in evaluation: a matrix with a row
  /// for each output.
  private func spectral(_ shape: Shape, outputs axis: Int) throws -> NPYArray {
    let parameters = ParameterSet()
    func record(_ mode: Mode) -> (Graph, Tensor) {
      let graph = Graph(mode: mode, parameters: parameters)
      let weight = graph.parameter("l.weight", shape, .normal(deviation: 1))
      return (
        graph,
        spectrallyNormalised(
          weight, outputs: axis, in: Scope(graph, path: "l", data: .black([1, 8, 8])))
      )
    }
    let (training, trained) = record(.training)
    let (evaluation, value) = record(.evaluation)
    let store = ParameterStore(parameters)
    store.initialise(seed: 2)
    let (arena, run) = (Arena(), RunContext(pool: ThreadPool(threads: 1), seed: 1))
    let plan = Plan(
      training, loss: trained.sum(), outputs: [trained], store: store, arena: arena, run: run)
    for _ in 0..<500 {
      plan.forward()
      plan.moveStates()
    }
    let second = Plan(evaluation, outputs: [value], store: store, arena: arena, run: run)
    second.forward()
    let values = Array(second.value(of: value))
    let (rows, inner) = (shape[axis], shape.count(from: 2))
    let columns = shape.count / rows
    let matrix = (0..<shape.count).map { at in
      let (row, column) = (at / columns, at % columns)
      return axis == 0 ? values[at] : values[(column / inner * rows + row) * inner + column % inner]
    }
    return NPYArray(shape: [rows, columns], floats: matrix)
  }

  @Test(.needs(.pyTorch)) func `values and gradients are theirs`() throws {
    var all: Arrays = []
    for (name, layer) in Self.layers.sorted(by: { $0.key < $1.key }) {
      all += try arrays(name, layer.text, layer.shape)
    }
    all.append(("spectral/linear", try spectral([20, 31], outputs: 0)))
    all.append(("spectral/conv", try spectral([8, 5, 3, 3], outputs: 0)))
    all.append(("spectral/conv_transpose", try spectral([5, 8, 4, 4], outputs: 1)))
    let folder = TemporaryFolder()
    try NPZ.write(all, to: folder.file("layers.npz"))
    let printed = try Python.run(
      file: packageFolder + "/Tests/Python/layers.py", [folder.file("layers.npz")])
    let lines = printed.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.count == Self.layers.count + 3)
    for line in lines {
      let number = try #require(line.last.flatMap { Double($0) })
      let isSpectral = line[0].hasPrefix("spectral/")
      #expect(isSpectral ? abs(number - 1) < 1e-5 : number < 1e-5, "\(line[0]): \(number)")
    }
  }
}

@Suite("Layers in lists")
struct NewLayerTests {
  private func list(_ text: String) throws -> LayerList {
    try #require(
      try network(.architecture, "{ type: layers, layers: [\(text)] }") as? LayerList)
  }

  private func told(_ text: String, encoding image: Shape = [1, 28, 28]) throws -> BuildProblem? {
    let encoder = try list(text)
    return problem { () throws(BuildProblem) in
      _ = try Recording(encoding: image, with: encoder)
    }
  }

  @Test func `pooling, shuffling and attention have mirrors`() throws {
    let encoder = try list(
      """
      { type: pixel_unshuffle }, { type: conv, channels: 8, kernel: 3, padding: same },
      { type: group_norm, groups: 4 }, silu, max_pool, attention, { type: avg_pool, kernel: 7 }
      """)
    let encoding = try Recording(encoding: [1, 28, 28], with: encoder)
    #expect(encoding.output == [2, 8, 1, 1])
    let decoding = try Recording(
      decoding: 5, to: [1, 28, 28], with: encoder.mirrored(image: [1, 28, 28]))
    #expect(decoding.output == [2, 1, 28, 28])
    #expect(
      decoding.layers == [
        "0: linear 5 → 8", "1: reshape 8×1×1", "2: upsample ×7", "3.query: conv 8 → 8, 1×1",
        "3.key: conv 8 → 8, 1×1", "3.value: conv 8 → 8, 1×1", "3: attention 8, 49 positions",
        "3.out: conv 8 → 8, 1×1", "4: upsample ×2", "5: group_norm 8, 4 groups", "6: silu",
        "7: conv_transpose 8 → 4, 3×3, padding 1", "8: pixel_shuffle ×2",
      ])
  }

  @Test func `the settings of weights reach the layers, and their mirrors`() throws {
    let encoder = try list(
      """
      { type: conv, channels: 4, kernel: 3, stride: 2, padding: same, spectral_norm: true,
        initialiser: orthogonal }, flatten, { type: linear, units: 6, spectral_norm: true }
      """)
    let encoding = try Recording(encoding: [1, 9, 8], with: encoder)
    #expect(
      encoding.layers == [
        "0: conv 1 → 4, 3×3, stride 2, padding 1, spectral norm", "1: flatten",
        "2: linear 80 → 6, spectral norm",
      ])
    #expect(encoding.parameters.contains("0.weight_u 4"))
    let decoding = try Recording(
      decoding: 3, to: [1, 9, 8], with: encoder.mirrored(image: [1, 9, 8]))
    #expect(decoding.output == [2, 1, 9, 8])
    #expect(decoding.layers.count { $0.contains("spectral norm") } == 2)
    var mlp = MLP(hidden: [4])
    mlp.weights = WeightSettings(WeightOptions(initialiser: .zeros))
    let run = try GraphRun([([2, 9], TestNumbers.normal(18))]) { graph, x in
      try mlp.encode(x[0].reshaped([2, 1, 3, 3]), in: Scope(graph, data: .black([1, 3, 3])))
    }
    #expect(run.output.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [
    (
      "{ type: conv, channels: 6 }, { type: group_norm, groups: 4 }",
      "4 groups do not divide 6 channels", "use 3 groups, say"
    ),
    (
      "{ type: pixel_shuffle, factor: 2 }",
      "pixel_shuffle ×2 needs a multiple of 4 channels, not 1",
      "let the layer before it make 4 times the channels you want after it"
    ),
    (
      "{ type: pixel_unshuffle, factor: 3 }",
      "pixel_unshuffle ×3 does not divide an image of 1×28×28",
      "use a divisor of its height and width"
    ),
    (
      "{ type: avg_pool, kernel: 30 }", "avg_pool 30×30 does not fit an image of 1×28×28",
      "use a smaller kernel, or leave it out"
    ),
    (
      "flatten, max_pool", "max_pool takes images [channels, height, width], not 784 numbers",
      "put a reshape layer before it"
    ),
    (
      "flatten, attention", "attention takes images [channels, height, width], not 784 numbers",
      "put a reshape layer before it"
    ),
  ])
  func `what does not fit is told with what to do`(text: String, message: String, help: String)
    throws
  {
    let problem = try told(text)
    #expect(problem?.message == message)
    #expect(problem?.help == help)
  }

  @Test func `attention over too many positions is refused`() throws {
    let problem = try told("attention", encoding: [1, 300, 300])
    #expect(problem?.message.contains("scores of attention would be 2×90000×90000") == true)
  }

  @Test func `a pool that no factor leads back from has no mirror`() throws {
    let encoder = try list("{ type: conv, channels: 2 }, { type: max_pool, kernel: 3 }")
    let problem = problem { () throws(BuildProblem) in
      _ = try Recording(
        decoding: 2, to: [1, 28, 28], with: encoder.mirrored(image: [1, 28, 28]))
    }
    #expect(
      problem?.message
        == "the layer 'max_pool' from 2×26×26 to 2×8×8 has no mirror: no whole factor leads back")
  }

  @Test func `same is for odd kernels, and for nothing that is nearly called so`() throws {
    #expect(throws: Never.self) {
      try network(.layer, "{ type: conv, channels: 2, padding: same }")
    }
    for (text, sentence) in [
      ("{ type: conv, channels: 2, kernel: 4, padding: same }", "needs an odd kernel"),
      ("{ type: conv, channels: 2, padding: sane }", "did you mean 'same'?"),
      ("{ type: conv, channels: 2, padding: -1 }", "must be from 0 to 1024"),
    ] {
      do {
        _ = try network(.layer, text)
        Issue.record("\(text) is taken")
      } catch { #expect(error.rendered.contains(sentence), "\(error.rendered)") }
    }
    #expect(throws: (any Error).self) {
      try network(.architecture, "{ type: conv, padding: same }")
    }
    let sized = try Recording(
      encoding: [1, 9, 8],
      with: network(
        .architecture,
        "{ type: conv, channels: [3, 4], kernel: 5, stride: 2, padding: same, hidden: [] }"))
    #expect(sized.output == [2, 4, 3, 2])
  }
}
