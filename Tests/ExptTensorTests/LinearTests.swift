import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("Linear layers")
struct LinearTests {
  private static let activations: [Activation] =
    Activation.all + [.leakyReLU(slope: 0.2), .elu(alpha: 0.7)]

  /// The same in Double, with its gradients.
  private static func expected(
    _ x: [Float], _ w: [Float], _ b: [Float], _ c: [Float], batch: Int, inputs: Int, units: Int,
    _ f: (Double) -> Double, slope: (Double) -> Double
  ) -> (y: [Double], dx: [Double], dw: [Double], db: [Double]) {
    var y = [Double](repeating: 0, count: batch * units)
    var dx = [Double](repeating: 0, count: batch * inputs)
    var dw = [Double](repeating: 0, count: units * inputs)
    var db = [Double](repeating: 0, count: units)
    for i in 0..<batch {
      for o in 0..<units {
        let z = (0..<inputs).reduce(Double(b[o])) {
          $0 + Double(x[i * inputs + $1]) * Double(w[o * inputs + $1])
        }
        y[i * units + o] = f(z)
        let dz = Double(c[i * units + o]) * slope(z)
        db[o] += dz
        for j in 0..<inputs {
          dx[i * inputs + j] += dz * Double(w[o * inputs + j])
          dw[o * inputs + j] += dz * Double(x[i * inputs + j])
        }
      }
    }
    return (y, dx, dw, db)
  }

  @Test(arguments: [(1, 1, 1), (3, 5, 7), (20, 200, 50), (129, 33, 65), (5, 200, 301)])
  func `values and gradients are those of a loop in Double, on every instruction set`(
    batch: Int, inputs: Int, units: Int
  ) {
    let x = TestNumbers.normal(batch * inputs, seed: 1)
    let w = TestNumbers.normal(units * inputs, seed: 2)
    let b = TestNumbers.normal(units, seed: 3)
    let c = TestNumbers.normal(batch * units, seed: 4)
    let expected = Self.expected(
      x, w, b, c, batch: batch, inputs: inputs, units: units, { Foundation.tanh($0) },
      slope: { 1 - pow(Foundation.tanh($0), 2) })
    withEachInstructionSet { instructionSet in
      let run = GraphRun(
        [([batch, inputs], x), ([units, inputs], w), ([units], b)], weights: c, threads: 2
      ) { _, t in linear(t[0], weight: t[1], bias: t[2], activation: .tanh) }
      #expect(run.outputShape == [batch, units])
      #expect(largestError(run.output, expected.y) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[0], expected.dx) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[1], expected.dw) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[2], expected.db) < 1e-5, "\(instructionSet)")
    }
  }

  @Test(arguments: activations)
  func `gradients agree with differences under every activation`(_ activation: Activation) {
    let check = GradientCheck([.normal([6, 11]), .normal([9, 11]), .normal([9])]) { _, t in
      linear(t[0], weight: t[1], bias: t[2], activation: activation)
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  @Test(arguments: activations)
  func `an activation in the last pass gives the bytes of one applied afterwards`(
    _ activation: Activation
  ) {
    let inputs: [(shape: Shape, values: [Float])] = [
      ([5, 13], TestNumbers.normal(65, seed: 5)), ([21, 13], TestNumbers.normal(273, seed: 6)),
      ([21], TestNumbers.normal(21, seed: 7)),
    ]
    let fused = GraphRun(inputs) { _, t in
      linear(t[0], weight: t[1], bias: t[2], activation: activation)
    }
    let apart = GraphRun(inputs) { _, t in
      activate(linear(t[0], weight: t[1], bias: t[2]), activation)
    }
    let isSame = fused.output == apart.output
    #expect(isSame)
    for (one, other) in zip(fused.inputGradients, apart.inputGradients) {
      #expect(largestError(one, other.map(Double.init)) < 1e-5)
    }
  }

  @Test func `a weight used twice, and inputs without gradients, are handled`() {
    let twice = GradientCheck([.normal([4, 6]), .normal([6, 6]), .normal([6])]) { _, t in
      let once = linear(t[0], weight: t[1], bias: t[2], activation: .tanh)
      return linear(once, weight: t[1], bias: t[2], activation: .sigmoid)
    }
    #expect(twice.relativeError < 5e-3, "\(twice)")
    let weightOnly = GradientCheck([.fixed([4, 6], -1...1), .normal([3, 6])]) { _, t in
      linear(t[0], weight: t[1], activation: .softplus)
    }
    #expect(weightOnly.relativeError < 5e-3, "\(weightOnly)")
    let biasOnly = GradientCheck([.fixed([4, 6], -1...1), .fixed([3, 6], -1...1), .normal([3])]) {
      linear($1[0], weight: $1[1], bias: $1[2])
    }
    #expect(biasOnly.relativeError < 5e-3, "\(biasOnly)")
  }

  @Test func `one thread and three give the same bytes`() {
    let inputs: [(shape: Shape, values: [Float])] = [
      ([130, 300], TestNumbers.normal(39000, seed: 8)),
      ([70, 300], TestNumbers.normal(21000, seed: 9)), ([70], TestNumbers.normal(70, seed: 10)),
    ]
    let runs = [1, 3].map { threads in
      GraphRun(inputs, threads: threads) { _, t in
        linear(t[0], weight: t[1], bias: t[2], activation: .elu())
      }
    }
    let isSame = (
      output: runs[0].output == runs[1].output,
      gradients: runs[0].inputGradients == runs[1].inputGradients
    )
    #expect(isSame.output && isSame.gradients)
  }
}
