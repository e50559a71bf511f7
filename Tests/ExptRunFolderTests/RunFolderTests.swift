import ExptFiles
import ExptTestSupport
import Testing

@testable import ExptRunFolder

@Suite("Run folders")
struct RunFolderTests {
  private let moment = Timestamp(seconds: 1_769_903_948)

  @Test func `are named by time and hash, and never shared`() throws {
    let folder = TemporaryFolder()
    let runs = try (0..<2).map { _ in
      try RunFolder.create(root: folder.path, name: "vae", hash: "1f3a", now: moment)
    }
    #expect(runs[0].path == folder.file("vae/20260131-235908-1f3a"))
    #expect(runs[1].path == folder.file("vae/20260131-235908-1f3a-2"))
    #expect(FilePath.isFolder(runs[1].checkpointsFolder))
    #expect(FilePath.isFolder(runs[1].imagesFolder))
    #expect(
      runs[0].imageFile("samples", epoch: 10, extension: "pgm")
        == runs[0].path + "/images/samples-epoch-0010.pgm")
  }

  @Test(arguments: [
    "", ".", "..", "a/b", "../x", "-x", ".x", "~x", "a:b", "x\0",
    String(repeating: "a", count: 201),
  ])
  func `are not made for names that could lead elsewhere`(name: String) throws {
    let folder = TemporaryFolder()
    #expect(throws: FileProblem.self) {
      try RunFolder.create(root: folder.path, name: name, hash: "1")
    }
    #expect(try FilePath.names(in: folder.path).isEmpty)
  }

  @Test func `of an exact name must be empty, but for what a killed start left`() throws {
    let folder = TemporaryFolder()
    let run = try RunFolder.exact(folder.file("a/b"))
    #expect(run.path == folder.file("a/b"))
    func message(_ path: String) -> String? {
      do { return try RunFolder.exact(path).path.isEmpty ? nil : nil } catch {
        return error.message
      }
    }
    try AtomicFile.write("seed: 1", to: run.experimentFile)
    #expect(message(run.path) == nil)
    try AtomicFile.write("mine", to: run.file("notes.txt"))
    let refusal =
      "this folder holds other files or the remains of another run, and a run needs a folder of its "
      + "own: name another, or empty this one."
    #expect(message(run.path) == refusal)
    try FilePath.remove(run.file("notes.txt"))
    // A checkpoint without run.json is of a run before: this one would prune its own in favour of it.
    let old = FilePath.join(run.checkpointsFolder, "epoch-0009.state.safetensors")
    try AtomicFile.write("old", to: old)
    #expect(message(run.path) == refusal)
    try FilePath.remove(old)
    #expect(message(run.path) == nil)
    try AtomicFile.write("{}", to: run.manifestFile)
    #expect(
      message(run.path)
        == "this folder already holds a run; resume it with --resume, or name another.")
  }

  @Test func `open by their path or by their manifest, and others are explained`() throws {
    let folder = TemporaryFolder()
    let old = try RunFolder.create(root: folder.path, name: "vae", hash: "1", now: moment)
    let new = try RunFolder.create(
      root: folder.path, name: "ae", hash: "2", now: Timestamp(seconds: moment.seconds + 9))
    for run in [old, new] { try AtomicFile.write("{}", to: run.manifestFile) }
    #expect(try RunFolder.open(old.path) == old)
    #expect(try RunFolder.open(old.manifestFile) == old)
    #expect(RunFolder.all(in: folder.path) == [new, old])
    func problem(_ path: String) -> FileProblem? {
      do { return try RunFolder.open(path).path.isEmpty ? nil : nil } catch { return error }
    }
    #expect(problem(folder.file("x"))?.message == "there is no such run folder.")
    #expect(
      problem(folder.path)?.message == "this is not a run folder: it has no run.json. "
        + "Did you mean \(new.path)?")
    #expect(problem("")?.code == .malformed)
  }

  @Test func `are locked by one process at a time`() throws {
    let folder = TemporaryFolder()
    let run = try RunFolder.exact(folder.file("a"))
    var manifest = ManifestTests.sample
    manifest.process = .current
    #expect(run.life(manifest) == .died)
    do {
      let lock = try run.lock()
      #expect(lock.isEnforced)
      #expect(run.life(manifest) == .running)
      let problem = #expect(throws: FileProblem.self) { try run.lock() }
      #expect(problem?.code == .taken)
    }
    #expect(run.life(manifest) == .died)
    _ = try run.lock()
    manifest.process = ProcessRecord(id: 1, host: "elsewhere", boot: "x")
    #expect(run.life(manifest) == .unknown)
    manifest.status = .finished
    #expect(run.life(manifest) == .ended)
  }

  @Test func `a process is known from a later one with its number`() {
    let here = ProcessRecord.current
    #expect(here.exists == true)
    #expect(ProcessRecord(id: here.id, host: here.host, boot: "earlier").exists == false)
    #expect(ProcessRecord(id: Int.max, host: here.host, boot: here.boot).exists == false)
    #expect(ProcessRecord(id: here.id, host: "elsewhere", boot: here.boot).exists == nil)
  }
}

@Suite("Moments and facts")
struct FactsTests {
  // `date -u -d @N`
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_769_903_948, "2026-01-31T23:59:08Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
    (4_107_542_400, "2100-03-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
  ])
  func `a moment is written and read as ISO 8601`(seconds: Int, text: String) {
    #expect(Timestamp(seconds: seconds).iso8601 == text)
    #expect(Timestamp(iso8601: text)?.seconds == seconds)
  }

  @Test func `a day after a day is the next day, for a thousand years`() throws {
    var previous = Timestamp(seconds: 0).iso8601
    for day in 1...365_250 {
      let text = Timestamp(seconds: day * 86_400).iso8601
      #expect(text > previous)
      if day % 97 == 0 { #expect(Timestamp(iso8601: text)?.seconds == day * 86_400) }
      previous = text
    }
    #expect(previous == "2970-01-08T00:00:00Z")
  }

  @Test(arguments: [
    "", "2026-02-30T00:00:00Z", "2026-1-31T23:59:08Z", "2026-01-31 23:59:08", "x",
    "99999999999999999999-01-01T00:00:00Z", "2026-01-31T24:00:00Z", "0000-01-01T00:00:00Z",
    "2026-00-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-31T23:59:60Z", "12026-01-31T23:59:08Z",
    "2026-01-31T23:59:08", "2026-01-31T23:59:08+", " 2026-01-31T23:59:08Z",
    "2026-01-31T23:59:08Z\n",
    "2026-01-31T23-59-08Z", "-2026-01-31T23:59:08Z", "2026-01-31T23:59:08.0Z",
    "２026-01-31T23:59:08Z",
  ])
  func `other texts are no moments`(text: String) { #expect(Timestamp(iso8601: text) == nil) }

  @Test func `the machine has a processor, memory and a name`() {
    let machine = Machine.current
    #expect(machine.cores >= 1)
    #expect(machine.memory > 1 << 28)
    #expect(!machine.host.isEmpty && !machine.system.isEmpty && !machine.processor.isEmpty)
  }

  @Test func `git's words are understood`() {
    let head = "# branch.oid 1234abcd\n# branch.head main\n"
    #expect(GitState(status: head) == GitState(commit: "1234abcd", isDirty: false))
    #expect(GitState(status: head + "1 .M N... 100644 a\n")?.isDirty == true)
    #expect(GitState(status: "# branch.oid (initial)\n") == nil)
    #expect(GitState(status: "") == nil)
  }
}
