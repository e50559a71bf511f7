import Testing

@testable import ExptReport

// The oracle is SciPy 1.x (`from scipy import stats`); each program stands beside its numbers.

private func isNear(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
  abs(a - b) <= tolerance * abs(b)
}

@Suite("Student's t")
struct StudentTTests {
  /// `[stats.t.ppf(q, d) for q in (0.975, 0.995, 0.6)]`
  @Test(arguments: [
    (1.0, [12.706204736174694, 63.656741162871526, 0.32491969623290634]),
    (2.0, [4.302652729749462, 9.924843200918287, 0.2886751345948128]),
    (3.0, [3.1824463052837078, 5.840909309733355, 0.2766706623326898]),
    (4.0, [2.7764451051977934, 4.604094871349992, 0.2707222947075976]),
    (9.0, [2.262157162798205, 3.249835541592126, 0.260955336473911]),
    (29.0, [2.045229642132703, 2.756385903670605, 0.25568363457125604]),
    (120.0, [1.9799304050824402, 2.6174211451068654, 0.25390952321492877]),
    (2.7, [3.3921483831737507, 6.533128433408452, 0.27932846331796923]),
  ])
  func `has the quantiles of the tables`(_ degrees: Double, _ expected: [Double]) {
    let t = StudentT(degrees: degrees)
    for (probability, value) in zip([0.975, 0.995, 0.6], expected) {
      #expect(isNear(t.quantile(probability), value))
      #expect(isNear(t.quantile(1 - probability), -value, 1e-8))
    }
    #expect(t.quantile(0.5) == 0)
  }

  /// `2 * stats.t.sf(t, d)`
  @Test(arguments: [
    (0.5, 1.0, 0.7048327646991335), (2.0, 4.0, 0.11611652351681556),
    (3.2, 7.35, 0.014110263516631454),
    (12.0, 9.0, 7.699886222985653e-07), (40.0, 5.0, 1.8411962171772954e-07),
    (1e-3, 30.0, 0.9992087357664851),
  ])
  func `has SciPy's probabilities`(_ t: Double, _ degrees: Double, _ expected: Double) {
    #expect(isNear(StudentT(degrees: degrees).twoSided(t), expected))
    #expect(isNear(StudentT(degrees: degrees).twoSided(-t), expected))
  }
}

@Suite("Samples and tests of their means")
struct SampleTests {
  private let a = [99.61, 100.02, 99.33, 99.87, 100.40]
  private let b = [101.2, 101.9, 100.8, 101.1, 102.5]

  /// `np.mean(a), np.std(a, ddof=1), stats.t.interval(.95, 4, np.mean(a), stats.sem(a))`
  @Test func `mean, standard deviation and interval`() throws {
    let sample = Sample(a)
    #expect(isNear(sample.mean, 99.846))
    #expect(isNear(sample.standardDeviation, 0.406115747047565))
    let interval = try #require(sample.interval)
    #expect(isNear(interval.lowerBound, 99.34174069778742))
    #expect(isNear(interval.upperBound, 100.35025930221259))
    #expect(Sample([1]).interval == nil && Sample([1]).standardDeviation.isNaN)
  }

  /// `stats.ttest_rel(b, a)` and its `confidence_interval()`
  @Test func `paired`() throws {
    let test = try #require(DifferenceTest.paired(a, b))
    #expect(test.kind == .paired && test.degrees == 4)
    #expect(isNear(test.t, 10.81577222212057))
    #expect(isNear(test.p, 0.00041454113591509644))
    #expect(isNear(test.interval.lowerBound, 1.2294126372405438))
    #expect(isNear(test.interval.upperBound, 2.0785873627594547))
  }

  /// `stats.ttest_ind(b, a[:4], equal_var=False)` and its `confidence_interval()`
  @Test func `Welch's`() throws {
    let test = try #require(DifferenceTest.welch(Array(a[..<4]), b))
    #expect(isNear(test.t, 5.2180310559890115))
    #expect(isNear(test.p, 0.002283890303911393))
    #expect(isNear(test.degrees, 5.724336836249546))
    #expect(isNear(test.interval.lowerBound, 0.9420256260257422))
    #expect(isNear(test.interval.upperBound, 2.6429743739742655))
  }

  @Test func `there is no test without anything to judge chance by`() {
    #expect(DifferenceTest.paired([1], [2]) == nil)
    #expect(DifferenceTest.paired([1, 2, 3.3], [1.1, 2.1, 3.4]) == nil)
    #expect(DifferenceTest.welch([1], [2, 3]) == nil)
    #expect(DifferenceTest.welch([1, 1], [2, 2]) == nil)
    #expect(DifferenceTest.paired([1, .nan], [2, 3]) == nil)
  }
}
