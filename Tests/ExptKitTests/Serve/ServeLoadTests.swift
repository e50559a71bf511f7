import ExptTestSupport
import Foundation
import Testing

@Suite("Five thousand runs")
struct ServeLoadTests {
  @Test func `are listed at once, in little memory`() throws {
    let folder = TemporaryFolder()
    let runs = try ServedRuns.make(in: folder)
    let many = folder.file("many")
    let files = FileManager.default
    for number in 0..<5000 {
      let run = "\(many)/\(number)"
      try files.createDirectory(atPath: run, withIntermediateDirectories: true)
      for name in ["run.json", "resolved.yaml", "origins.json", "metrics.csv", "timing.csv"] {
        try files.linkItem(
          atPath: "\(runs)/\(number % 2 == 0 ? "a" : "b")/\(name)", toPath: "\(run)/\(name)")
      }
    }
    let served = try Served([many])
    let clock = ContinuousClock()
    let took = try clock.measure {
      let first = try served.get(
        "/api/runs?count=60&sort=best.validation_loss&where=beta%20%3E%201")
      #expect(first.json["total"] as? Int == 2500)
    }
    print("5,000 runs: first view \(took), \(served.memory >> 20) MiB")
    // A machine under load is slower; the page's own bound is a second.
    #expect(took < .seconds(5))
    #expect(served.memory < 250 << 20, "\(served.memory >> 20) MiB")
  }
}
