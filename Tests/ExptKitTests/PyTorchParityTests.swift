import ExptTestSupport
import Foundation
import Testing

// One after another: many PyTorch processes at once wait for each other on a small machine.
@Suite("PyTorch gets the same numbers", .serialized, .needs(.pyTorch))
struct PyTorchParityTests {
  /// A model as an experiment file declares it, and as `parity.py` does.
  struct Model: CustomTestStringConvertible, Sendable {
    var expt: String
    var pyTorch: String
    var testDescription: String { pyTorch }

    static let ae = Model(
      expt: "{ type: ae, latent: 16, encoder: { type: mlp, hidden: [128] } }",
      pyTorch: "MLP(784, [128], 16)")
    static let deepVAE = Model(
      expt: "{ type: vae, latent: 9, encoder: { type: mlp, hidden: [100, 40] } }",
      pyTorch: "MLP(784, [100, 40], 9, vae=True)")
    static let convVAE = Model(
      expt: """
        { type: vae, latent: 6, decoder: mirror,
          encoder: { type: conv, channels: [8, 12], kernel: 4, stride: 2, padding: 1,
                     hidden: [50] } }
        """,
      pyTorch: "Conv(28, [8, 12], [50], 6, vae=True)")
    static let convAE = Model(
      expt: """
        { type: ae, latent: 6, decoder: mirror,
          encoder: { type: conv, channels: [8, 12], kernel: 4, stride: 2, padding: 1, hidden: [50],
                     batch_norm: true } }
        """,
      pyTorch: "Conv(28, [8, 12], [50], 6, batch_norm=True)")
  }

  /// An optimizer as an experiment file declares it, and in PyTorch, where `p` are the parameters.
  struct Optimizer: CustomTestStringConvertible, Sendable {
    var expt: String
    var pyTorch: String
    var testDescription: String { pyTorch }

    static let all = [
      Optimizer(expt: "{ type: adam, learning_rate: 1.0e-3 }", pyTorch: "Adam(p, lr=1e-3)"),
      Optimizer(
        expt: "{ type: sgd, learning_rate: 1.0e-4, momentum: 0.9 }",
        pyTorch: "SGD(p, lr=1e-4, momentum=0.9)"),
      // With ε at 1e-8 and a rate of 1e-3 this is no test: a gradient of next to nothing makes a
      // first step of ±0.01 by its sign, and PyTorch with a batch turned around is 0.15 away.
      Optimizer(
        expt: "{ type: rmsprop, learning_rate: 1.0e-4, epsilon: 1.0e-4 }",
        pyTorch: "RMSprop(p, lr=1e-4, eps=1e-4)"),
      Optimizer(
        expt: "{ type: adamw, learning_rate: 1.0e-3, weight_decay: 0.1 }",
        pyTorch: "AdamW(p, lr=1e-3, weight_decay=0.1)"),
    ]
  }

  @Test(arguments: [Model.deepVAE, .convVAE, .convAE])
  func `reconstructs test images from a checkpoint`(_ model: Model) throws {
    let run = try Run(model.expt, images: 640, batch: 32)
    let images = try run.reconstructions(of: "test", count: 100)
    let result = try Parity.run(["reconstruct", model.pyTorch, run.weights("last"), images])
    #expect(try #require(result.largestDifference) < 1e-4)
    #expect(try #require(result.spread) > 0.01, "the images are all alike")
  }

  @Test(arguments: Optimizer.all)
  func `takes 200 steps to the same weights`(_ optimizer: Optimizer) throws {
    let run = try Run(Model.ae.expt, optimizer: optimizer.expt, images: 6400, batch: 32)
    let images = try run.reconstructions(of: "train", count: 6400)
    let result = try Parity.run([
      "train", Model.ae.pyTorch, run.weights("epoch-0000"), run.weights("last"), images, "32",
      optimizer.pyTorch,
    ])
    #expect(result.steps == 200)
    #expect(try #require(result.largestDifference) < 1e-4, "\(result.place ?? "")")
    #expect(try #require(result.largestChange) > 0.01, "hardly anything was trained")
  }

  /// 20 steps, since batch normalisation magnifies rounding: after 200, PyTorch in single precision
  /// is 0.015 away from itself in double.
  @Test func `takes 20 steps to the same weights with batch normalisation`() throws {
    let run = try Run(
      Model.convAE.expt, optimizer: "{ type: sgd, learning_rate: 1.0e-5, momentum: 0.9 }",
      images: 640, batch: 32)
    let images = try run.reconstructions(of: "train", count: 640)
    let result = try Parity.run([
      "train", Model.convAE.pyTorch, run.weights("epoch-0000"), run.weights("last"), images, "32",
      "SGD(p, lr=1e-5, momentum=0.9)",
    ])
    #expect(result.steps == 20)
    #expect(try #require(result.largestDifference) < 1e-4, "\(result.place ?? "")")
    #expect(try #require(result.largestChange) > 0.01, "hardly anything was trained")
  }

  @Test func `the program in docs/checkpoints.md loads a checkpoint`() throws {
    let run = try Run("{ type: vae, latent: 20 }", images: 640, batch: 32)
    let images = try run.reconstructions(of: "test", count: 64)
    let page = try String(
      contentsOfFile: packageFolder + "/docs/checkpoints.md", encoding: .utf8)
    let program = try #require(
      page.components(separatedBy: "```python\n").dropFirst().first?
        .components(separatedBy: "```").first)
    let said = try Python.run(program, [run.weights("last"), images])
    let words = said.split(whereSeparator: \.isWhitespace)
    let number = try #require(words.last.flatMap { Double($0) })
    #expect(said.hasPrefix("64 images"))
    #expect(number < 1e-4)
  }
}

/// A run of one epoch on drawn digits, in their order.
private struct Run {
  let folder = TemporaryFolder()

  init(_ model: String, optimizer: String = "adam", images: Int, batch: Int) throws {
    let file = try folder.write(
      """
      dataset: { type: digits, train: \(images), test: 100, validation: 0 }
      model: \(model)
      optimizer: \(optimizer)
      training: { epochs: 1, batch_size: \(batch), shuffle: false }
      outputs: { images_every: 0 }
      """, to: "experiment.yaml")
    let result = try Program.run(["run", file, "--run-dir", folder.file("run"), "--quiet"])
    try #require(result.status == 0, "\(result.messages)")
  }

  /// The path of a checkpoint.
  func weights(_ name: String) -> String { folder.file("run/checkpoints/\(name).safetensors") }

  /// The path of images and what the run's last weights make of them, as NPZ.
  func reconstructions(of split: String, count: Int) throws -> String {
    let result = try Program.run([
      "reconstruct", folder.file("run"), "--checkpoint", "last", "--split", split,
      "--count", "\(count)", "--npz",
    ])
    try #require(result.status == 0, "\(result.messages)")
    return result.lastLine
  }
}

/// What `parity.py` printed.
private struct Parity: Decodable {
  var largestDifference: Double?
  /// How far a pixel differs between images, at most.
  var spread: Double?
  var largestChange: Double?
  /// Where the largest difference is.
  var place: String?
  var steps: Int?

  static func run(_ arguments: [String]) throws -> Parity {
    let program = packageFolder + "/Tests/Python/parity.py"
    let text = try Python.run(file: program, arguments)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Parity.self, from: Data(text.utf8))
  }
}
