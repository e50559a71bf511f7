import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Foundation
import Testing

@Suite("Evaluations that are kept")
struct EvaluationsTests {
  private let temporary = TemporaryFolder()
  private let folder: RunFolder

  init() throws { folder = try RunFolder.exact(temporary.file("run")) }

  private func entry(
    _ value: Double, evaluator: String = "mig", bins: Int = 20, part: String = "test",
    numbers: [String] = ["mig"]
  ) -> Evaluations.Entry {
    Evaluations.Entry(
      .init(
        evaluator: evaluator, settings: ["type": .string(evaluator), "bins": JSONValue(bins)],
        part: part, images: 40, checkpoint: "best", fingerprint: "aa"),
      epoch: 3, step: 30, isHigherBetter: true, method: "means, 20 bins",
      numbers: numbers.map { .init($0, value, standardError: value / 10, unit: "nats") },
      version: "1", measured: Timestamp(seconds: 1_700_000_000))
  }

  @Test func `are read back as they were, NaN too`() throws {
    #expect(try folder.readEvaluations() == Evaluations())
    let entries = [entry(0.25), entry(1e-300, evaluator: "elbo", numbers: ["elbo", "kl"])]
    try folder.keep(entries)
    #expect(try folder.readEvaluations().entries == entries)
    try folder.keep([entry(.nan, evaluator: "x", numbers: ["x"])])
    #expect(try folder.readEvaluations()["x"]?.isNaN == true)
    #expect(try folder.readEvaluations().names == ["mig", "elbo", "kl", "x"])
  }

  @Test func `take the place of what was measured in the same way, and of nothing else`() throws {
    try folder.keep([entry(0.1), entry(0.2, bins: 30), entry(0.3, part: "validation")])
    try folder.keep([entry(0.4)])
    let kept = try folder.readEvaluations()
    #expect(kept.entries.map { $0.numbers[0].value } == [0.2, 0.3, 0.4])
    // The newest stands for its name.
    #expect(kept["mig"] == 0.4)
    #expect(kept["gim"] == nil)
  }

  @Test func `of several at once are all there`() throws {
    DispatchQueue.concurrentPerform(iterations: 8) { number in
      try? folder.keep([entry(Double(number), evaluator: "e\(number)", numbers: ["n\(number)"])])
    }
    #expect(Set(try folder.readEvaluations().names) == Set((0..<8).map { "n\($0)" }))
  }

  @Test(arguments: [
    "", "{}", "[]", "{\"evaluations\": 1, \"training\": []}",
    "{\"evaluations\": [{}], \"training\": []}", "{\"evaluations\": [], \"training\": [1]}",
  ])
  func `that are damaged are refused in a sentence, and not written over`(_ text: String) throws {
    try AtomicFile.write(text, to: folder.evaluationsFile)
    #expect(throws: FileProblem.self) { try folder.readEvaluations() }
    #expect(throws: FileProblem.self) { try folder.keep([entry(1)]) }
    #expect(try FileBytes.read(folder.evaluationsFile) == Array(text.utf8))
  }
}
