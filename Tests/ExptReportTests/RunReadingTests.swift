import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Foundation
import Testing

@testable import ExptReport

@Suite("Reading runs")
struct RunReadingTests {
  @Test func `finds runs at any of three levels, each once, in stable order`() throws {
    let folder = TemporaryFolder()
    for name in ["b/2", "b/1", "a", "c/d/e"] { try RunMaker().make(folder.file(name)) }
    let all = try RunIndex.find([folder.path]).map(\.path)
    #expect(all == ["a", "b/1", "b/2", "c/d/e"].map(folder.file))
    let named = try RunIndex.find([folder.file("b/2/"), folder.path, folder.file("a/run.json")])
    #expect(named.map(\.path) == ["b/2", "a", "b/1", "c/d/e"].map(folder.file))
  }

  @Test func `says what is wrong with an argument`() throws {
    let folder = TemporaryFolder()
    #expect { try RunIndex.find([folder.file("none")]) } throws: {
      ($0 as? FileProblem)?.code == .missing
    }
    #expect { try RunIndex.find([folder.path]) } throws: {
      ($0 as? FileProblem)?.description == "\(folder.path): there are no runs in this folder."
    }
  }

  @Test func `reads a run whole`() throws {
    let folder = TemporaryFolder()
    var maker = RunMaker()
    maker.settings = [("model.type", "vae"), ("training.epochs", "5")]
    let run = RunRecord(RunFolder(path: try maker.make(folder.file("r"))))
    #expect(run.problem == nil && run.state == .finished)
    #expect(run.name == "vae" && run.seed == 1)
    #expect(run.epochsDone == 3 && run.epochsPlanned == 5)
    #expect(run.settings["seed"]?.origin == "--seed 1")
    #expect(try run.metrics()["validation_loss"] == [110, 100, 101])
    #expect(try run.timing()["train_seconds"] == [0.5, 0.5, 0.5])
  }

  @Test func `a run whose process died is interrupted`() throws {
    let folder = TemporaryFolder()
    var maker = RunMaker()
    maker.status = .running
    let run = RunFolder(path: try maker.make(folder.file("r")))
    // This process is alive, but nobody holds the lock.
    #expect(RunRecord(run).state == .interrupted)
    let lock = try run.lock()
    #expect(RunRecord(run).state == .running)
    _ = lock
  }

  @Test func `a run that says it is running on another machine is unknown`() throws {
    let folder = TemporaryFolder()
    var maker = RunMaker()
    maker.status = .running
    let run = RunFolder(path: try maker.make(folder.file("r")))
    var manifest = try run.readManifest()
    manifest.process = ProcessRecord(id: 1, host: "elsewhere.example", boot: "x")
    try run.write(manifest)
    #expect(RunRecord(run).state == .unknown)
  }

  @Test func `lists folders that cannot be read, saying why`() throws {
    let folder = TemporaryFolder()
    let broken = try RunMaker().make(folder.file("broken"))
    try AtomicFile.write("{\"status\": \"fin", to: broken + "/run.json")
    let cut = try RunMaker().make(folder.file("cut"))
    try FilePath.remove(cut + "/run.json")
    let bare = try RunMaker().make(folder.file("bare"))
    try FilePath.remove(bare + "/resolved.yaml")
    let records = try RunIndex.records([folder.path])
    #expect(records.map(\.path) == [bare, broken, cut])
    #expect(records.map(\.state) == [.finished, .unreadable, .unreadable])
    #expect(records[0].problem == "there is no resolved.yaml")
    #expect(
      records[1].problem == "run.json: this is not valid JSON: it ends inside a string.")
    #expect(records[2].problem == "there is no run.json: its start was cut short")
  }

  @Test func `maps thousands in their order`() {
    #expect(RunIndex.map(Array(0..<5000)) { $0 * 2 } == (0..<5000).map { $0 * 2 })
  }
}
