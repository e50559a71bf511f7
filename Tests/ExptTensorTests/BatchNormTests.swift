import ExptTensor
import ExptTesting
import Testing

@Suite("Running statistics")
struct BatchNormTests {
  private let shape: Shape = [40, 3, 4]

  private func normalise(_ graph: Graph, _ x: Tensor) -> Tensor {
    batchNorm(
      x, runningMean: graph.parameter("mean", [3], .zeros, isState: true),
      runningVariance: graph.parameter("variance", [3], .ones, isState: true), momentum: 0.25)
  }

  @Test func `move towards the batch's in training, the variance divided by n − 1`() throws {
    let x = TestNumbers.normal(shape.count)
    let run = GraphRun([(shape, x)]) { normalise($0, $1[0]) }
    let channels = (0..<3).map { c in
      x.indices.filter { $0 / 4 % 3 == c }.map { Double(x[$0]) }
    }
    let means = channels.map { $0.reduce(0, +) / Double($0.count) }
    let variances = zip(channels, means).map { values, mean in
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }
    let mean = try #require(run.parameters["mean"]?.values)
    let variance = try #require(run.parameters["variance"]?.values)
    #expect(largestError(Array(mean), means.map { 0.25 * $0 }) < 1e-6)
    #expect(largestError(Array(variance), variances.map { 0.75 + 0.25 * $0 }) < 1e-6)
  }

  @Test func `stay as they are in evaluation`() throws {
    let run = GraphRun([(shape, TestNumbers.normal(shape.count))], mode: .evaluation) {
      normalise($0, $1[0])
    }
    #expect(try Array(#require(run.parameters["mean"]?.values)) == [0, 0, 0])
    #expect(try Array(#require(run.parameters["variance"]?.values)) == [1, 1, 1])
  }

  /// A single value has no variance: it is normalised by the running statistics, 0 and 1.
  @Test func `stay as they are, and are used, where a channel has one value`() throws {
    let x: [Float] = [2, -3, 0.5]
    for shape in [[1, 3], [1, 3, 1, 1]] as [Shape] {
      let run = GraphRun([(shape, x)]) { normalise($0, $1[0]) }
      #expect(try Array(#require(run.parameters["mean"]?.values)) == [0, 0, 0])
      #expect(try Array(#require(run.parameters["variance"]?.values)) == [1, 1, 1])
      let scale = 1 / (1 + 1e-5).squareRoot()
      #expect(largestError(run.output, x.map { Double($0) * scale }) < 1e-6)
      #expect(largestError(run.inputGradients[0], [scale, scale, scale]) < 1e-6)
    }
  }

  @Test func `a graph tells where a channel has one value`() {
    func places(_ shape: Shape, _ mode: Mode) -> [String] {
      let graph = Graph(mode: mode, parameters: ParameterSet())
      let x = graph.input("x", shape)
      _ = graph.within("encoder.0") { normalise(graph, x) }
      return graph.loneBatchNorms
    }
    #expect(places([1, 3], .training) == ["encoder.0"])
    #expect(places([1, 3, 1, 1], .training) == ["encoder.0"])
    #expect(places([1, 3, 2, 1], .training) == [])
    #expect(places([2, 3], .training) == [])
    #expect(places([1, 3], .evaluation) == [])
  }
}
