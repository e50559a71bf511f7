import ExptRunFolder
import ExptTestSupport
import Testing

@testable import ExptReport

/// Runs made from these makers, in their order.
func records(_ makers: [RunMaker]) throws -> [RunRecord] {
  let folder = TemporaryFolder()
  return try makers.enumerated().map { index, maker in
    RunRecord(RunFolder(path: try maker.make(folder.file("\(index)"))))
  }
}

@Suite("What runs have in common")
struct ComparisonBasicsTests {
  private func maker(_ beta: String, seed: UInt64 = 1, name: String = "vae") -> RunMaker {
    var maker = RunMaker()
    maker.name = name
    maker.seed = seed
    maker.settings = [
      ("dataset.root", "/\(seed)"), ("model.beta", beta), ("training.epochs", "3"),
      ("outputs.images_every", "\(seed)"),
    ]
    return maker
  }

  @Test func `runs that differ only in their seed are a group`() throws {
    var otherData = maker("1", seed: 4)
    otherData.fingerprint = "other"
    let runs = try records([
      maker("1"), maker("4"), maker("1.0", seed: 2, name: "again"), otherData,
      maker("4", seed: 3),
    ])
    let groups = RunGroup.bySettings(runs)
    #expect(groups.map { $0.runs.map { $0.seed ?? 0 } } == [[1, 2], [1, 3], [4]])
  }

  @Test func `differing settings come in the files' order`() throws {
    var longer = maker("4", seed: 2)
    longer.settings.insert(("model.free_bits", "0.5"), at: 2)
    let runs = try records([maker("1"), longer])
    #expect(
      SettingDifferences(runs).keys == [
        "seed", "dataset.root", "model.beta", "model.free_bits", "outputs.images_every",
      ])
    #expect(
      SettingDifferences(runs, ignoring: RunGroup.ignored).keys == [
        "model.beta", "model.free_bits",
      ])
  }

  @Test func `the main metric is the validation loss, else the training loss`() {
    #expect(Metric.main(of: ["epoch", "train_loss", "validation_loss"]) == "validation_loss")
    #expect(Metric.main(of: ["epoch", "train_kl", "train_loss"]) == "train_loss")
    #expect(Metric.main(of: ["epoch", "learning_rate", "kl", "error"]) == "error")
    #expect(Metric.main(of: ["epoch", "step"]) == nil)
  }

  @Test func `the best value is the first lowest one, and NaN is none`() {
    let table = MetricsTable(
      columns: ["epoch", "loss", "train_kl", "accuracy"],
      rows: [[1, .nan, 3, 0.5], [2, 5, 2, 0.9], [3, 4, 1, 0.8], [4, 4, 1, 0.1]])
    #expect(Metric.best(of: "loss", in: table)?.value == 4)
    #expect(Metric.best(of: "loss", in: table)?.epoch == 3)
    #expect(Metric.best(of: "accuracy", in: table)?.epoch == 2)
    #expect(Metric.best(of: "train_kl", in: table) == nil)
    #expect(Metric.last(of: "train_kl", in: table)?.epoch == 4)
  }

  @Test func `runs that do not compare are told, with the reason`() throws {
    var gaussian = maker("1")
    gaussian.likelihood = "gaussian"
    var ae = maker("1")
    ae.model = "ae"
    var substituted = maker("1")
    substituted.fingerprint = "zz"
    substituted.substitutedFor = "mnist"
    func said(_ other: RunMaker) throws -> String {
      let runs = try records([maker("1"), other])
      return Comparability.warnings(runs).joined(separator: "\n")
    }
    #expect(try said(maker("1", seed: 2)).isEmpty)
    #expect(try said(gaussian).contains("different likelihoods (bernoulli and gaussian)"))
    #expect(try said(ae).contains("different losses (vae and ae)"))
    #expect(try said(maker("4")).contains("(model.beta 1 and 4)"))
    #expect(
      try said(substituted).contains("different data (digits and digits in place of mnist)"))
    #expect(
      Comparability.substitutions(try records([substituted])) == [
        "this run was trained on 'digits' IN PLACE OF 'mnist'"
      ])
  }
}
