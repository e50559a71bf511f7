import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptComponents

@Suite("The maximum mean discrepancy")
struct DiscrepancyTests {
  private let width = 3

  private func discrepancy(
    _ kernel: MaximumMeanDiscrepancy.Kernel, _ bandwidth: Float, _ a: [Float], _ b: [Float]
  ) -> GraphRun {
    let mmd = MaximumMeanDiscrepancy(kernel)
    var settings = mmd
    settings.bandwidth = bandwidth
    return GraphRun([([a.count / width, width], a), ([b.count / width, width], b)]) { _, x in
      settings(x[0], x[1])
    }
  }

  /// Sums of kernels: among the rows of a, without themselves; among those of b; between both.
  private func sums(
    _ kernel: MaximumMeanDiscrepancy.Kernel, _ bandwidth: Double, _ a: [Float], _ b: [Float]
  ) -> (a: Double, b: Double, between: Double) {
    func value(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) -> Double {
      let distance = zip(x, y).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
      let c = 2 * Double(width) * bandwidth
      switch kernel {
      case .rbf: return exp(-distance / c)
      case .imq:
        return [0.1, 0.2, 0.5, 1, 2, 5, 10].reduce(0) { $0 + $1 * c / ($1 * c + distance) }
      }
    }
    func rows(_ x: [Float]) -> [ArraySlice<Float>] {
      stride(from: 0, to: x.count, by: width).map { x[$0..<$0 + width] }
    }
    func among(_ x: [Float]) -> Double {
      let rows = rows(x)
      var sum = 0.0
      for i in rows.indices {
        for j in rows.indices where i != j { sum += value(rows[i], rows[j]) }
      }
      return sum
    }
    let between = rows(a).reduce(0.0) { sum, x in sum + rows(b).reduce(0) { $0 + value(x, $1) } }
    return (among(a), among(b), between)
  }

  @Test(arguments: [MaximumMeanDiscrepancy.Kernel.rbf, .imq], [Float(1), 0.3])
  func `is that of a double loop`(
    _ kernel: MaximumMeanDiscrepancy.Kernel, _ bandwidth: Float
  ) {
    let a = TestNumbers.normal(8 * width, seed: 1).map { $0 * 1.5 + 0.5 }
    let b = TestNumbers.normal(6 * width, seed: 2)
    let (ofA, ofB, between) = sums(kernel, Double(bandwidth), a, b)
    let expected = ofA / 56 + ofB / 30 - 2 * between / 48
    let seen = Double(discrepancy(kernel, bandwidth, a, b).output[0])
    #expect(abs(seen - expected) < 1e-5 * max(1, abs(expected)), "\(seen), not \(expected)")
    // Divided twice, as a mean over all pairs of what is a sum over n(n − 1) already.
    let twice = ofA / 56 / 64 + ofB / 30 / 36 - 2 * between / 48
    #expect(abs(twice - expected) > 0.1)
  }

  @Test func `is 0 on average for draws of one distribution, and with the diagonal it is not`() {
    var (mean, biased) = (0.0, 0.0)
    for seed in 0..<200 as Range<UInt64> {
      let numbers = TestNumbers.normal(10 * width, seed: seed)
      let (a, b) = (Array(numbers[..<(5 * width)]), Array(numbers[(5 * width)...]))
      mean += Double(discrepancy(.rbf, 1, a, b).output[0]) / 200
      let (ofA, ofB, between) = sums(.rbf, 1, a, b)
      biased += ((ofA + 5) / 25 + (ofB + 5) / 25 - 2 * between / 25) / 200
    }
    #expect(abs(mean) < 0.02, "\(mean)")
    #expect(biased > 0.1, "\(biased)")
  }

  @Test(arguments: [MaximumMeanDiscrepancy.Kernel.rbf, .imq])
  func `has the gradient of finite differences`(_ kernel: MaximumMeanDiscrepancy.Kernel) {
    let check = GradientCheck([.normal([6, 3]), .normal([5, 3])]) { _, x in
      MaximumMeanDiscrepancy(kernel)(x[0], x[1])
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  @Test func `of one row is 0`() {
    #expect(discrepancy(.imq, 1, [1, 2, 3], [4, 5, 6]).output == [0])
  }
}

@Suite("The norm of a Jacobian")
struct JacobianNormTests {
  private let weight = TestNumbers.normal(12, seed: 4)

  /// Of x ↦ x·Wᵀ, W [4, 3], at two places.
  private func norm(_ directions: Int?, shift: Float = 0) throws -> GraphRun {
    try GraphRun([([2, 3], TestNumbers.normal(6)), ([4, 3], weight)]) { graph, x in
      let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
      return try squaredJacobianNorm(at: x[0], directions: directions, in: scope) { rows in
        linear(rows, weight: x[1]) + shift
      }
    }
  }

  @Test func `of a linear map is the sum of its squared weights, and has their gradient`() throws {
    let expected = weight.reduce(0.0) { $0 + Double($1) * Double($1) }
    let exact = try norm(nil, shift: 3)
    #expect(largestError(exact.output, [expected, expected]) < 1e-5, "\(exact.output)")
    #expect(largestError(exact.inputGradients[1], weight.map { 4 * Double($0) }) < 5e-5)
  }

  @Test func `along random signs is the same on average`() throws {
    let expected = weight.reduce(0.0) { $0 + Double($1) * Double($1) }
    let one = try norm(4000).output.map(Double.init)
    for seen in one { #expect(abs(seen - expected) < 0.05 * expected, "\(seen), not \(expected)") }
    #expect(one[0] != one[1], "both examples have the same directions")
  }
}
