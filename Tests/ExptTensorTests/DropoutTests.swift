import ExptTensor
import ExptTesting
import Testing

@Suite("Dropout")
struct DropoutTests {
  private let ones: [(shape: Shape, values: [Float])] = [
    ([200, 100], Array(repeating: 1, count: 20_000))
  ]

  @Test func `drops the share it says, and the same elements of the gradient`() {
    let run = GraphRun(ones) { dropout($1[0], rate: 0.3) }
    let kept = run.output.count { $0 != 0 }
    // Five standard deviations of the count.
    #expect(abs(Double(kept) - 14_000) < 5 * (20_000 * 0.3 * 0.7).squareRoot())
    #expect(Set(run.output) == [0, 1 / (1 - 0.3)])
    let isSame = run.output == run.inputGradients[0]
    #expect(isSame)
  }

  @Test func `drops other elements in another part of the model, and of another stream`() {
    let runs = [("a", "x"), ("b", "x"), ("a", "y")].map { path, stream in
      GraphRun(ones) { graph, x in
        graph.within(path) { dropout(x[0], rate: 0.3, stream: stream) }
      }.output
    }
    let differ = runs[0] != runs[1] && runs[0] != runs[2]
    #expect(differ)
  }

  @Test func `changes nothing in evaluation, or with a rate of 0`() {
    #expect(
      GraphRun(ones, mode: .evaluation) { dropout($1[0], rate: 0.3) }.output == ones[0].values)
    #expect(GraphRun(ones) { dropout($1[0], rate: 0) }.output == ones[0].values)
  }
}
