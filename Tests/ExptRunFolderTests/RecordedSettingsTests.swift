import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Testing

@Suite("Recorded settings")
struct RecordedSettingsTests {
  private let settings: [RecordedSettings.Setting] = [
    .init("name", "été \"1\"\n", origin: "/data/my runs/a b.yaml:1"),
    .init("seed", JSONValue(UInt64.max), origin: "--seed 18446744073709551615"),
    .init("model.encoder.layers[0].out", 400, origin: "vae.yaml:4"),
    .init("optimizer.learning_rate", JSONValue(Float(1e-8)), origin: "default"),
    .init("optimizer.clip_norm", .null, origin: nil),
    .init(
      "outputs.image_formats", ["pgm", "png"], origin: "--set outputs.image_formats=[pgm,png]"),
  ]

  private func folder() throws -> (temporary: TemporaryFolder, run: RunFolder, Manifest) {
    let temporary = TemporaryFolder()
    let run = try RunFolder.exact(temporary.file("run"))
    let manifest = Manifest(
      name: "vae", seed: 1, versions: .init(expt: "1", swift: "6"), threads: 1,
      instructionSet: "avx2",
      dataset: .init(
        name: "digits", fingerprint: "f", training: 8, validation: 2, test: nil, shape: [1, 2, 2]),
      model: "vae", likelihood: "bernoulli", parameterCount: 1)
    try run.write(manifest)
    return (temporary, run, manifest)
  }

  @Test func `are read back as they were written, and know their resolved.yaml`() throws {
    let (temporary, run, manifest) = try folder()
    try run.write(resolved: "seed: 1\n", settings)
    let recorded = try #require(try run.readOrigins(manifest))
    #expect(recorded.settings == settings)
    #expect(recorded.describes(try FileBytes.read(run.resolvedFile)))
    #expect(!recorded.describes(Array("seed: 2\n".utf8)))
    _ = temporary
  }

  @Test func `are not there in a folder of format 1, and missed in one of format 2`() throws {
    let (temporary, run, manifest) = try folder()
    #expect(manifest.versions.format == 2)
    #expect { try run.readOrigins(manifest) } throws: { ($0 as? FileProblem)?.code == .missing }
    var older = manifest
    older.versions.format = 1
    try run.write(older)
    #expect(try run.readOrigins(run.readManifest()) == nil)
    _ = temporary
  }

  @Test(arguments: [
    "", "null", "[]", "{}", "{\"sha256\": \"a\", \"origins\": {}}",
    "{\"sha256\": 1, \"origins\": {}, \"values\": {}}",
    "{\"sha256\": \"a\", \"origins\": [], \"values\": {}}",
    "{\"sha256\": \"a\", \"origins\": {\"a\": \"b\"",
    "{\"sha256\": \"a\", \"origins\": {}, \"values\": {\"a\": 1, \"a\": 2}}",
    String(repeating: "[", count: 100_000),
  ])
  func `that are damaged are refused in a sentence`(_ text: String) throws {
    let (temporary, run, manifest) = try folder()
    try AtomicFile.write(text, to: run.originsFile)
    let problem = #expect(throws: FileProblem.self) { try run.readOrigins(manifest) }
    #expect(problem?.code == .malformed && problem?.path == run.originsFile)
    _ = temporary
  }

  @Test func `whose parts do not fit together give what they have`() throws {
    let (temporary, run, manifest) = try folder()
    try AtomicFile.write(
      "{\"sha256\": \"a\", \"origins\": {\"b\": 1, \"c\": \"x\"}, \"values\": {\"a\": 1, \"b\": {}}}",
      to: run.originsFile)
    let recorded = try #require(try run.readOrigins(manifest))
    #expect(recorded.settings == [.init("a", 1, origin: nil), .init("b", [:], origin: nil)])
    _ = temporary
  }
}
