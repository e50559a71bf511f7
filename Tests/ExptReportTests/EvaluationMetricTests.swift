import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Testing

@testable import ExptReport

/// Evaluations as metrics of runs.
@Suite("Numbers that evaluators found")
struct EvaluationMetricTests {
  private let folder = TemporaryFolder()

  /// Runs of two settings with two seeds each, measured by something whose direction is given.
  private func runs(
    _ values: [Double], isHigherBetter: Bool, bins: [Int] = [20, 20, 20, 20]
  ) throws -> [RunRecord] {
    return try values.indices.map { index in
      var maker = RunMaker()
      maker.seed = UInt64(index % 2)
      maker.settings = [("optimizer.learning_rate", index < 2 ? "0.1" : "0.2")]
      let run = RunFolder(path: try maker.make(folder.file("\(isHigherBetter)\(bins)\(index)")))
      try run.keep([
        Evaluations.Entry(
          .init(
            evaluator: "gap", settings: ["bins": JSONValue(bins[index])], part: "test", images: 9,
            checkpoint: "best", fingerprint: maker.fingerprint),
          epoch: 2, step: 20, isHigherBetter: isHigherBetter, method: "m",
          numbers: [.init("gap", values[index], standardError: nil, unit: nil)], version: "1")
      ])
      return RunRecord(run)
    }
  }

  @Test(arguments: [true, false])
  func `rank runs by the evaluator's own direction`(_ isHigherBetter: Bool) throws {
    let comparison = try Comparison(
      runs([0.1, 0.12, 0.3, 0.34], isHigherBetter: isHigherBetter), metric: "evaluation.gap")
    #expect(comparison.isRanked)
    let means = comparison.groups.map { $0.best("evaluation.gap").mean }
    #expect(abs(means[isHigherBetter ? 0 : 1] - 0.32) < 1e-12)
    #expect(abs(means[isHigherBetter ? 1 : 0] - 0.11) < 1e-12)
    #expect(comparison.groups[0].runs[0].best("evaluation.gap")?.epoch == 2)
  }

  @Test func `that were measured in different ways are not ranked`() throws {
    let comparison = try Comparison(
      runs([0.1, 0.1, 0.3, 0.3], isHigherBetter: true, bins: [20, 20, 30, 30]),
      metric: "evaluation.gap")
    #expect(!comparison.isRanked)
    #expect(
      comparison.reasons.contains {
        $0.contains("'evaluation.gap' was measured in different ways") && $0.contains("30")
      }, "\(comparison.reasons)")
    // By another metric they are.
    #expect(try Comparison(comparison.runs).isRanked)
  }

  @Test func `are known to conditions and to sorting`() throws {
    let records = try runs([0.1, 0.12, 0.3, 0.34], isHigherBetter: true)
    let query = try Query("evaluation.gap > 0.11 and gap < 0.34")
    #expect(try query.filter(records).map { $0.path } == [records[1].path, records[2].path])
    #expect(
      try RunListing.sorted(records, by: "-evaluation.gap").map(\.path)
        == records.reversed().map(\.path))
  }

  @Test func `measured in training are a curve, with gaps`() throws {
    let run = RunFolder(path: try RunMaker().make(folder.file("run")))
    let writer = try MetricsWriter(
      run.trainingEvaluationsFile, columns: ["epoch", "step", "gap"])
    try writer.append([.integer(1), .integer(10), 0.5])
    try writer.append([.integer(3), .integer(30), 0.25])
    let metrics = RunMetrics(RunRecord(run))
    let values = try #require(metrics.values("evaluation.gap"))
    #expect(values[0] == 0.5 && values[1].isNaN && values[2] == 0.25)
    let last = try #require(metrics.last("evaluation.gap"))
    #expect(last.value == 0.25 && last.epoch == 3)
  }

  @Test func `that cannot be read are a problem of the run, which is listed all the same`() throws {
    let run = RunFolder(path: try RunMaker().make(folder.file("run")))
    try AtomicFile.write("{", to: run.evaluationsFile)
    let record = RunRecord(run)
    #expect(record.problem?.hasPrefix("evaluations.json: ") == true)
    #expect(record.manifest != nil && record.evaluations.names.isEmpty)
  }
}
