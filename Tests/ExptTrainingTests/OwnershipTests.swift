import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Foundation
import Testing

@testable import ExptTraining

@Suite("A run that another process goes on with")
struct OwnershipTests {
  static let experiment = """
    name: taken
    dataset: { type: test_points }
    model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [4] } }
    training: { epochs: 6, batch_size: 8 }
    """

  @Test func `stops before it writes anything more`() throws {
    let (run, session) = try TestRun.starting(Self.experiment)
    let folder = try RunFolder.open(run.path)
    var files: [String: Data] = [:]
    // After the third epoch's records, the folder becomes another machine's.
    let error = #expect(throws: RunTaken.self) {
      _ = try session.train {
        guard files.isEmpty, var manifest = try? folder.readManifest(),
          manifest.lastMetrics?.epoch == 3
        else { return false }
        manifest.process = ProcessRecord(id: 4711, host: "elsewhere", boot: "another")
        try? folder.write(manifest)
        try? session.checkpoints.waitForDisk()
        files = Self.contents(of: run.path)
        return false
      }
    }
    #expect("\(try #require(error))".contains("resumed by another process (4711 on elsewhere)"))
    #expect(files["run.json"] != nil && files["metrics.csv"] != nil)
    #expect(Self.contents(of: run.path) == files)
  }

  @Test func `is left alone on being stopped, too`() throws {
    let (run, session) = try TestRun.starting(Self.experiment)
    let folder = try RunFolder.open(run.path)
    var manifest = try folder.readManifest()
    var files: [String: Data] = [:]
    #expect(throws: RunTaken.self) {
      _ = try session.train {
        manifest.process = ProcessRecord(id: 1, host: "elsewhere", boot: "")
        try? folder.write(manifest)
        try? session.checkpoints.waitForDisk()
        files = Self.contents(of: run.path)
        return true
      }
    }
    #expect(Self.contents(of: run.path) == files)
  }

  /// Every file below a folder.
  private static func contents(of path: String) -> [String: Data] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    return names.reduce(into: [:]) {
      $0[$1] = FileManager.default.contents(atPath: path + "/" + $1)
    }
  }
}
