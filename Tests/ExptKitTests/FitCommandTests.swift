import ExptFiles
import ExptTestSupport
import Foundation
import Testing

private let ae = """
  dataset: { type: digits, train: 80, validation: 20, test: 30 }
  model: { type: ae, latent: 3, encoder: { type: mlp, hidden: [9] } }
  training: { epochs: 1, batch_size: 16 }
  """

@Suite("expt fit")
struct FitCommandTests {
  private let folder = TemporaryFolder()
  private let run: String

  init() throws { run = try Self.train(ae, folder, "run") }

  private static func train(
    _ experiment: String, _ folder: TemporaryFolder, _ name: String
  ) throws -> String {
    let path = folder.file(name)
    let file = try folder.write(experiment, to: "\(name).yaml")
    let result = try Program.run(["run", file, "--run-dir", path, "--quiet"])
    try #require(result.status == 0, "\(result.messages)")
    return path
  }

  @Test func `an autoencoder can be sampled by what was fitted to its latents`() throws {
    let fit = try Program.run(["fit", run, "--sampler", "{type: gmm, components: 4}"])
    #expect(fit.status == 0, "\(fit.messages)")
    #expect(fit.lastLine == run + "/samplers/gmm.safetensors")
    let file = try Safetensors.read(fit.lastLine)
    #expect(file["means"]?.shape == [4, 3] && file["factors"]?.shape == [4, 3, 3])
    #expect(file.metadata["expt.xxh64"] != nil)
    let sample = try Program.run(["sample", run, "--sampler", "gmm", "-n", "9"])
    #expect(sample.status == 0, "\(sample.messages)")
    #expect(sample.lastLine.contains("/made/samples-gmm-seed-0-epoch-0001."))
    let picture = try Image8.read(sample.lastLine)
    #expect(picture.width == 3 * 29 - 1 && picture.height == 3 * 29 - 1)
  }

  @Test func `a flow tells what it reached on images held out, and its file keeps it`() throws {
    let fit = try Program.run([
      "fit", run, "--sampler", "{type: realnvp, depth: 2, hidden: [8], epochs: 2}",
    ])
    #expect(fit.status == 0, "\(fit.messages)")
    let told = try #require(
      fit.messages.split(separator: "\n").first { $0.contains("negative log-likelihood") })
    #expect(told.hasPrefix("negative log-likelihood, mean over 6 images held out: "))
    #expect(told.hasSuffix(" nats a latent"))
    let file = try Safetensors.read(fit.lastLine)
    #expect(file.metadata["expt.reached"] == String(told))
    #expect(file["flow.0.0.weight"]?.shape == [8, 3])
    let sample = try Program.run(["sample", run, "--sampler", "realnvp", "-n", "4"])
    #expect(sample.status == 0, "\(sample.messages)")
  }

  @Test(arguments: [ae, ae.replacingOccurrences(of: "type: ae", with: "type: vae")])
  func `the same bytes come out again, on any number of threads`(_ experiment: String) throws {
    let run = try Self.train(experiment, folder, "again")
    func bytes(_ threads: String) throws -> [[UInt8]] {
      let fit = try Program.run([
        "fit", run, "--sampler", "gmm", "--set", "components=3", "--name", "t\(threads)",
        "--threads", threads,
      ])
      try #require(fit.status == 0, "\(fit.messages)")
      let sample = try Program.run([
        "sample", run, "--sampler", "t\(threads)", "--threads", threads,
      ])
      try #require(sample.status == 0, "\(sample.messages)")
      return [try FileBytes.read(fit.lastLine), try FileBytes.read(sample.lastLine)]
    }
    #expect(try bytes("1") == bytes("4"))
  }

  @Test func `a latent of a VAE is a draw of its posterior`() throws {
    let vae = ae.replacingOccurrences(of: "type: ae", with: "type: vae")
    let run = try Self.train(vae, folder, "vae")
    let fit = try Program.run(["fit", run, "--sampler", "{type: gaussian, covariance: diagonal}"])
    try #require(fit.status == 0, "\(fit.messages)")
    let deviations = try #require(Safetensors.read(fit.lastLine)["factor"]?.floats)
    let codes = try Program.run([
      "encode", run, "--split", "train", "-o", folder.file("codes.npz"),
    ])
    let arrays = try NPZ.read(codes.lastLine)
    let (means, logVariances) = (arrays[0].array.floats, arrays[1].array.floats)
    // Var z = Var μ + E σ²: with one draw of each of 60 images, to within a half.
    let count = Float(means.count / 3)
    #expect(count == 60)
    for dimension in 0..<3 {
      let places = stride(from: dimension, to: means.count, by: 3)
      let mean = places.map { means[$0] }.reduce(0, +) / count
      let variance = places.map { (means[$0] - mean) * (means[$0] - mean) }.reduce(0, +) / count
      let noise = places.map { exp(logVariances[$0]) }.reduce(0, +) / count
      let seen = deviations[dimension] * deviations[dimension]
      #expect(abs(seen / (variance + noise) - 1) < 0.5, "\(seen) \(variance) \(noise)")
      #expect(seen > 2 * variance)
    }
    let other = try Program.run([
      "fit", run, "--sampler", "{type: gaussian, covariance: diagonal}", "--seed", "1",
    ])
    #expect(try Safetensors.read(other.lastLine)["factor"]?.floats != deviations)
  }

  @Test func `what cannot be done ends with a sentence and its exit code`() throws {
    let cases: [(arguments: [String], status: Int32, sentence: String)] = [
      (["fit", run], 64, "missing expected argument '--sampler"),
      (["fit", run, "--sampler", "gausian"], 65, "did you mean 'gaussian'?"),
      (["fit", run, "--sampler", "gmm", "--set", "parts=3"], 65, "has no setting 'parts'"),
      (["fit", run, "--sampler", "gmm", "--set", "components"], 65, "has no '='"),
      (["fit", run, "--sampler", "[1]"], 65, "must be a sampler"),
      (
        ["fit", run, "--sampler", "gmm", "--set", "components=41"], 65,
        "needs at least 82 images to be fitted to, and there are 60"
      ),
      (["fit", run, "--sampler", "autoregressive"], 65, "needs latents that are codes"),
      (["fit", run, "--sampler", "gmm", "--name", "a/b"], 64, "it contains '/'"),
      (["sample", run, "--sampler", "gmm"], 66, "none is available; 'expt fit' fits one"),
      (["sample", run, "--sampler", "../run"], 64, "cannot name a file"),
      (["sample", run], 65, "'expt fit' fits a sampler to its latents"),
    ]
    for (arguments, status, sentence) in cases {
      let result = try Program.run(arguments)
      #expect(result.status == status, "\(arguments): \(result.messages)")
      #expect(result.messages.contains(sentence), "\(arguments): \(result.messages)")
      #expect(result.output == "")
    }
    #expect(!FilePath.exists(run + "/samplers") && !FilePath.exists(run + "/made"))
  }

  @Test func `a missing, a damaged and a foreign file are told apart`() throws {
    let path = try Program.run(["fit", run, "--sampler", "gaussian"]).lastLine
    let sample = ["sample", run, "--sampler"]
    let missing = try Program.run(sample + ["gmm"])
    #expect(missing.status == 66 && missing.messages.contains("available: gaussian"))
    var bytes = try FileBytes.read(path)
    bytes[bytes.count - 2] ^= 1
    try AtomicFile.write(bytes, to: path)
    let damaged = try Program.run(sample + ["gaussian"])
    #expect(damaged.status == 65 && damaged.messages.contains("was damaged"), "\(damaged.messages)")
    let foreign = try Program.run([
      "fit", Self.train(ae.replacingOccurrences(of: "latent: 3", with: "latent: 2"), folder, "two"),
      "--sampler", "gaussian",
    ])
    try AtomicFile.write(FileBytes.read(foreign.lastLine), to: path)
    let narrow = try Program.run(sample + ["gaussian"])
    #expect(narrow.status == 65 && narrow.messages.contains("latents of 2 numbers"))
    var other = Safetensors()
    other.add("mean", shape: [3], floats: [0, 0, 0])
    try other.write(to: path)
    let unnamed = try Program.run(sample + ["gaussian"])
    #expect(unnamed.status == 65 && unnamed.messages.contains("not written by 'expt fit'"))
    // Settings and arrays that do not fit each other, in a file without a digest.
    other.metadata = [
      "expt.sampler": "sampler: gaussian", "expt.latent": "3", "expt.checkpoint": "epoch-0001",
    ]
    try other.write(to: path)
    let lacking = try Program.run(sample + ["gaussian"])
    #expect(lacking.status == 65 && lacking.messages.contains("has no 'factor'"))
  }
}
