import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Testing

@Suite("mlp")
struct MLPTests {
  @Test func `the encoder and its mirror have PyTorch's shapes and counting names`() throws {
    let encoder = MLP(hidden: [200, 100], activation: .tanh)
    let encoding = try Recording(encoding: [1, 28, 28], with: encoder)
    #expect(encoding.output == [2, 100])
    #expect(
      encoding.parameters == [
        "0.weight 200×784", "0.bias 200", "1.weight 100×200", "1.bias 100",
      ])
    #expect(encoding.layers == ["0: linear 784 → 200, tanh", "1: linear 200 → 100, tanh"])
    let decoding = try Recording(
      decoding: 20, to: [1, 28, 28], with: encoder.mirrored(image: [1, 28, 28]))
    #expect(decoding.output == [2, 1, 28, 28])
    #expect(
      decoding.layers == [
        "0: linear 20 → 100, tanh", "1: linear 100 → 200, tanh", "2: linear 200 → 784",
      ])
  }

  @Test func `without hidden layers it is a linear autoencoder`() throws {
    let encoding = try Recording(encoding: [3, 4, 5], with: MLP(hidden: []))
    #expect(encoding.output == [2, 60])
    let decoding = try Recording(decoding: 7, to: [3, 4, 5], with: MLP(hidden: []))
    #expect(decoding.layers == ["0: linear 7 → 60"])
    #expect(decoding.output == [2, 3, 4, 5])
  }

  @Test func `normalisation comes between the products and the activation`() throws {
    var mlp = MLP(hidden: [30])
    mlp.batchNorm = true
    mlp.dropout = 0.25
    let batch = try Recording(encoding: [1, 5, 5], with: mlp)
    #expect(
      batch.layers == ["0: linear 25 → 30", "0.norm: batch_norm 30", "0.dropout: dropout 0.25"])
    #expect(
      batch.parameters == [
        "0.weight 30×25", "0.norm.weight 30", "0.norm.bias 30", "0.norm.running_mean 30",
        "0.norm.running_var 30",
      ])
    mlp.batchNorm = false
    mlp.layerNorm = true
    let layer = try Recording(encoding: [1, 5, 5], with: mlp)
    #expect(
      layer.parameters == [
        "0.weight 30×25", "0.bias 30", "0.norm.weight 30", "0.norm.bias 30",
      ])
  }

  @Test func `the decoder's last bias starts where the target says`() throws {
    let run = try GraphRun([([2, 3], [1, 2, 3, 4, 5, 6])]) { graph, x in
      try MLP(hidden: [4]).decode(
        x[0], to: DecoderTarget(shape: [1, 2, 2], bias: { [0.5, -1, 2, 0] }),
        in: Scope(graph, data: .black([1, 2, 2])))
    }
    #expect(run.parameters["1.bias"].map { Array($0.values) } == [0.5, -1, 2, 0])
  }

  @Test func `gradients agree with differences through encoder and decoder`() throws {
    let check = try GradientCheck([.uniform([3, 1, 4, 4], 0...1)]) { graph, x in
      let scope = Scope(graph, data: .black([1, 4, 4]))
      let mlp = MLP(hidden: [11, 7], activation: .tanh)
      let features = try mlp.encode(x[0], in: scope.child("encoder"))
      return try mlp.mirrored(image: [1, 4, 4]).decode(
        features, to: DecoderTarget(shape: [1, 4, 4]), in: scope.child("decoder"))
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  @Test func `absurd sizes are refused with the setting that asked for them`() {
    let mlp = MLP(hidden: [1_000_000, 1_000_000])
    let problem = problem { () throws(BuildProblem) in
      _ = try Recording(encoding: [1, 28, 28], with: mlp)
    }
    #expect(
      problem?.message
        == "the weight of linear 1000000 → 1000000 would be 1000000×1000000, more than 2^31 numbers"
    )
    #expect(problem?.path == ["hidden"])
    let huge = ExptBuiltinsTests.problem { () throws(BuildProblem) in
      _ = try Recording(encoding: [1, 28, 28], with: MLP(hidden: [Int.max]))
    }
    #expect(huge?.path == ["hidden"])
  }
}
