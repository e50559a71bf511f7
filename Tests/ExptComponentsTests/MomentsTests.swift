import ExptComponents
import Foundation
import Testing

@Suite("Sums of numbers seen one at a time")
struct MomentsTests {
  private func logMeanExp(_ values: [Double]) -> Double {
    var sum = LogMeanExp()
    for value in values { sum.add(value) }
    return sum.value
  }

  @Test func `log-mean-exp is its definition where that can be computed`() {
    let values = [-1.0, 0.5, 3, -20, 2.9, 3]
    let exact = log(values.reduce(0) { $0 + exp($1) } / 6)
    #expect(abs(logMeanExp(values) - exact) < 1e-14)
    #expect(abs(logMeanExp(values.reversed()) - exact) < 1e-14)
    #expect(logMeanExp([-7.25]) == -7.25)
  }

  @Test func `log-mean-exp neither overflows nor loses what underflows`() {
    #expect(abs(logMeanExp([-5000, -5000 + log(3)]) - (-5000 + log(2))) < 1e-12)
    #expect(abs(logMeanExp([4000, 4000]) - 4000) < 1e-12)
    #expect(abs(logMeanExp([-.infinity, 1]) - (1 - log(2))) < 1e-14)
    #expect(abs(logMeanExp([1, -.infinity]) - (1 - log(2))) < 1e-14)
  }

  @Test func `log-mean-exp of nothing that is possible is −∞, and of NaN is NaN`() {
    #expect(logMeanExp([-.infinity, -.infinity]) == -.infinity)
    #expect(logMeanExp([1, .nan, 2]).isNaN)
    #expect(logMeanExp([.nan]).isNaN)
  }

  @Test func `moments are those of two passes, far from zero too`() {
    let values = [1e6 + 0.25, 1e6 - 0.5, 1e6 + 3, 1e6, 1e6 - 1.75]
    var moments = Moments()
    for value in values { moments.add(value) }
    let mean = values.reduce(0, +) / 5
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4
    #expect(abs(moments.mean - mean) < 1e-9)
    #expect(abs(moments.variance - variance) < 1e-9)
    #expect(abs((moments.estimate.standardError ?? 0) - (variance / 5).squareRoot()) < 1e-9)
  }

  @Test func `one number has no standard error`() {
    var moments = Moments()
    moments.add(3)
    #expect(moments.estimate == Estimate(mean: 3, standardError: nil))
  }
}
