import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Foundation
import Testing

@testable import ExptReport

@Suite("The live page's charts")
struct LivePageChartTests {
  private let folder = TemporaryFolder()

  private func run(
    _ name: String, losses: [Double], beta: String = "1", seed: UInt64 = 1,
    status: Manifest.Status = .finished
  ) throws -> RunRecord {
    var maker = RunMaker()
    maker.losses = losses
    maker.seed = seed
    maker.status = status
    maker.settings = [("model.beta", beta), ("training.epochs", "3")]
    return RunRecord(RunFolder(path: try maker.make(folder.file(name))))
  }

  /// The numbers that the pointer shows, by curve.
  private func values(_ sheet: CurveSheet, _ runs: [RunRecord]) throws -> [String: [String]] {
    let figure = try #require(sheet.figure(runs.map { RunMetrics($0) }))
    let start = try #require(figure.range(of: "data-chart=\"")?.upperBound)
    let text = figure[start...].prefix { $0 != "\"" }.replacingOccurrences(of: "&quot;", with: "\"")
    let json = try JSONValue.parse(Array(text.utf8), path: "chart")
    var found: [String: [String]] = [:]
    for one in json["series"]?.array ?? [] {
      found[one["name"]?.string ?? ""] = one["y"]?.array?.compactMap(\.string)
    }
    return found
  }

  @Test func `smooth with weights that sum to 1`() throws {
    let one = try run("a", losses: [110, 100, 101])
    // By hand: 110; (0.25·110 + 0.5·100) / 0.75; (0.125·110 + 0.25·100 + 0.5·101) / 0.875.
    let smooth = CurveSheet(metric: "validation_loss", smoothing: 0.5)
    #expect(try values(smooth, [one]).values.first == ["110.00", "103.33", "102.00"])
    let plain = CurveSheet(metric: "validation_loss")
    #expect(try values(plain, [one]).values.first == ["110.00", "100.00", "101.00"])
  }

  @Test func `join seeds, and say why losses do not compare`() throws {
    let runs = [
      try run("a", losses: [10, 8, 6], seed: 1), try run("b", losses: [14, 10, 8], seed: 2),
      try run("c", losses: [5, 4, 3], beta: "2"),
    ]
    let sheet = CurveSheet(metric: "validation_loss", groupsSeeds: true)
    let joined = try values(sheet, runs)
    #expect(joined.count == 2)
    #expect(joined.first { $0.key.contains("2 seeds") }?.value == ["12.00", "9.000", "7.000"])
    #expect(sheet.warnings(runs.map { RunMetrics($0) }).contains { $0.contains("weight the KL") })
  }

  @Test func `leave the others apart where one run diverged, and have a lane for failures`() throws
  {
    var runs = try (1...12).map {
      try run("r\($0)", losses: [Double(100 + $0)], beta: "\($0)", seed: UInt64($0))
    }
    runs.append(try run("far", losses: [1e9], beta: "13"))
    runs.append(try run("failed", losses: [1], beta: "14", status: .failed))
    let chart = try #require(ParallelChart(runs, metric: "validation_loss"))
    #expect(chart.notes.contains { $0.hasPrefix("1 run beyond") }, "\(chart.notes)")
    #expect(chart.notes.contains { $0.hasPrefix("1 run that failed") }, "\(chart.notes)")
    let ends = chart.html.split(separator: "<polyline").dropFirst().map { line -> Double in
      let points = line.components(separatedBy: "points=\"").last?.prefix { $0 != "\"" } ?? ""
      return Double(points.split(separator: " ").last?.split(separator: ",").last ?? "") ?? .nan
    }
    // The last axis: twelve places far enough apart to see, and below them the lane.
    #expect(zip(ends.prefix(12), ends.dropFirst()).prefix(11).allSatisfy { $0 - $1 > 3 }, "\(ends)")
    #expect(ends.last.map { end in ends.dropLast().allSatisfy { $0 < end } } == true)
  }
}
