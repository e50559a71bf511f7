import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Foundation
import Testing

@Suite("Notes of a run")
struct RunNotesTests {
  private let folder = TemporaryFolder()
  private var run: RunFolder { RunFolder(path: folder.path) }

  @Test func `are read as they were written, and no file stands for none`() throws {
    #expect(try run.readNotes() == RunNotes())
    let notes = RunNotes(tags: ["good", "é.1"], note: "a\n\"b\"", isPinned: true, isArchived: true)
    try run.write(notes)
    #expect(try run.readNotes() == notes)
    try run.write(RunNotes())
    #expect(!FilePath.exists(run.notesFile))
  }

  @Test(arguments: ["", "a b", "-a", "a/b", "<b>", "a\u{7}", String(repeating: "x", count: 41)])
  func `have tags that are words`(_ tag: String) throws {
    #expect(RunNotes.problem(withTag: tag) != nil)
    // What somebody wrote into the file all the same is left out.
    let json: JSONValue = ["tags": .array([.string(tag), "kept"])]
    try AtomicFile.write(json.compact, to: run.notesFile)
    #expect(try run.readNotes().tags == ["kept"])
  }

  @Test(arguments: ["[]", "{", "7"])
  func `that are damaged are a problem, not lost`(_ text: String) throws {
    try AtomicFile.write(text, to: run.notesFile)
    #expect(throws: FileProblem.self) { try run.readNotes() }
  }

  @Test func `say how far an epoch is while it goes on`() throws {
    #expect(run.progress == nil)
    let progress = BatchProgress(epoch: 2, batch: 3, batches: 40, loss: 1.5)
    try run.write(progress)
    #expect(run.progress == progress)
    run.removeProgress()
    #expect(run.progress == nil)
  }
}
