import ExptTestSupport
import Foundation
import Testing

@testable import ExptFiles

@Suite("Atomic files")
struct AtomicFileTests {
  @Test func `hold exactly what was written and leave nothing beside them`() throws {
    let folder = TemporaryFolder()
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try AtomicFile.write("first", to: folder.file("a"))
    try AtomicFile.write(bytes, to: folder.file("a"))
    #expect(try FileBytes.read(folder.file("a")) == bytes)
    #expect(try FilePath.names(in: folder.path) == ["a"])
  }

  @Test func `written in pieces equal the pieces put together`() throws {
    let folder = TemporaryFolder()
    let pieces = [[1, 2, 3], [UInt8](repeating: 9, count: 100_000), [], [4]]
    let writer = try AtomicFileWriter(folder.file("a"))
    for piece in pieces { try writer.append(piece) }
    #expect(!FilePath.exists(folder.file("a")))
    try writer.commit()
    #expect(try FileBytes.read(folder.file("a")) == Array(pieces.joined()))
  }

  @Test func `abandoned halfway leave the old file and nothing else`() throws {
    let folder = TemporaryFolder()
    try AtomicFile.write("old", to: folder.file("a"))
    do {
      let writer = try AtomicFileWriter(folder.file("a"))
      try writer.append([UInt8](repeating: 1, count: 100_000))
    }
    #expect(try FileBytes.readText(folder.file("a")) == "old")
    #expect(try FilePath.names(in: folder.path) == ["a"])
  }

  @Test func `killed at any step are the old file or the new one`() throws {
    let new = [UInt8](repeating: 7, count: 200_000)
    var outcomes: [Bool] = []
    for steps in 0..<20 {
      let folder = TemporaryFolder()
      try AtomicFile.write("old", to: folder.file("a"))
      let plan = FaultPlan(survivingSteps: steps)
      FaultPlan.$current.withValue(plan) { try? AtomicFile.write(new, to: folder.file("a")) }
      let bytes = try FileBytes.read(folder.file("a"))
      #expect(bytes == new || bytes == Array("old".utf8), "killed after \(plan.steps)")
      outcomes.append(bytes == new)
      try AtomicFile.removeLeftovers(in: folder.path)
      #expect(try FilePath.names(in: folder.path) == ["a"])
      if !plan.struck { break }
    }
    // create, write, fsync, rename, fsync of the folder
    #expect(outcomes == [false, false, false, false, true, true])
  }

  @Test func `a symbolic link stays, and what it names is replaced`() throws {
    let folder = TemporaryFolder()
    try AtomicFile.write("old", to: folder.file("a"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: "a")
    try AtomicFile.write("new", to: folder.file("link"))
    #expect(try FileBytes.readText(folder.file("a")) == "new")
    #expect(try FilePath.names(in: folder.path) == ["a", "link"])
  }

  @Test func `a device is written to and stays a device`() throws {
    try AtomicFile.write("gone", to: "/dev/null")
    #expect(SystemCalls.isDevice("/dev/null"))
    #if os(Linux)
      let problem = #expect(throws: FileProblem.self) {
        try AtomicFile.write("no room", to: "/dev/full")
      }
      #expect(problem?.description.contains("No space left on device") == true)
      #expect(SystemCalls.isDevice("/dev/full"))
    #endif
  }

  @Test func `linked names hold the same bytes, also when linked twice`() throws {
    let folder = TemporaryFolder()
    try AtomicFile.write("one", to: folder.file("a"))
    try AtomicFile.write("other", to: folder.file("b"))
    for _ in 0..<2 { try AtomicFile.link(folder.file("a"), as: folder.file("b")) }
    try AtomicFile.write("two", to: folder.file("a"))
    #expect(try FileBytes.readText(folder.file("b")) == "one")
    #expect(try FilePath.names(in: folder.path) == ["a", "b"])
  }

  @Test func `in a folder that is not there are refused by the name the user gave`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("no/such")
    let problem = #expect(throws: FileProblem.self) { try AtomicFile.write("x", to: path) }
    #expect(problem?.path == path)
    #expect(problem?.message == "cannot create it: No such file or directory.")
  }
}

@Suite("Folders and reading")
struct FolderTests {
  @Test func `an exclusive folder takes the next free name`() throws {
    let folder = TemporaryFolder()
    let made = try (0..<3).map { _ in try ExclusiveFolder.make(folder.file("x/run")) }
    #expect(made == [folder.file("x/run"), folder.file("x/run-2"), folder.file("x/run-3")])
  }

  @Test func `starts at the same moment never share a folder`() async throws {
    let folder = TemporaryFolder()
    let path = folder.file("run")
    let made = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<16 { group.addTask { try ExclusiveFolder.make(path) } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(made.count == 16)
  }

  @Test func `what is no readable plain file is refused with a sentence`() throws {
    let folder = TemporaryFolder()
    try AtomicFile.write("12345", to: folder.file("five"))
    func code(_ path: String, limit: Int = 100) -> FileProblem.Code? {
      do { return try FileBytes.read(path, limit: limit).isEmpty ? nil : nil } catch {
        return error.code
      }
    }
    #expect(code(folder.file("absent")) == .missing)
    #expect(code(folder.path) == .unreadable)
    #expect(code("/dev/zero") == .unreadable)
    #expect(code("") == .missing)
    #expect(code(folder.file("five\0x")) == .missing)
    #expect(code(folder.file("five"), limit: 4) == .tooLarge)
    #expect(code(folder.file("five"), limit: 5) == nil)
  }

  @Test func `a mapped file holds the file's bytes, also when there are none`() throws {
    let folder = TemporaryFolder()
    for text in ["", "hello"] {
      try AtomicFile.write(text, to: folder.file("a"))
      let mapped = try MappedFile(folder.file("a"))
      #expect(mapped.withBytes { Array($0) } == Array(text.utf8))
    }
  }

  @Test(arguments: [
    ("a/b", "a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("/", "/", "/"), ("a//b/", "a", "b"),
    ("/a/b/c", "/a/b", "c"),
  ])
  func `a path splits into folder and name`(path: String, folder: String, name: String) {
    #expect(FilePath.folder(of: path) == folder)
    #expect(FilePath.name(of: path) == name)
  }
}
