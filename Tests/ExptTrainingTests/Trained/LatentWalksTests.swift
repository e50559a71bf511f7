import ExptComponents
import ExptInference
import Testing

@Suite("Walks through the latents")
struct LatentWalksTests {
  private func rows(_ values: [Float], _ size: Int) -> [[Float]] {
    stride(from: 0, to: values.count, by: size).map { Array(values[$0..<$0 + size]) }
  }

  @Test func `a straight interpolation goes in equal steps from end to end`() {
    let way = LatentWalks.interpolation(from: [0, 4], to: [1, -4], steps: 5, spherical: false)
    #expect(rows(way, 2) == [[0, 4], [0.25, 2], [0.5, 0], [0.75, -2], [1, -4]])
  }

  @Test func `a spherical interpolation keeps the length and divides the angle`() {
    let way = rows(
      LatentWalks.interpolation(from: [2, 0, 0], to: [0, 2, 0], steps: 4, spherical: true), 3)
    let half = Float(3).squareRoot()
    let expected: [[Float]] = [[2, 0, 0], [half, 1, 0], [1, half, 0], [0, 2, 0]]
    for (seen, expected) in zip(way, expected) {
      for (a, b) in zip(seen, expected) { #expect(abs(a - b) < 1e-6) }
    }
    #expect(way.count == 4)
  }

  private static let withoutArc: [([Float], [Float])] = [
    ([1, 1], [2, 2]), ([0, 0], [1, 3]), ([1, 1], [-1, -1]),
  ]

  @Test(arguments: withoutArc)
  func `where there is no arc it goes along the chord`(_ a: [Float], _ b: [Float]) {
    let arc = LatentWalks.interpolation(from: a[...], to: b[...], steps: 3, spherical: true)
    let chord = LatentWalks.interpolation(from: a[...], to: b[...], steps: 3, spherical: false)
    #expect(arc == chord)
  }

  private func dimension(_ number: Int, kl: Double?, mean: Double = 0, variance: Double = 1)
    -> LatentDimension
  { LatentDimension(number: number, kl: kl, mean: mean, variance: variance) }

  @Test func `a traversal changes one dimension at a time`() {
    let way = LatentWalks.traversal(
      of: [9, 8, 7], along: [dimension(2, kl: 1), dimension(0, kl: 0.5)], range: 3, steps: 3)
    #expect(
      rows(way, 3) == [[9, 8, -3], [9, 8, 0], [9, 8, 3], [-3, 8, 7], [0, 8, 7], [3, 8, 7]])
  }

  @Test func `a code, which has no prior, is traversed around its mean in its deviations`() {
    let way = LatentWalks.traversal(
      of: [9, 8], along: [dimension(1, kl: nil, mean: 5, variance: 4)], range: 1.5, steps: 3)
    #expect(rows(way, 2) == [[9, 2], [9, 5], [9, 8]])
  }

  @Test func `dimensions are ordered by KL, codes by variance, equals by number`() {
    let latents = [dimension(0, kl: 1), dimension(1, kl: 2), dimension(2, kl: 1)]
    #expect(latents.byImportance.map(\.number) == [1, 0, 2])
    let codes = [dimension(0, kl: nil, variance: 1), dimension(1, kl: nil, variance: 3)]
    #expect(codes.byImportance.map(\.number) == [1, 0])
  }
}
