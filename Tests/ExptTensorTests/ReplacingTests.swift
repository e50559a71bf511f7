import ExptTensor
import ExptTesting
import Testing

@Suite("The same computation from other values")
struct ReplacingTests {
  private let x: [Float] = [1, -2, 3]

  /// Σ (x·β + noise)², at β and at another β; both from one graph.
  private func sums(_ beta: Float, _ other: Float) -> [Float] {
    let run = GraphRun([([3], x), (.scalar, [beta]), (.scalar, [other])]) { graph, inputs in
      let noise = graph.normal([3], stream: "noise")
      let sum = square(inputs[0] * inputs[1] + noise).sum()
      let replaced = graph.replacing([(inputs[1], with: inputs[2])], in: sum)
      return concatenate(sum.reshaped([1, 1]), replaced.reshaped([1, 1]))
    }
    return run.output
  }

  @Test func `is what it would be had it been recorded so, with the same noise`() {
    let (a, b) = (sums(2, 5), sums(5, 2))
    #expect(a[0] == b[1])
    #expect(a[1] == b[0])
    #expect(a[0] != a[1])
  }

  @Test func `leaves what does not depend on them alone`() {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let (a, b) = (graph.scalar("a"), graph.scalar("b"))
    let product = graph.scalar("c") * graph.scalar("d")
    let same = graph.replacing([(a, with: b)], in: product)
    #expect(same.shape == product.shape)
    let before = graph.multiplyAdds
    _ = graph.replacing(
      [(a, with: b)], in: matmul(graph.input("e", [4, 4]), graph.input("f", [4, 4])) * a)
    #expect(graph.multiplyAdds == before + 64)  // the product itself is not recorded twice
  }
}
