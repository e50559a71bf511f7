import ExptFiles
import ExptTestSupport
import Foundation
import Testing

@Suite("Commands and likelihoods")
struct LikelihoodCommandTests {
  private let folder = TemporaryFolder()

  private func experiment(_ likelihood: String, model: String = "vae") -> String {
    """
    dataset: { type: digits, train: 80, validation: 20, test: 30 }
    model: { type: \(model), latent: 3, likelihood: \(likelihood), encoder: { type: mlp, hidden: [9] } }
    training: { epochs: 1, batch_size: 16 }
    """
  }

  /// Trains, and returns the run folder and what was printed.
  private func train(_ text: String) throws -> (path: String, messages: String) {
    let path = folder.file("run")
    let file = try folder.write(text, to: "small.yaml")
    let result = try Program.run(["run", file, "--run-dir", path])
    try #require(result.status == 0, "\(result.messages)")
    return (path, result.messages)
  }

  private func evaluated(_ path: String) throws -> JSONValue {
    let result = try Program.run(["evaluate", path, "--samples", "3", "--json"])
    try #require(result.status == 0, "\(result.messages)")
    return try JSONValue.parse(Array(result.output.utf8), path: "stdout")
  }

  @Test func `a probability of 8-bit images is said in bits per dimension, and drawn from`() throws
  {
    let (path, messages) = try train(experiment("{ type: logistic_mixture, components: 2 }"))
    #expect(messages.contains("bits/dim "))
    let json = try evaluated(path)
    #expect(json["measure"]?.string == "probability")
    let nats = try #require(json["importance_weighted_nll"]?["mean"]?.double)
    let bits = try #require(json["bits_per_dimension"]?["mean"]?.double)
    #expect(abs(bits - nats / 784 / log(2)) < 1e-9 && bits > 0)
    let text = try Program.run(["evaluate", path, "--samples", "3"]).output
    #expect(text.contains("in bits per dimension"))
    let scores = try Program.run(["evaluate", path, "--evaluator", "elbo"]).output
    #expect(scores.contains("bits_per_dimension"))
    for (arguments, name) in [
      (["sample", path, "--count", "4", "--draws"], "samples-seed-0-draws-epoch-0001.pgm"),
      (
        ["reconstruct", path, "--count", "4", "--draws"],
        "reconstructions-test-draws-epoch-0001.pgm"
      ),
    ] {
      let result = try Program.run(arguments)
      #expect(result.status == 0, "\(result.messages)")
      let picture = "\(path)/made/\(name)"
      #expect(FilePath.exists(picture))
      let first = try SHA256.hex(ofFile: picture)
      _ = try Program.run(arguments + ["--threads", "1"])
      #expect(try SHA256.hex(ofFile: picture) == first)
    }
    let report = try Program.run(["report", path, "-o", folder.file("page.html")])
    #expect(report.status == 0, "\(report.messages)")
    let page = try String(contentsOfFile: folder.file("page.html"), encoding: .utf8)
    #expect(page.contains("Bits per dimension"))
  }

  @Test func `a loss has no ELBO, no NLL and no draws`() throws {
    let path = try train(experiment("ms_ssim")).path
    let json = try evaluated(path)
    #expect(json["measure"]?.string == "loss" && json["reconstruction"] != nil)
    #expect(json["elbo"] == nil && json["importance_weighted_nll"] == nil)
    let text = try Program.run(["evaluate", path, "--samples", "3"]).output
    #expect(text.contains("ms_ssim is a loss and no density") && !text.contains("ELBO  "))
    let refused = try Program.run(["evaluate", path, "--evaluator", "elbo"])
    #expect(refused.status == 65)
    #expect(refused.messages.contains("'elbo' needs a density"))
    let draws = try Program.run(["sample", path, "--draws"])
    #expect(draws.status == 65 && draws.messages.contains("has no distribution to draw from"))
    let file = try folder.write(experiment("ms_ssim", model: "iwae"), to: "iwae.yaml")
    let check = try Program.run(["check", file])
    #expect(check.status == 65)
    #expect(check.messages.contains("ms_ssim is a loss and no density"), "\(check.messages)")
  }

  @Test(arguments: [
    "{ type: gaussian, scale: optimal }", "{ type: student_t, scale: per_feature }",
  ])
  func `a scale that follows training goes on where it was`(likelihood: String) throws {
    let file = try folder.write(experiment(likelihood), to: "small.yaml")
    func run(_ arguments: [String]) throws {
      let result = try Program.run(["run"] + arguments + ["--quiet"])
      try #require(result.status == 0, "\(result.messages)")
    }
    let (whole, part) = (folder.file("whole"), folder.file("part"))
    try run([file, "--run-dir", whole, "training.epochs=3"])
    try run([file, "--run-dir", part, "training.epochs=2"])
    try run(["--resume", part, "training.epochs=3"])
    for file in ["metrics.csv", "checkpoints/last.safetensors"] {
      #expect(try SHA256.hex(ofFile: "\(whole)/\(file)") == SHA256.hex(ofFile: "\(part)/\(file)"))
    }
  }

  @Test func `a cross-entropy of grey images is named so`() throws {
    let path = try train(experiment("bernoulli")).path
    #expect(try evaluated(path)["measure"]?.string == "loss")
    let text = try Program.run(["evaluate", path, "--samples", "3"]).output
    #expect(text.contains("bernoulli is a cross-entropy on these images and no probability"))
    #expect(text.contains("ELBO"))
  }

  /// The shipped tables: a few epochs train, repeat on one thread, are evaluated and drawn from.
  @Test(arguments: ["zinb_cells", "mixed_table"])
  func `tables of counts and of mixed columns train`(
    name: String
  ) throws {
    let file = "\(packageFolder)/experiments/\(name).yaml"
    func run(_ folder: String, _ arguments: [String]) throws {
      let result = try Program.run(
        [
          "run", file, "--run-dir", folder, "--quiet", "training.epochs=4",
          "outputs.checkpoint_every=1",
        ] + arguments)
      try #require(result.status == 0, "\(result.messages)")
    }
    let whole = folder.file("whole")
    try run(whole, [])
    let losses = try #require(try CSVTable.read(whole + "/metrics.csv").numbers("train_loss"))
    #expect(losses.allSatisfy(\.isFinite) && losses[3] < losses[0])
    let again = folder.file("again")
    try run(again, ["--threads", "1"])
    for file in ["metrics.csv", "checkpoints/last.safetensors"] {
      #expect(try SHA256.hex(ofFile: "\(whole)/\(file)") == SHA256.hex(ofFile: "\(again)/\(file)"))
    }
    let json = try evaluated(whole)
    #expect(json["measure"]?.string == (name == "zinb_cells" ? "probability" : "density"))
    #expect(json["bits_per_dimension"] == nil)
    let draws = try Program.run(["sample", whole, "--draws", "--count", "5"])
    #expect(draws.status == 0, "\(draws.messages)")
  }
}
