import ExptTestSupport
import Foundation
import Testing

@Suite("Benchmarks/")
struct BenchmarksTests {
  @Test(.needs(.python))
  func `run.py measures expt alone, and prints a table`() throws {
    let folder = TemporaryFolder()
    let output = try Python.run(
      file: packageFolder + "/Benchmarks/run.py",
      [
        "W4", "--rounds", "1", "--peers", "--threads", "2", "--expt", Program.path,
        "--set", "dataset.train=128", "--json", folder.file("all.json"),
      ])
    #expect(output.contains("2 threads; expt 0."))
    let row = try #require(output.split(separator: "\n").first { $0.hasPrefix("| W4 |") })
    let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(cells.count == 7)
    #expect((Double(cells[2]) ?? 0) > 0)
    #expect(FileManager.default.fileExists(atPath: folder.file("all.json")))
  }

  @Test(.needs(.pyTorch))
  func `the PyTorch program does a round`() throws {
    let output = try Python.run(
      file: packageFolder + "/Benchmarks/peers/pytorch_bench.py",
      [
        "W3", "--images", "40", "--threads", "1", "--rounds", "1", "--variant", "fused",
      ])
    let lines = output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].contains("\"program\": \"PyTorch\""))
    #expect(lines[1].hasPrefix("{\"seconds\": "))
  }
}
