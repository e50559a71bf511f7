import ExptComponents
import ExptTensor

/// An architecture recorded for a batch of 2, to look at its shapes and parameters.
struct Recording {
  var output: Shape
  var layers: [String]
  /// `0.weight 400×784`.
  var parameters: [String]

  init(encoding image: Shape, with architecture: any Architecture) throws(BuildProblem) {
    try self.init(image) { x, scope throws(BuildProblem) in
      try architecture.encode(x, in: scope)
    }
  }

  init(
    decoding latent: Int, to target: Shape, with architecture: any Architecture,
    bias: (@Sendable () -> [Float])? = nil
  ) throws(BuildProblem) {
    try self.init([latent]) { x, scope throws(BuildProblem) in
      try architecture.decode(x, to: DecoderTarget(shape: target, bias: bias), in: scope)
    }
  }

  init(_ example: Shape, _ body: (Tensor, Scope) throws(BuildProblem) -> Tensor)
    throws(BuildProblem)
  {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let scope = Scope(graph, data: .black([1, 28, 28]))
    output = try body(graph.input("x", example.batched(2)), scope).shape
    layers = graph.layers.map { "\($0.path): \($0.kind)" }
    parameters = graph.parameters.specs.map { "\($0.name) \($0.shape)" }
  }
}

extension DataFacts {
  static func black(_ image: Shape) -> DataFacts {
    DataFacts(image: image) { Array(repeating: 0, count: image.count) }
  }
}

/// The problem that `body` throws, or nil.
func problem(_ body: () throws(BuildProblem) -> Void) -> BuildProblem? {
  do { try body() } catch { return error }
  return nil
}
