import Testing

@testable import ExptKit

@Suite("An estimate of a sweep's time") struct TimeEstimateTests {
  @Test func `takes the shortest of the later epochs, and the least around them`() throws {
    let estimate = try #require(
      TimeEstimate([
        .init(whole: 9, epochs: [5, 2]), .init(whole: 4, epochs: [2, 1]),
        .init(whole: 30, epochs: [20, 6]),
      ]))
    #expect(estimate.epoch == 1)
    #expect(estimate.around == 2, "4 s less two epochs of 1 s: the first one warmed up for 1 s")
  }

  @Test func `takes the only epoch where there is one, and nothing where there is none`() throws {
    let estimate = try #require(TimeEstimate([.init(whole: 3, epochs: [2])]))
    #expect(estimate.epoch == 2 && estimate.around == 1)
    #expect(TimeEstimate([]) == nil)
    #expect(TimeEstimate([.init(whole: 3, epochs: [])]) == nil)
  }

  @Test func `lets each run begin where a place is free`() throws {
    let estimate = try #require(TimeEstimate([.init(whole: 3, epochs: [1, 1])]))
    #expect(estimate.seconds([4, 4, 4], jobs: 1) == 15)
    #expect(estimate.seconds([4, 4, 4], jobs: 2) == 10, "two of the three one after the other")
    #expect(estimate.seconds([9, 1, 1, 1], jobs: 2) == 10)
    #expect(estimate.seconds([], jobs: 2) == 0)
  }
}
