import ExptComponents
import ExptDocument
import Foundation
import Testing

@testable import ExptSweep

@Suite("A distribution") struct DistributionTests {
  private func numbers(_ text: String, _ count: Int = 400) throws -> [Double] {
    try texts(text, count).map { try #require(Double($0)) }
  }

  private func texts(_ text: String, _ count: Int = 400) throws -> [String] {
    try sweep(
      "experiment: b.yaml\nrandom: { count: \(count), settings: { a: { \(text) } } }"
    ).space.points().map { $0[0].text }
  }

  @Test func `of whole numbers takes all that there are`() throws {
    let all = try texts("integer: [-9223372036854775808, 9223372036854775807]")
    let whole = all.compactMap { Int($0) }
    #expect(whole.count == 400)
    #expect((150...250).contains(whole.count { $0 < 0 }))
    #expect((60...140).contains(whole.count { $0 > .max / 2 }))
    let ends = ValueDistribution.integer(.min, .max).extremes(span: nil).map { $0.scalar?.int }
    #expect(ends == [.min, .max])
    let middle = ValueDistribution.integer(.min, .max).position(
      of: .whole(isNegative: false, magnitude: 0))
    #expect(abs((middle ?? 0) - 0.5) < 1e-9)
  }

  @Test func `from the least to the greatest number gives numbers all over`() throws {
    let all = try numbers("uniform: [-1.7e308, 1.7e308]")
    #expect(all.allSatisfy { $0.isFinite })
    #expect((150...250).contains(all.count { $0 < 0 }))
    #expect(Set(all).count > 350)
    let logs = try numbers("log_uniform: [5e-324, 1.7976931348623157e308]")
    #expect(logs.allSatisfy { $0.isFinite && $0 > 0 })
    #expect((130...270).contains(logs.count { $0 < 1e-8 }))
  }

  @Test func `of a narrow range does not fall together`() throws {
    // Four digits of 0.99999 to 1 are one number.
    #expect(try Set(numbers("uniform: [0.99999, 1.0]")).count > 50)
    #expect(try Set(numbers("log_uniform: [1.0, 1.0001]")).count > 50)
  }

  @Test func `of whole numbers in the logarithm has as many in each doubling`() throws {
    let all = try numbers("log_integer: [4, 64]", 4000)
    #expect(all.allSatisfy { $0 == $0.rounded() && (4...64).contains($0) })
    #expect(all.contains(4) && all.contains(64))
    // From k - ½ to k + ½ in the logarithm: 4 has log(4.5/3.5)/log(64.5/3.5) of them.
    let expected = 4000 * log(4.5 / 3.5) / log(64.5 / 3.5)
    #expect(abs(Double(all.count { $0 == 4 }) - expected) < 5 * expected.squareRoot())
    let half = 4000 * log(16.5 / 3.5) / log(64.5 / 3.5)
    #expect(abs(Double(all.count { $0 <= 16 }) - half) < 5 * 32)
    #expect(try numbers("log_integer: [1, 9223372036854775807]").allSatisfy { $0 >= 1 })
  }

  @Test(arguments: [
    ("random: { count: 2, settings: { a: { log_integer: [0, 8] } } }", "both above 0"),
    (
      "random: { count: 2, settings: { a: { integer: [0, 18446744073709551615] } } }",
      "of at most 64 bits"
    ),
    (
      "random: { count: 2, settings: { a: { integer: [1.5, 8] } } }",
      "'integer[0]' must be a whole number"
    ),
    (
      "random: { count: 99999999999999999999, settings: { a: { integer: [1, 8] } } }",
      "'count' must be a whole number of at most 64 bits"
    ),
    ("seeds: 100001", "'seeds' must be from 1 to 100000"),
    ("seeds: 18446744073709551616", "'seeds' must be a whole number of at most 64 bits"),
    ("grid: { a: [1, 2] }\nseeds: 60000", "60000 seeds of 2 points are more than 100000 points"),
    (
      "search: { type: asha, first_epochs: 9223372036854775807 }",
      "'first_epochs' must be from 1 to"
    ),
    (
      "search: { type: tpe, trials: 1, startup: -9223372036854775808, settings: { a: { integer: [1, 2] } } }",
      "'startup' must be from 1 to"
    ),
    ("limits: { max_runs: 0 }", "'max_runs' must be at least 1"),
    ("limits: { max_hours: .inf }", "'max_hours' must be a finite number"),
    ("slurm: { cpus: 9223372036854775807 }", "'cpus' must be from 1 to 1024"),
  ])
  func `and every count has bounds`(_ text: String, _ message: String) throws {
    let error = #expect(throws: Diagnostics.self) { try sweep("experiment: b.yaml\n" + text) }
    #expect(error?.rendered.contains(message) == true, "\(error?.rendered ?? "")")
  }

  @Test func `of neighbouring whole numbers beyond the doubles is in order`() throws {
    _ = try sweep(
      "experiment: b.yaml\nrandom: { count: 2, settings: { a: { integer: [9007199254740992, 9007199254740993] } } }"
    )
  }
}
