import ExptFiles
import ExptTestSupport
import Testing

@Suite("expt evaluate --evaluator")
struct EvaluatorCommandTests {
  private let folder = TemporaryFolder()
  private let run: String

  init() throws {
    run = folder.file("run")
    let file = try folder.write(
      """
      dataset: { type: sprites, train: 60, validation: 20, test: 40, size: 16 }
      model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [9] } }
      training: { epochs: 1, batch_size: 16 }
      """, to: "sprites.yaml")
    let result = try Program.run(["run", file, "--run-dir", run, "--quiet"])
    try #require(result.status == 0, "\(result.messages)")
  }

  @Test func `the ELBO's numbers are those of plain evaluate`() throws {
    let plain = try JSONValue.parse(
      Array(Program.run(["evaluate", run, "--samples", "7", "--json"]).output.utf8), path: "plain")
    let result = try Program.run([
      "evaluate", run, "--evaluator", "{type: elbo, samples: 7}", "--evaluator", "active_units",
      "--json",
    ])
    try #require(result.status == 0, "\(result.messages)")
    let json = try JSONValue.parse(Array(result.output.utf8), path: "scores")
    #expect(json["images"] == plain["images"] && json["checkpoint"] == plain["checkpoint"])
    let scores = try #require(json["scores"]?.array)
    try #require(scores.count == 2)
    #expect(scores[0]["direction"]?.string == "higher")
    #expect(scores[0]["settings"]?["samples"]?.int == 7)
    let numbers = try #require(scores[0]["numbers"]?.array)
    #expect(
      numbers.compactMap { $0["name"]?.string }
        == ["elbo", "reconstruction", "kl", "importance_weighted_nll"])
    for number in numbers {
      let name = try #require(number["name"]?.string)
      #expect(number["value"] == plain[name]?["mean"], "\(name)")
      #expect(number["standard_error"] == plain[name]?["standard_error"], "\(name)")
      #expect(number["unit"]?.string == "nats")
    }
    let units = try #require(scores[1]["numbers"]?.array)
    #expect(
      units.map { $0["value"]?.double } == [
        plain["active_units"]?.double, plain["informative_units"]?.double,
      ])
  }

  @Test func `what evaluators need and an experiment has not is found by check, all of it`() throws
  {
    let file = try folder.write(
      """
      dataset: sparse_features
      model: { type: ae, latent: 3, encoder: { type: mlp, hidden: [9] } }
      outputs:
        evaluate:
          metrics:
            - mig
            - linear_probe
            - codebook
            - frechet
      """, to: "needs.yaml")
    let result = try Program.run(["check", file])
    #expect(result.status == 65)
    for (line, said) in [
      (6, "the evaluator 'mig' needs factors or labels, and these images have none"),
      (7, "the evaluator 'linear_probe' needs labels, and these images have none"),
      (8, "the evaluator 'codebook' needs latents that are codes, and these are 3 numbers"),
      (9, "the evaluator 'frechet' needs a prior, and the model is an autoencoder without one"),
    ] {
      #expect(
        result.messages.contains("needs.yaml:\(line):9: error: \(said)"), "\(result.messages)")
    }
  }

  @Test func `the gap of each factor is printed, the same on any number of threads`() throws {
    let one = try Program.run(["evaluate", run, "--evaluator", "mig", "--threads", "1"])
    let file = folder.file("mig.json")
    let three = try Program.run([
      "evaluate", run, "--evaluator", "mig", "--threads", "3", "-o", file,
    ])
    #expect(one.status == 0, "\(one.messages)")
    #expect(one.output == three.output)
    #expect(one.output.contains("40 test images of sprites\n"))
    #expect(one.output.contains("mig (higher is better): encoder means, 20-bin histograms"))
    let numbers = try #require(JSONValue.read(file)["scores"]?.array?.first?["numbers"]?.array)
    let values = numbers.compactMap { $0["value"]?.double }
    #expect(values.count == 6 && values.allSatisfy { (0...1).contains($0) }, "\(numbers)")
    let mean = values.dropFirst().reduce(0, +) / 5
    #expect(abs(values[0] - mean) < 1e-12)
  }

  @Test func `what cannot be measured ends with a sentence and its exit code`() throws {
    let cases: [(arguments: [String], status: Int32, sentence: String)] = [
      (["--evaluator", "mgi"], 65, "did you mean 'mig'?"),
      (["--evaluator", "{type: mig, bins: 1}"], 65, "'bins' must be from 2 to 10000"),
      (["--evaluator", "elbo", "--samples", "9"], 64, "are settings of an evaluator"),
      (["--evaluator", "elbo", "--seed", "9"], 64, "are settings of an evaluator"),
      (["--metrics", "mig,elbow"], 65, "did you mean 'elbo'?"),
    ]
    for (arguments, status, sentence) in cases {
      let result = try Program.run(["evaluate", run] + arguments)
      #expect(result.status == status, "\(arguments): \(result.messages)")
      #expect(result.messages.contains(sentence), "\(arguments): \(result.messages)")
      #expect(result.output == "")
    }
  }

  @Test func `what was measured is a metric of the run`() throws {
    let measured = try Program.run(["evaluate", run, "--metrics", "mig,active_units", "--json"])
    try #require(measured.status == 0, "\(measured.messages)")
    let json = try JSONValue.parse(Array(measured.output.utf8), path: "scores")
    let mig = try #require(
      json["scores"]?.array?.first?["numbers"]?.array?.first?["value"]?.double)
    let kept = try #require(JSONValue.read(run + "/evaluations.json")["evaluations"]?.array)
    #expect(kept.compactMap { $0["evaluator"]?.string } == ["mig", "active_units"])
    #expect(kept[0]["numbers"]?.array?.first?["value"]?.double == mig)
    for (condition, isFound) in [("> -1", true), ("> 2", false)] {
      let listed = try Program.run(["runs", run, "--where", "evaluation.mig \(condition)", "--csv"])
      #expect((listed.output.split(separator: "\n").count > 1) == isFound, "\(listed.output)")
    }
  }

  @Test func `all are measured that can be`() throws {
    let result = try Program.run(["evaluate", run, "--metrics", "all"])
    #expect(result.status == 0, "\(result.messages)")
    #expect(result.output.contains("\nelbo (higher is better)"))
    #expect(result.output.contains("\nmig (higher is better)"))
  }
}
