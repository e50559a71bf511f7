import ExptFiles
import ExptTestSupport
import Testing

@Suite("expt verify") struct VerifyCommandTests {
  private let folder = TemporaryFolder()

  /// A linear model of few digits, with what it is expected to come to.
  private func write(_ name: String, _ expect: String, epochs: Int = 1) throws {
    try folder.write(
      """
      dataset: { type: digits, train: 60, test: 20, size: 12 }
      model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [] } }
      training: { epochs: \(epochs), batch_size: 20 }
      expect:
      \(expect)
      """, to: "\(name).yaml")
  }

  private func verify(_ arguments: [String]) throws -> (
    status: Int32, json: JSONValue, messages: String
  ) {
    let result = try Program.run(
      ["verify", "--folder", folder.path, "--runs", folder.file("runs"), "--json"] + arguments)
    let json = (try? JSONValue.parse(Array(result.output.utf8), path: "verify")) ?? .null
    return (result.status, json, result.messages)
  }

  private func column(_ name: String, in path: String) throws -> [Double] {
    let rows = try String(decoding: FileBytes.read(path), as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let place = try #require(rows.first?.firstIndex(of: Substring(name)))
    return rows.dropFirst().compactMap { Double($0[place]) }
  }

  private func verdicts(_ json: JSONValue) -> [String] {
    (json["experiments"]?.array ?? []).flatMap { experiment in
      (experiment["checks"]?.array ?? []).map { check in
        "\(experiment["name"]?.string ?? "").\(check["name"]?.string ?? ""): "
          + (check["verdict"]?.string ?? "")
      }
    }
  }

  @Test func `what is reproduced and what is not is told apart, and the second makes it fail`()
    throws
  {
    try write(
      "a",
      """
        tier: quick
        seeds: [1, 2]
        checks:
          near: { metric: train_loss, value: 100, tolerance: 40 }
          far: { metric: train_loss, value: 1, tolerance: 0.5 }
          remembered: { metric: train_loss, at_most: 1, certainty: memory }
          longer: { evaluator: { type: elbo, samples: 3 }, number: importance_weighted_nll, above: b }
          terms: { metric: train_kl, below: .near }
          absent: { metric: train_joy, at_most: 1 }
      """)
    try write(
      "b",
      """
        tier: standard
        checks:
          longer: { evaluator: { type: elbo, samples: 3 }, number: importance_weighted_nll, at_most: 500 }
      """, epochs: 30)
    let all = try verify([])
    #expect(all.status == 1, "\(all.messages)")
    #expect(
      verdicts(all.json) == [
        "a.near: reproduced", "a.far: not_reproduced", "a.remembered: shown",
        "a.longer: reproduced",
        "a.terms: reproduced", "a.absent: not_measured", "b.longer: reproduced",
      ])
    let first = try #require(all.json["experiments"]?.array?.first)
    let runs = (first["runs"]?.array ?? []).compactMap(\.string)
    #expect(runs.count == 2)
    // The mean of two seeds, and its error.
    let losses = try runs.compactMap { run in
      try column("train_loss", in: FilePath.join(run, "metrics.csv")).last
    }
    try #require(losses.count == 2)
    let near = try #require(first["checks"]?.array?.first)
    #expect(near["measured"]?.double == (losses[0] + losses[1]) / 2)
    let error = try #require(near["standard_error"]?.double)
    #expect(abs(error - abs(losses[0] - losses[1]) / 2) < 1e-9)
    #expect(all.json["reproduced"]?.bool == false)
    #expect(FilePath.exists(folder.file("runs/verify/verify.html")))
    // Everything is there already: nothing is trained again.
    let again = try verify(["--quiet"])
    #expect(again.json["experiments"] == all.json["experiments"])
    let only = try verify(["b"])
    #expect(only.status == 0 && verdicts(only.json) == ["b.longer: reproduced"])
    #expect(only.messages.contains("finished before, and not trained again: 1 of 1 run"))
  }

  @Test func `a run that fails is not measured, and says why`() throws {
    try folder.write(
      """
      dataset: { type: npz, path: absent.npz }
      model: { type: ae, latent: 2 }
      expect: { tier: quick, checks: { loss: { metric: train_loss, at_most: 1 } } }
      """, to: "c.yaml")
    let result = try verify(["c"])
    #expect(result.status == 1)
    #expect(verdicts(result.json) == ["c.loss: not_measured"])
    let reason = result.json["experiments"]?.array?.first?["checks"]?.array?.first?["reason"]?
      .string
    #expect(reason?.contains("absent.npz") == true, "\(reason ?? "")")
  }

  @Test func `mistakes in what is expected are shown at their place`() throws {
    for (expect, words) in [
      ("  checks: { a: { metric: x, at_most: 1, at_least: 0 } }", "exactly one of"),
      ("  checks: { a: { at_most: 1 } }", "either a 'metric' or an 'evaluator'"),
      ("  checks: { a: { metric: x, value: 1 } }", "'value' and 'tolerance' stand together"),
      ("  checks: { a: { metric: x, split: train, at_most: 1 } }", "are about an 'evaluator'"),
      ("  checks: { a: { metric: x, below: d.b } }", "refers to 'b' of d"),
      ("  seeds: [1, 1]\n  checks: { a: { metric: x, at_most: 1 } }", "a seed is listed twice"),
      ("  tier: slow\n  checks: { a: { metric: x, at_most: 1 } }", "one of quick, standard, full"),
      ("  claim: nothing", "checks"),
    ] {
      try write("d", expect)
      let result = try verify(["d"])
      #expect(result.status == 65, "\(expect): \(result.messages)")
      #expect(result.messages.contains(words), "\(expect): \(result.messages)")
    }
    #expect(try verify(["nowhere"]).status == 66)
  }

  @Test func `a run takes the file as if it expected nothing`() throws {
    try write("e", "  checks: { loss: { metric: train_loss, at_most: 1 } }")
    let file = folder.file("e.yaml")
    let bare = try folder.write(
      String(decoding: FileBytes.read(file), as: UTF8.self)
        .split(separator: "expect:")[0] + "name: e\n", to: "bare.yaml")
    let runs = [folder.file("with"), folder.file("without")]
    for (file, run) in zip([file, bare], runs) {
      let result = try Program.run(["run", file, "--run-dir", run, "--quiet"])
      #expect(result.status == 0, "\(result.messages)")
    }
    let metrics = try runs.map { try FileBytes.read(FilePath.join($0, "metrics.csv")) }
    #expect(metrics[0] == metrics[1])
    let identities = try runs.map { run in
      try JSONValue.read(FilePath.join(run, "run.json"), limit: 1 << 20)["identity"]
    }
    #expect(identities[0] == identities[1])
  }
}
