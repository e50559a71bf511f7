import ExptFiles
import ExptTestSupport
import Foundation
import Testing

private func experiment(_ model: String) -> String {
  """
  dataset: { type: sprites, train: 90, validation: 20, test: 30, size: 8 }
  model: { latent: 3, encoder: { type: mlp, hidden: [9] }, \(model) }
  training: { epochs: 1, batch_size: 16 }
  outputs: { images_every: 0, summary: false }
  """
}

/// What commands tell the decoder of a conditional model. Sprites have three shapes as classes.
@Suite("Commands on a conditional run")
struct ConditionCommandTests {
  private let folder = TemporaryFolder()

  private func train(_ model: String, _ name: String) throws -> String {
    let path = folder.file(name)
    let file = try folder.write(experiment(model), to: "\(name).yaml")
    let result = try Program.run(["run", file, "--run-dir", path, "--quiet"])
    try #require(result.status == 0, "\(result.messages)")
    return path
  }

  private func picture(_ arguments: [String]) throws -> Image8 {
    let result = try Program.run(arguments)
    try #require(result.status == 0, "\(arguments): \(result.messages)")
    return try Image8.read(result.lastLine)
  }

  /// Rows of images of 8 pixels, one between.
  private func row(_ picture: Image8, _ number: Int) -> [UInt8] {
    let start = number * 9 * picture.width
    return Array(picture.samples[start..<start + 8 * picture.width])
  }

  @Test func `labels are drawn a row each, or one alone, by any prior and sampler`() throws {
    let run = try train("type: vae, condition: labels, prior: conditional_gaussian", "labels")
    let all = try picture(["sample", run, "--per-class", "4"])
    #expect(all.width == 4 * 9 - 1 && all.height == 3 * 9 - 1)
    #expect(try picture(["sample", run]).width == 8 * 9 - 1)
    #expect(row(all, 0) != row(all, 1))
    // One class alone is its row: the columns share their noise.
    let one = try Program.run(["sample", run, "--label", "1", "-n", "4"])
    #expect(one.lastLine.contains("/made/samples-label-1-seed-0-epoch-0001."))
    let square = try Image8.read(one.lastLine)
    #expect(square.width == 2 * 9 - 1)
    #expect(Array(row(square, 0).prefix(8)) == Array(row(all, 1).prefix(8)))

    let fit = try Program.run(["fit", run, "--sampler", "gaussian"])
    #expect(try Safetensors.read(fit.lastLine).metadata["expt.classes"] == "0 1 2")
    let fitted = try picture(["sample", run, "--sampler", "gaussian", "--per-class", "4"])
    #expect(fitted.width == all.width && fitted.height == all.height && fitted != all)
    _ = try Program.run(["fit", run, "--sampler", "gaussian", "--no-per-class", "--name", "pooled"])
    let pooled = try picture(["sample", run, "--sampler", "pooled", "--label", "2", "-n", "1"])
    #expect(pooled.width == 8)
  }

  @Test func `reconstructions, paths and traversals say what the decoder is told`() throws {
    let run = try train("type: vae, condition: labels", "told")
    let own = try Program.run(["reconstruct", run, "-n", "6", "--npz", "-o", folder.file("a/")])
    #expect(
      own.messages.contains("the decoder is told each image's own class (--label gives another)"))
    let labels = try Program.run(["encode", run, "--limit", "6", "-o", folder.file("c.npz")])
    let classes = try #require(
      NPZ.read(labels.lastLine).first { $0.name == "labels" }?.array.integers)
    let numbers = try NPZ.read(own.lastLine)[1].array.floats
    for label in 0..<3 {
      let told = try Program.run([
        "reconstruct", run, "-n", "6", "--npz", "--label", "\(label)", "-o",
        folder.file("b\(label)/"),
      ])
      #expect(told.messages.contains("the decoder is told the class \(label)"))
      let other = try NPZ.read(told.lastLine)[1].array.floats
      let size = numbers.count / 6
      for image in 0..<6 {
        let part = image * size..<(image + 1) * size
        #expect((numbers[part] == other[part]) == (classes[image] == label))
      }
    }
    for command in ["interpolate", "traverse"] {
      let plain = try Program.run([command, run])
      #expect(
        plain.messages.contains("own class") || plain.messages.contains("each first image's class"))
      let told = try Program.run([command, run, "--label", "2"])
      #expect(told.messages.contains("the class 2") && told.lastLine.contains("-label-2-"))
    }
  }

  @Test func `factors are told by name`() throws {
    let run = try train(
      "type: vae, condition: { type: factors, names: [scale, x] }", "factors")
    let missing = try Program.run(["sample", run, "--factor", "scale=0.5"])
    #expect(missing.status == 64)
    #expect(missing.messages.contains("give --factor x=…"), "\(missing.messages)")
    func bytes(_ scale: String) throws -> Image8 {
      try picture([
        "sample", run, "-n", "4", "--factor", "scale=\(scale)", "--factor", "x=0.3",
      ])
    }
    #expect(try bytes("0.5") == bytes("0.5") && bytes("0.5") != bytes("1"))
    let unknown = try Program.run(["traverse", run, "--factor", "colour=1"])
    #expect(unknown.status == 64 && unknown.messages.contains("and no 'colour'"))
  }

  @Test func `classes of a model without a condition come from a sampler`() throws {
    let run = try train("type: ae", "plain")
    _ = try Program.run(["fit", run, "--sampler", "gaussian", "--per-class"])
    let all = try picture(["sample", run, "--sampler", "gaussian", "--per-class", "5"])
    #expect(all.width == 5 * 9 - 1 && all.height == 3 * 9 - 1)
    let one = try picture(["sample", run, "--sampler", "gaussian", "--label", "2", "-n", "5"])
    #expect(Array(row(one, 0).prefix(8)) == Array(row(all, 2).prefix(8)))
    let none = try Program.run(["sample", run, "--sampler", "gaussian", "--label", "3"])
    #expect(none.status == 64 && none.messages.contains("was fitted to the classes 0, 1, 2"))
    _ = try Program.run(["fit", run, "--sampler", "gaussian"])
    let pooled = try Program.run(["sample", run, "--sampler", "gaussian", "--label", "2"])
    #expect(pooled.status == 65 && pooled.messages.contains("--per-class' fits one for each"))
  }

  @Test func `what cannot be told is refused, with what to train`() throws {
    let (plain, told) = try (
      train("type: vae, prior: { type: vamp, pseudo_inputs: 4 }", "vamp"),
      train("type: vae, condition: labels", "some")
    )
    let cases: [(arguments: [String], status: Int32, sentence: String)] = [
      (["sample", plain, "--label", "1"], 65, "train a model with 'condition: labels'"),
      (["sample", plain, "--factor", "scale=1"], 65, "condition: { type: factors"),
      (["sample", plain, "--per-class", "2"], 65, "is not conditioned on labels"),
      (["interpolate", plain, "--label", "1"], 65, "experiments/conditional_vae_mnist.yaml"),
      (["sample", told, "--label", "3"], 64, "--label 3: the classes are 0 to 2"),
      (["sample", told, "--label=-1"], 64, "--label -1: the classes are 0 to 2"),
      (["sample", told, "--count", "9"], 64, "give --per-class, or --label"),
      (["sample", told, "--count", "9", "--per-class", "3"], 64, "give one of them"),
      (["sample", told, "--factor", "scale"], 64, "write a name and a number"),
      (["sample", told, "--per-class", "30000"], 64, "--per-class 30000"),
    ]
    for (arguments, status, sentence) in cases {
      let result = try Program.run(arguments)
      #expect(result.status == status, "\(arguments): \(result.messages)")
      #expect(result.messages.contains(sentence), "\(arguments): \(result.messages)")
    }
    // Of a VampPrior's draws the posteriors' deviations are scaled.
    #expect(try Program.run(["sample", plain, "--temperature", "0.5"]).status == 0)
  }
}
