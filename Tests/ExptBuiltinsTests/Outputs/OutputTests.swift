import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

/// Decodes a latent to an image of its first two numbers, side by side.
private struct TwoPixels: ModelAccess {
  let image: Shape = [1, 1, 2]
  let space = LatentSpace.vector(3)
  var isGenerative = true

  func encode(_ images: ImageSet) -> Encodings {
    let mean: [Float] = (0..<images.count).flatMap { [Float($0), 0.5, -1] as [Float] }
    guard isGenerative else { return Encodings(count: images.count, space: space, mean: mean) }
    return Encodings(
      count: images.count, space: space, mean: mean,
      parameters: [("log_variance", mean.map { $0 / 10 })], kl: mean.map { $0 * $0 })
  }

  func decode(_ latents: [Float], given annotations: Annotations?) -> [Float] {
    stride(from: 0, to: latents.count, by: 3).flatMap { [latents[$0], latents[$0 + 1]] }
  }

  func drawPrior(_ count: Int, seed: UInt64, given annotations: Annotations?) -> [Float] { [] }
}

@Suite("Outputs")
struct OutputTests {
  /// Runs `body` with the run folder after `epochs` epochs of an output.
  private func withOutput(
    _ settings: String, epochs: Int = 3, isGenerative: Bool = true,
    _ body: (String) throws -> Void
  ) throws {
    let output = try builtins.make(.output, settings)
    let temporary = TemporaryFolder()
    let folder = temporary.file("run")
    let examples = ImageSet(
      shape: [1, 1, 2], count: 3, pixels: .floats([0, 0, 0, 0, 0, 0]), labels: [4, 5, 6],
      factors: [("scale", [0.1, 0.2, 0.3])])
    for epoch in 1...epochs {
      try output.epochEnded(
        OutputOccasion(
          epoch: epoch, epochs: epochs, folder: folder,
          model: TwoPixels(isGenerative: isGenerative),
          examples: examples, seed: 1))
    }
    try body(folder)
  }

  @Test func `latents are NumPy arrays with labels and factors`() throws {
    try withOutput("{type: latents, every: 2, limit: 2}") { folder in
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder + "/latents").sorted()
          == ["latents-epoch-0002.npz", "latents-epoch-0003.npz"])
      let arrays = try NPZ.read(folder + "/latents/latents-epoch-0003.npz")
      #expect(arrays.map(\.name) == ["mean", "log_variance", "labels", "factor_scale", "index"])
      #expect(arrays.map(\.array.shape) == [[2, 3], [2, 3], [2], [2], [2]])
      #expect(arrays[0].array.floats == [0, 0.5, -1, 1, 0.5, -1])
      #expect(arrays[2].array.integers == [4, 5])
      #expect(arrays[3].array.floats == [0.1, 0.2])
      #expect(arrays[4].array.integers == [0, 1])
    }
  }

  /// Held-out means are (0, ½, −1), (1, ½, −1), (2, ½, −1), so the centre is (1, ½, −1).
  @Test func `a traversal moves one dimension a row`() throws {
    try withOutput("{type: traversals, steps: 3, range: 0.25}", epochs: 1) { folder in
      let picture = try Image8.read(folder + "/images/traversals-epoch-0001.pgm")
      #expect(picture.width == 3 * 2 + 2)
      #expect(picture.height == 3 + 2)
      let gap: UInt8 = 96
      #expect(Array(picture.samples[0..<8]) == [191, 128, gap, 255, 128, gap, 255, 128])
      #expect(Array(picture.samples[16..<24]) == [255, 64, gap, 255, 128, gap, 255, 191])
      #expect(Array(picture.samples[32..<40]) == [255, 128, gap, 255, 128, gap, 255, 128])
    }
  }

  /// The deviation of the first code is √(2/3), of the others 0.
  @Test func `an autoencoder's codes move as far as codes do`() throws {
    try withOutput(
      "{type: traversals, steps: 2, range: 1, dimensions: 2}", epochs: 1, isGenerative: false
    ) { folder in
      let picture = try Image8.read(folder + "/images/traversals-epoch-0001.pgm")
      #expect(picture.height == 2 + 1)
      let low = UInt8(((1 - (2.0 / 3).squareRoot()) * 255).rounded())
      #expect(Array(picture.samples[0..<5]) == [low, 128, 96, 255, 128])
      #expect(Array(picture.samples[10..<15]) == [255, 128, 96, 255, 128])
    }
  }
}
