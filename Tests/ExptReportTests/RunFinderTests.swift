import ExptFiles
import ExptReport
import ExptRunFolder
import ExptTestSupport
import Foundation
import Testing

@Suite("Finding a run that a person names")
struct RunFinderTests {
  private let folder = TemporaryFolder()
  private var runs: String { folder.file("runs") }

  /// `vae` twice, `ae` once between them, and a run of a sweep.
  private func make() throws -> RunFinder {
    let places = [
      ("vae", "vae/20260101-000000-aaaa", 100), ("ae", "ae/20260102-000000-bbbb", 200),
      ("vae", "vae/20260103-000000-cccc", 300), ("vae", "sweep/runs/0001", 50),
    ]
    for (name, place, seconds) in places {
      var maker = RunMaker()
      maker.name = name
      maker.created = Timestamp(seconds: seconds)
      try maker.make("\(runs)/\(place)")
    }
    return RunFinder(runs)
  }

  @Test(arguments: [
    ("latest", "vae/20260103-000000-cccc"), ("vae", "vae/20260103-000000-cccc"),
    ("ae", "ae/20260102-000000-bbbb"), ("20260102", "ae/20260102-000000-bbbb"),
    ("20260101-000000-aaaa", "vae/20260101-000000-aaaa"), ("0001", "sweep/runs/0001"),
    ("vae/20260101", "vae/20260101-000000-aaaa"), ("sweep/runs/0001", "sweep/runs/0001"),
  ])
  func `takes latest, a name, and the beginning of a folder's name`(
    _ word: String, _ place: String
  ) throws {
    #expect(try make().find(word).path == "\(runs)/\(place)")
  }

  @Test func `takes the path of a run or of its run json, also without any folder of runs`() throws
  {
    _ = try make()
    let elsewhere = RunFinder(folder.file("none"))
    let path = "\(runs)/ae/20260102-000000-bbbb"
    for word in [path, path + "/", path + "/run.json"] {
      #expect(try RunFolder(path: elsewhere.find(word).path).readManifest().name == "ae")
    }
  }

  @Test func `an exact name of a folder comes before those that begin so`() throws {
    let finder = try make()
    try RunMaker().make("\(runs)/other/2026")
    #expect(try finder.find("2026").path == "\(runs)/other/2026")
  }

  @Test func `of runs made in one second the later folder is the newest`() throws {
    var maker = RunMaker()
    maker.created = Timestamp(seconds: 7)
    for tail in ["", "-2", "-10"] { try maker.make("\(runs)/vae/20260101-000000-aaaa\(tail)") }
    #expect(try RunFinder(runs).find("vae").path.hasSuffix("-10"))
  }

  @Test func `lists the candidates where several begin so`() throws {
    let finder = try make()
    let problem = #expect(throws: AmbiguousRun.self) { try finder.find("2026") }
    #expect(problem?.candidates.count == 3)
    #expect(problem?.message.contains("\n  \(runs)/ae/20260102-000000-bbbb\n") == true)
  }

  @Test func `says what there is instead of what is missing`() throws {
    let finder = try make()
    let near = #expect(throws: FileProblem.self) { try finder.find("vea") }
    #expect(near?.code == .missing && near?.message.contains("did you mean 'vae'?") == true)
    let empty = #expect(throws: FileProblem.self) { try RunFinder(folder.path + "/x").find("vae") }
    #expect(empty?.message.contains("--runs") == true)
    #expect(throws: FileProblem.self) { try finder.find(runs + "/none") }
    #expect(throws: FileProblem.self) { try finder.find("") }
  }

  @Test func `several words are runs and folders of runs, each run once`() throws {
    let finder = try make()
    let found = try finder.records(["ae", runs + "/vae", "20260101", "latest"])
    #expect(found.map { FilePath.name(of: $0.path).suffix(4) } == ["bbbb", "aaaa", "cccc"])
  }
}
