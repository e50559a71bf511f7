import ExptFiles
import ExptTestSupport
import Foundation
import Testing

@testable import ExptSweep

@Suite("A sweep's ledger") struct LedgerTests {
  @Test func `adds up the seconds of all starts, also of those that were killed`() throws {
    let temporary = TemporaryFolder()
    let folder = SweepFolder(path: temporary.path)
    #expect(try Ledger.seconds(folder, shard: nil) == 0)
    let text = """
      {"seconds":0,"event":"sweep"}
      {"seconds":3,"event":"started"}
      {"seconds":100.5,"event":"going"}
      {"seconds":2
      {"seconds":0.25,"event":"sweep"}
      {"seconds":20,"event":"stopped"}
      {"event":"sweep"}
      {"event":"stopped"}

      """
    try temporary.write(text, to: "ledger.jsonl")
    #expect(try Ledger.seconds(folder, shard: nil) == 120.5)
    // Another shard's hours are its own.
    #expect(try Ledger.seconds(folder, shard: Shard("1/2")) == 0)
    let ledger = try Ledger(folder, shard: nil)
    try ledger.append("sweep")
    Thread.sleep(forTimeInterval: 0.05)
    try ledger.append("stopped")
    #expect(try (120.55...121.5).contains(Ledger.seconds(folder, shard: nil)))
  }
}
