import ExptTestSupport
import Foundation
import Testing

@testable import ExptFiles

@Suite("Closed folders")
struct ClosedFolderTests {
  /// A folder marked as a run's, and a file outside with what a link leads to.
  private struct Place {
    let folder: TemporaryFolder
    var victim: String { folder.file("victim") }
    func inside(_ name: String) -> String { folder.file("run/\(name)") }

    init(marks: [String] = ["run.json"]) throws {
      folder = TemporaryFolder()
      try ExclusiveFolder.makeAll(folder.file("run"))
      for mark in marks {
        if mark == "points" { try ExclusiveFolder.makeAll(inside(mark)) }
        if mark != "points" { try AtomicFile.write("{}", to: inside(mark)) }
      }
      try AtomicFile.write("precious", to: victim)
    }

    func link(_ name: String, to target: String) throws {
      try FileManager.default.createSymbolicLink(
        atPath: inside(name), withDestinationPath: target)
    }
  }

  @Test(arguments: [["run.json"], ["sweep.yaml", "points"]])
  func `replace a link where a whole file is written`(marks: [String]) throws {
    let place = try Place(marks: marks)
    try place.link("a", to: place.victim)
    try AtomicFile.write("new", to: place.inside("a"))
    #expect(try FileBytes.readText(place.inside("a")) == "new")
    #expect(try FileBytes.readText(place.victim) == "precious")
  }

  @Test func `refuse links where something grows or is locked, dangling ones too`() throws {
    let place = try Place()
    try place.link("log.txt", to: place.victim)
    try place.link("dangling", to: place.folder.file("not-there"))
    for name in ["log.txt", "dangling"] {
      let problem = #expect(throws: FileProblem.self) { try AppendingFile(place.inside(name)) }
      #expect(problem?.path == place.inside(name))
      #expect(problem?.message.contains("symbolic link") == true)
      #expect(throws: FileProblem.self) { try FileLock(place.inside(name)) }
    }
    #expect(try FileBytes.readText(place.victim) == "precious")
    #expect(!FilePath.exists(place.folder.file("not-there")))
  }

  @Test func `refuse folders below them that are links, for every kind of change`() throws {
    let place = try Place()
    let outside = place.folder.file("outside")
    try ExclusiveFolder.makeAll(outside)
    try AtomicFile.write("kept", to: outside + "/old")
    try place.link("sub", to: outside)
    let target = place.inside("sub/old")
    let problem = #expect(throws: FileProblem.self) { try AtomicFile.write("x", to: target) }
    #expect(problem?.path == place.inside("sub"))
    #expect(throws: FileProblem.self) { try AppendingFile(target) }
    #expect(throws: FileProblem.self) { try FilePath.remove(target) }
    #expect(throws: FileProblem.self) { try AtomicFile.link(place.victim, as: target) }
    #expect(throws: FileProblem.self) { try FilePath.move(target, to: place.inside("b")) }
    #expect(throws: FileProblem.self) { try ExclusiveFolder.makeAll(target + "2") }
    #expect(try FilePath.names(in: outside) == ["old"])
    #expect(try FileBytes.readText(outside + "/old") == "kept")
  }

  @Test func `may be links themselves, and leave other folders as they were`() throws {
    let place = try Place()
    try FileManager.default.createSymbolicLink(
      atPath: place.folder.file("alias"), withDestinationPath: place.folder.file("run"))
    try AtomicFile.write("new", to: place.folder.file("alias/a"))
    #expect(try FileBytes.readText(place.inside("a")) == "new")
    // No run's: a link is followed, unless the folder is closed for a while.
    let link = place.folder.file("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "victim")
    try AtomicFile.write("written", to: link)
    #expect(try FileBytes.readText(place.victim) == "written")
    try ClosedFolder.within(place.folder.path) { () throws(FileProblem) in
      try AtomicFile.write("replaced", to: link)
    }
    #expect(try FileBytes.readText(place.victim) == "written")
  }

  @Test func `a file that grows leaves its other names alone`() throws {
    let place = try Place()
    try FileManager.default.linkItem(atPath: place.victim, toPath: place.inside("log.txt"))
    try AppendingFile(place.inside("log.txt")).append("more", isDurable: false)
    #expect(try FileBytes.readText(place.inside("log.txt")) == "preciousmore")
    #expect(try FileBytes.readText(place.victim) == "precious")
  }

  @Test func `only temporary files of processes that are gone are swept`() throws {
    let place = try Place()
    let own = ".a.txt.\(ProcessInfo.processInfo.processIdentifier)-1z.tmp"
    let kept = [".a.tmp", ".a.1-zz.tmp", ".a.b-c.tmp", "a.99999999-1.tmp", "run.json"]
    for name in kept + [own, ".a.99999999-1z.tmp"] {
      try AtomicFile.write("", to: place.inside(name))
    }
    try AtomicFile.removeLeftovers(in: place.folder.file("run"))
    #expect(try FilePath.names(in: place.folder.file("run")) == kept.sorted())
  }

  @Test func `names out of files lead down only`() throws {
    #expect(try FilePath.below("a", "metrics/train_loss") == "a/metrics/train_loss")
    for name in ["../x", "a/../../x", "/etc/x", "", ".", "a//b", "a/", "a\nb", "a\0b"] {
      #expect(throws: FileProblem.self, "\(name)") { try FilePath.below("a", name) }
    }
    #expect(throws: FileProblem.self) {
      try FilePath.below("a", String(repeating: "x", count: 300))
    }
  }
}
