import ExptTensor
import ExptTesting
import Foundation
import Testing

/// Known wrong versions of layers, beside the numbers by hand that they miss.
@Suite("What layers are mistaken for")
struct LayerTrapTests {
  private func run(
    _ shape: Shape, _ values: [Float], _ weights: [Float]? = nil,
    _ build: @escaping (Tensor) -> Tensor
  ) -> GraphRun {
    GraphRun([(shape, values)], weights: weights) { build($1[0]) }
  }

  /// The corner windows hold one pixel each; padding that counts gives a quarter of it.
  @Test func `an average does not count padding`() {
    let geometry = PoolingGeometry(kernel: 2, stride: 1, padding: 1)
    let seen = run([1, 1, 2, 2], [1, 2, 3, 4]) { averagePool($0, geometry) }.output
    #expect(seen == [1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4])
    let wrong: [Float] = [0.25, 0.75, 0.5, 1, 2.5, 1.5, 0.75, 1.75, 1]
    #expect(largestError(wrong, seen.map(Double.init)) > 0.5)
  }

  @Test func `of equal pixels the first gets the whole gradient`() {
    let seen = run([1, 1, 2, 2], [5, 5, 5, 5]) { maxPool($0, PoolingGeometry(kernel: 2)) }
    #expect(seen.output == [5])
    #expect(seen.inputGradients[0] == [1, 0, 0, 0])
    let shared: [Float] = [0.25, 0.25, 0.25, 0.25]
    #expect(seen.inputGradients[0] != shared)
    let second = run([1, 1, 2, 2], [1, 5, 5, 2]) { maxPool($0, PoolingGeometry(kernel: 2)) }
    #expect(second.inputGradients[0] == [0, 1, 0, 0])
    let broken = run([1, 1, 2, 2], [1, .nan, 5, 2]) { maxPool($0, PoolingGeometry(kernel: 2)) }
    #expect(broken.output[0].isNaN)
  }

  /// TensorFlow's `depth_to_space` has the channels innermost: its first channel is 0, 2, 4, 6.
  @Test func `pixels are shuffled in PyTorch's order of channels`() {
    let seen = run([1, 8, 1, 1], [0, 1, 2, 3, 4, 5, 6, 7]) { pixelShuffle($0, by: 2) }
    #expect(seen.outputShape == [1, 2, 2, 2])
    #expect(seen.output == [0, 1, 2, 3, 4, 5, 6, 7])
    let tensorFlow: [Float] = [0, 2, 4, 6, 1, 3, 5, 7]
    #expect(seen.output != tensorFlow)
    let back = run([1, 8, 2, 3], (0..<48).map(Float.init)) {
      pixelUnshuffle(pixelShuffle($0, by: 2), by: 2)
    }
    #expect(back.output == (0..<48).map(Float.init))
  }

  /// Groups of channels in a row: (1, 3) and (10, 30). Every other channel would be (1, 10), (3, 30).
  @Test func `groups are channels in a row`() {
    let x: [Float] = [1, 3, 10, 30]
    let seen = run([1, 4, 1, 1], x) { groupNorm($0, groups: 2) }.output
    func pair(_ a: Double, _ b: Double) -> [Double] {
      let (mean, half) = ((a + b) / 2, (b - a) / 2)
      let root = (half * half + 1e-5).squareRoot()
      return [(a - mean) / root, (b - mean) / root]
    }
    let right = pair(1, 3) + pair(10, 30)
    let (odd, even) = (pair(1, 10), pair(3, 30))
    #expect(largestError(seen, right) < 1e-6)
    #expect(largestError(seen, [odd[0], even[0], odd[1], even[1]]) > 0.5)
  }

  /// Softmax(q·k/√d) at four positions, in Double, and the same without the root.
  @Test func `scores of attention are divided by the root of their dimension`() throws {
    let x = TestNumbers.normal(3 * 4, seed: 8)
    let run = try GraphRun([([1, 3, 2, 2], x)]) { graph, t in
      try attention(t[0], dimension: 5, in: .net(graph))
    }
    func parameter(_ name: String) throws -> [Double] {
      try #require(run.parameters["net.\(name)"]).values.map { Double($0) }
    }
    func projected(_ name: String, _ input: [[Double]]) throws -> [[Double]] {
      let (weight, bias) = (try parameter("\(name).weight"), try parameter("\(name).bias"))
      return input.map { position in
        bias.indices.map { row in
          bias[row]
            + position.indices.reduce(0) { $0 + weight[row * position.count + $1] * position[$1] }
        }
      }
    }
    let positions = (0..<4).map { p in (0..<3).map { Double(x[$0 * 4 + p]) } }
    func expected(scale: Double) throws -> [Double] {
      let (query, key) = (try projected("query", positions), try projected("key", positions))
      let value = try projected("value", positions)
      let mixed = query.map { q -> [Double] in
        let scores = key.map { k in exp(scale * zip(q, k).reduce(0) { $0 + $1.0 * $1.1 }) }
        let total = scores.reduce(0, +)
        return (0..<3).map { c in
          zip(scores, value).reduce(0) { $0 + $1.0 * $1.1[c] } / total
        }
      }
      let out = try projected("out", mixed)
      return (0..<12).map { Double(x[$0]) + out[$0 % 4][$0 / 4] }
    }
    #expect(largestError(run.output, try expected(scale: 1 / 5.0.squareRoot())) < 1e-6)
    #expect(largestError(run.output, try expected(scale: 1)) > 1e-4)
  }
}
