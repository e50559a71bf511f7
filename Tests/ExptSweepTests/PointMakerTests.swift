import ExptDocument
import Foundation
import Testing

@testable import ExptSweep

@Suite("The points of a sweep") struct PointMakerTests {
  /// An experiment of three numbers: `a` and `b` from 1 to 9, and together at most 10.
  private func maker(_ text: String) throws -> PointMaker {
    let file = try sweep("experiment: { a: 1, b: 1, seed: 0 }\n" + text)
    return try PointMaker(file) { document, _ throws(Diagnostics) in
      var problems = Diagnostics()
      var sum = 0.0
      for key in ["a", "b"] {
        let node = document.root[key]
        guard let value = node?.scalar?.double, (1...9).contains(value) else {
          problems.append(.error(.outOfRange, "'\(key)' is 1 to 9", at: node?.span))
          continue
        }
        sum += value
      }
      if sum > 10 { problems.append(.error(.sweep, "a and b do not fit")) }
      try problems.throwErrors()
      let bare = ["a", "b"].map { document.root[$0]?.shortFlowText ?? "" }.joined(separator: ",")
      let seed = document.root["seed"]?.shortFlowText ?? ""
      return ResolvedExperiment(
        identity: "\(bare),\(seed)", text: "seed: \(seed)", epochs: 1, warnings: [],
        identityOfSeed: { "\(bare),\($0)" })
    }
  }

  private func points(_ maker: inout PointMaker) throws -> [Point] { try maker.points().points }

  @Test func `drawn at random are drawn again where they fit no model`() throws {
    var maker = try maker(
      "random: { count: 40, settings: { a: { integer: [1, 9] }, b: { integer: [1, 9] } } }")
    let (points, repeated) = try maker.points()
    #expect(points.count + repeated == 40)
    #expect(
      points.allSatisfy { point in
        point.assignments.compactMap { $0.meaning.double }.reduce(0, +) <= 10
      })
    #expect(maker.skipped.count > 5)
    #expect(maker.skipped.allSatisfy { $0.reason == "a and b do not fit" })
    #expect(points.map(\.number) == Array(1...points.count))
    var again = try self.maker(
      "random: { count: 40, settings: { a: { integer: [1, 9] }, b: { integer: [1, 9] } } }")
    #expect(try self.points(&again).map(\.identity) == points.map(\.identity))
  }

  @Test func `of a grid are refused together where one fits no model`() throws {
    var maker = try maker("grid: { a: [1, 8, 9], b: [1, 3, 4] }")
    let error = #expect(throws: Diagnostics.self) { try points(&maker) }
    #expect(error?.all.count == 4)
  }

  @Test func `of a grid that no draw makes work are mistakes`() throws {
    let random = "\nrandom: { count: 5, settings: { b: { integer: [3, 9] } } }"
    var some = try maker("grid: { a: [1, 2] }" + random)
    #expect(try points(&some).count >= 6)
    var none = try maker("grid: { a: [1, 8] }" + random)
    let error = #expect(throws: Diagnostics.self) { try points(&none) }
    #expect(error?.all.allSatisfy { $0.message == "a and b do not fit" } == true)
  }

  @Test func `have no value that is wrong with everything`() throws {
    for text in [
      "random: { count: 3, settings: { a: { choice: [1, many] } } }",
      "random: { count: 3, settings: { a: { uniform: [1, 100] } } }",
      "search: { type: tpe, trials: 3, settings: { a: { choice: [1, many] } } }",
    ] {
      var maker = try maker(text)
      let error = #expect(throws: Diagnostics.self) { try points(&maker) }
      #expect(error?.rendered.contains("'a' is 1 to 9") == true)
    }
    // 9 fits with the 1 of the experiment, though hardly with anything that is drawn.
    var search = try maker(
      "search: { type: tpe, trials: 3, settings: { a: { choice: [1, 9] }, b: { choice: [1, 9] } } }"
    )
    #expect(try points(&search).isEmpty)
  }

  @Test func `of many seeds are checked once, and are what they would be alone`() throws {
    var many = try maker("seeds: 1000")
    let all = try points(&many)
    #expect(all.count == 1000)
    var one = try maker("grid: { seed: [700] }")
    #expect(try points(&one).first?.identity == all[699].identity)
    #expect(try many.text(of: all[699]) == "seed: 700")
  }

  @Test func `of a hundred thousand seeds take no longer than a breath`() throws {
    var maker = try maker("seeds: 100000")
    let began = ContinuousClock.now
    #expect(try points(&maker).count == 100_000)
    // A check of each would take minutes.
    #expect(ContinuousClock.now - began < .seconds(60))
  }
}
