import ExptComponents
import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Testing

@testable import ExptTraining

@Suite("What evaluators fit to a run's images")
struct KeptFitsTests {
  private let folder = TemporaryFolder()

  private static let fitted = FittedArrays(
    [.init("0.bias", [2], [0.1, -0.2]), .init("0.weight", [2, 3], [1, 2.5, -3, 4, 5, 6])],
    reached: [.init("cross-entropy on images held out", 0.1 + 0.2, "nats")])

  /// What is kept, and whether it was fitted to find out.
  private func kept(_ fingerprint: String = "abc") throws -> (arrays: FittedArrays, isNew: Bool) {
    let keeping = KeptFits(folder: try RunFolder.open(folder.path), fingerprint: fingerprint)
    var isNew = false
    let arrays = try keeping.kept("classifier-2") { () throws(EvaluationProblem) in
      isNew = true
      return Self.fitted
    }
    return (arrays, isNew)
  }

  @Test func `is fitted once, and read to the bit`() throws {
    _ = try folder.write("{}", to: "run.json")
    #expect(try kept().isNew)
    let again = try kept()
    #expect(!again.isNew && again.arrays == Self.fitted)
  }

  @Test func `is fitted anew for other images, and where the file is damaged`() throws {
    _ = try folder.write("{}", to: "run.json")
    _ = try kept()
    #expect(try kept("other").isNew)
    #expect(try !kept("other").isNew)
    let path = folder.file("features/classifier-2.safetensors")
    let bytes = try FileBytes.read(path)
    try AtomicFile.write(Array(bytes.dropLast(3)), to: path)
    #expect(try kept("other").isNew)
    #expect(try !kept("other").isNew)
  }
}
