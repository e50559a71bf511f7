import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTestSupport
import ExptTraining
import Foundation
import Testing

@testable import ExptTensor

/// The experiments in `Tests/Golden`, and the digests of what they wrote where they were recorded.
///
/// `scripts/golden.sh --renew` records them; see `Tests/Golden/README.md` for when that is
/// allowed.
private enum Golden {
  static let folder = packageFolder + "/Tests/Golden"

  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }()

  static let files = [
    "metrics.csv", "checkpoints/last.safetensors", "checkpoints/last.state.safetensors",
    "checkpoints/best.safetensors",
  ]

  /// The recorded digests, by experiment and file: lines of `experiment file digest`.
  static func recorded() throws -> [String: [String: String]] {
    var found: [String: [String: String]] = [:]
    for line in try FileBytes.readText(folder + "/digests.txt").split(separator: "\n") {
      let parts = line.split(separator: " ").map(String.init)
      if line.hasPrefix("#") || parts.count != 3 { continue }
      found[parts[0], default: [:]][parts[1]] = parts[2]
    }
    return found
  }
}

@Suite("Golden digests: the same bytes as on the machine where they were recorded")
struct GoldenTests {
  @Test func `six experiments or more, each with all its digests, and no digest of another`()
    throws
  {
    let recorded = try Golden.recorded()
    #expect(Golden.names.count >= 6)
    #expect(recorded.keys.sorted() == Golden.names)
    for name in Golden.names {
      #expect(recorded[name].map { $0.keys.sorted() } == Golden.files.sorted(), "\(name)")
    }
  }

  @Test(arguments: Golden.names)
  func `on every instruction set of this machine`(_ name: String) throws {
    let folder = TemporaryFolder()
    for isa in InstructionSet.available {
      let run = folder.file(isa.rawValue)
      let result = try Program.start(
        tool: [Program.path, "run", "\(Golden.folder)/\(name).yaml", "--run-dir", run]
          + ["--quiet", "--threads", "2"], environment: ["EXPT_ISA": isa.rawValue]
      ).wait()
      try #require(result.status == 0, "\(result.messages)")
      var seen: [String: String] = [:]
      for file in Golden.files { seen[file] = try SHA256.hex(ofFile: run + "/" + file) }
      #expect(try seen == Golden.recorded()[name], "\(name) on \(isa)")
    }
  }

  /// Operations that plugins use and no shipped component: their bits are compared between
  /// instruction sets by `ExptTensorTests`, and those of their kernels recorded in `CKernelsTests`.
  static let untrained: Set = [
    "ArgMax", "CategoricalNLL", "GatherRows", "JoinRows", "LogDensity", "LogSoftmaxAlong",
    "LogSumExpAlong", "MatrixProduct", "OneHot", "PairwiseLogDensity", "PermuteColumns",
    "RejectionNoise", "ScatterRows", "Softmax", "SortRows", "StudentTTail", "SumAlong", "TileRows",
    "Transpose", "TriangularProduct", "TriangularSolve", "VonMisesFisherDraw",
    "VonMisesFisherFunction", "VonMisesFisherSlope",
  ]

  /// Operations of layers that are in no experiment here: their bits are compared likewise.
  static let unrecorded: Set = ["GroupNorm", "PixelShuffle", "Pooling"]

  @Test func `the experiments between them use every operation`() throws {
    let catalog = try Catalog(Catalog.builtins)
    var used: Set<String> = []
    for name in Golden.names {
      let file = try ExperimentFile.load(
        path: "\(Golden.folder)/\(name).yaml", overrides: [], catalog: catalog)
      let options = RunSession.Options(
        threads: 1, environment: DataEnvironment(), versions: .init(expt: "test", swift: "test"))
      let (trainer, _) = try RunSession.prepare(file, options)
      let graph = trainer.network.step(batch: 8, mode: .training).graph.graph
      for case .operation(let operation) in graph.nodes.map(\.source) {
        used.insert("\(type(of: operation))")
      }
    }
    let unused = try Self.operations().subtracting(used)
    #expect(unused == Self.untrained.union(Self.unrecorded), "not used: \(unused.sorted())")
  }

  /// The types in `Sources/ExptTensor/Operations` that are operations.
  private static func operations() throws -> Set<String> {
    let folder = packageFolder + "/Sources/ExptTensor/Operations"
    var found: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      for match in try FileBytes.readText("\(folder)/\(name)").matches(
        of: /struct (\w+): Operation\b/)
      {
        found.insert(String(match.1))
      }
    }
    return found
  }
}
