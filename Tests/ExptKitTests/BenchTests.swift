import ExptFiles
import ExptTestSupport
import Testing

@testable import ExptKit

@Suite("expt bench")
struct BenchTests {
  /// `scripts/examples.sh` writes their texts.
  @Test(arguments: Workload.allCases)
  func `measures the experiments of experiments/bench`(_ workload: Workload) throws {
    let name = try #require(workload.text.firstMatch(of: /\nname: (\w+)\n/)?.1)
    let path = "\(packageFolder)/experiments/bench/\(name).yaml"
    #expect(try FileBytes.readText(path) == workload.text, "run scripts/examples.sh")
    let checked = try Program.run(["check", path])
    #expect(checked.status == 0, "\(checked.messages)")
  }

  private let small = """
    dataset: { type: digits, train: 200, test: 64 }
    model: { type: vae, latent: 4, encoder: { type: mlp, hidden: [16] } }
    training: { batch_size: 50 }
    """

  @Test func `prints as JSON what was measured, and counts the work`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(small, to: "small.yaml")
    let result = try Program.run(["bench", file, "--rounds", "2", "--threads", "2", "--json"])
    try #require(result.status == 0, "\(result.messages)")
    let json = try JSONValue.parse(Array(result.output.utf8), path: "bench")
    let workload = try #require(json["workloads"]?.array?.first)
    #expect(workload["images"]?.int == 200)
    #expect(workload["threads"]?.int == 2)
    #expect(workload["seconds"]?.array?.count == 2)
    #expect(workload["floor_gflops"]?.array?.count == 2)
    // 784·16 + 16·8 + 4·16 + 16·784 multiply-adds an image, 6 operations for each.
    #expect(workload["gflop"]?.double == 2e-9 * Double(200 * 25_280) * 3)
    let seconds = try #require(workload["median_seconds"]?.double)
    #expect(workload["images_per_second"]?.double == 200 / seconds)
    let split = try #require(workload["time_split"]?.array)
    #expect(split.contains { $0["name"]?.string == "linear encoder.0 backward" })
    let regions = try #require(workload["regions_per_step"]?.double)
    let share = try #require(workload["parallel_share"]?.double)
    #expect(regions >= 4 && regions < 200 && share > 0 && share < 1, "\(regions) \(share)")
    if AllocationCounter.path != nil { #expect(workload["allocations_per_step"]?.double == 0) }
  }

  @Test func `prints a table, and what the columns mean`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(small, to: "small.yaml")
    let result = try Program.run(["bench", file, "--rounds", "1"])
    try #require(result.status == 0, "\(result.messages)")
    for words in [
      "images/s", "share:", "regions:", "small.yaml", "linear decoder.1 backward", "smaller",
    ] {
      #expect(result.output.contains(words), "\(words)")
    }
  }

  @Test func `says what there is no workload of`() throws {
    let unknown = try Program.run(["bench", "W14"])
    #expect(unknown.status == 64)
    #expect(unknown.messages.contains("there is no workload W14"))
    let wrong = try Program.run(["bench", "W4", "--set", "model.latnt=3"])
    #expect(wrong.status == 65)
    #expect(wrong.messages.contains("did you mean 'latent'?"))
  }
}
