import ExptFiles
import ExptTestSupport
import Testing

@testable import ExptRunFolder

@Suite("Metrics tables")
struct MetricsTableTests {
  private let columns = ["epoch", "step", "train_loss", "validation_loss"]
  private func row(_ epoch: Int) -> [MetricValue] {
    [.integer(epoch), .integer(epoch * 10), .double(1 / Double(epoch)), .none]
  }

  private func table(_ folder: TemporaryFolder, epochs: Int) throws -> String {
    let path = folder.file("metrics.csv")
    let writer = try MetricsWriter(path, columns: columns)
    for epoch in 1...epochs { try writer.append(row(epoch)) }
    return path
  }

  @Test func `have these bytes and read back as columns`() throws {
    let folder = TemporaryFolder()
    let path = try table(folder, epochs: 3)
    #expect(
      try FileBytes.readText(path) == """
        epoch,step,train_loss,validation_loss
        1,10,1.0,
        2,20,0.5,
        3,30,0.3333333333333333,

        """)
    let read = try MetricsTable.read(path)
    #expect(read.columns == columns)
    #expect(read["step"] == [10, 20, 30])
    #expect(read["train_loss"] == [1, 0.5, 1.0 / 3])
    #expect(read["validation_loss"]?.allSatisfy(\.isNaN) == true)
    #expect(read["kl"] == nil)
  }

  @Test func `write a Float as the shortest text that is that Float`() {
    #expect(MetricValue.float(0.1).text == "0.1")
    #expect(MetricValue.float(1e-3).text == "0.001")
    #expect(MetricValue.double(.nan).text == "nan")
  }

  @Test func `cut off anywhere in the last row read and resume without it`() throws {
    let folder = TemporaryFolder()
    let path = try table(folder, epochs: 3)
    let whole = try FileBytes.read(path)
    for cut in 1..<"3,30,0.3333333333333333,\n".utf8.count {
      try AtomicFile.write(Array(whole.dropLast(cut)), to: path)
      #expect(try MetricsTable.read(path)["epoch"] == [1, 2])
      let writer = try MetricsWriter(resuming: path, columns: columns, keepingThrough: 2)
      try writer.append(row(3))
      #expect(try FileBytes.read(path) == whole)
    }
  }

  @Test func `resume from an earlier epoch with the rows up to it`() throws {
    let folder = TemporaryFolder()
    let path = try table(folder, epochs: 5)
    let whole = try FileBytes.read(path)
    let writer = try MetricsWriter(resuming: path, columns: columns, keepingThrough: 2)
    #expect(try MetricsTable.read(path)["epoch"] == [1, 2])
    for epoch in 3...5 { try writer.append(row(epoch)) }
    #expect(try FileBytes.read(path) == whole)
  }

  @Test func `resume from nothing, and refuse other columns`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("metrics.csv")
    for beginning in [nil, "", "epoch,st"] {
      if let beginning { try AtomicFile.write(beginning, to: path) }
      _ = try MetricsWriter(resuming: path, columns: columns, keepingThrough: 2)
      #expect(try MetricsTable.read(path).columns == columns)
    }
    let problem = #expect(throws: FileProblem.self) {
      try MetricsWriter(resuming: path, columns: ["epoch", "loss"], keepingThrough: 2)
    }
    #expect(problem?.message.hasSuffix("and this run writes epoch,loss.") == true)
  }

  @Test func `a log goes on where it ended`() throws {
    let folder = TemporaryFolder()
    for line in ["one", "two"] { try RunLog(folder.file("log.txt")).append(line) }
    #expect(try FileBytes.readText(folder.file("log.txt")) == "one\ntwo\n")
  }
}
