import ExptFiles
import ExptReport
import ExptRunFolder
import ExptTestSupport
import Testing

/// A run whose β rises: the loss as trained is lowest in the first epoch, the one where β leads in
/// the last.
private func makeMoving(_ path: String, name: String) throws -> RunRecord {
  var maker = RunMaker()
  maker.name = name
  maker.losses = [50, 80, 95]
  try maker.make(path)
  let folder = try RunFolder.open(path)
  let table = try MetricsTable.read(folder.metricsFile)
  let judged = [130.0, 100, 95]
  let writer = try MetricsWriter(
    folder.metricsFile, columns: table.columns + ["validation_loss_at_target"])
  for (row, value) in zip(table.rows, judged) {
    try writer.append(row.map { .double($0) } + [.double(value)])
  }
  var manifest = try folder.readManifest()
  manifest.lastMetrics?.values.append(.init("validation_loss_at_target", 95))
  manifest.bestMetrics = manifest.lastMetrics
  try folder.write(manifest)
  return RunRecord(folder)
}

@Suite("Runs whose objective moves")
struct JudgedTests {
  @Test func `are read by the loss where it leads`() throws {
    let folder = TemporaryFolder()
    let metrics = RunMetrics(try makeMoving(folder.file("moving"), name: "moving"))
    let best = try #require(metrics.best("validation_loss"))
    #expect(best.value == 95)
    #expect(best.epoch == 3)
    #expect(metrics.values("validation_loss") == [130, 100, 95])
    #expect(metrics.points("validation_loss").map(\.y) == [130, 100, 95])
    #expect(metrics.columnPoints("validation_loss").map(\.y) == [50, 80, 95])
    #expect(metrics.best("train_loss")?.epoch == 1)  // it has no other column
  }

  @Test func `are ranked by it beside runs that have no such column`() throws {
    let folder = TemporaryFolder()
    var still = RunMaker()
    still.name = "still"
    still.settings = [("model.latent", "3")]
    still.losses = [100, 92, 90]
    try still.make(folder.file("still"))
    let runs = [
      try makeMoving(folder.file("moving"), name: "moving"),
      RunRecord(try RunFolder.open(folder.file("still"))),
    ]
    let comparison = try Comparison(runs)
    #expect(comparison.metric == "validation_loss")
    #expect(comparison.groups.map(\.first.name) == ["still", "moving"])
    #expect(!comparison.metrics.contains("validation_loss_at_target"))
    #expect(RunFields.metric("best.validation_loss", in: runs[0]) == 95)
  }
}
