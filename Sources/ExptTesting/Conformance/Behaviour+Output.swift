import ExptComponents
import ExptTensor
import Foundation

extension Behaviour {
  mutating func examine(_ output: any Output) {
    let first = files(output)
    for (name, bytes) in first {
      record(name)
      record(bytes.map(Float.init))
    }
    if isBrief { return }
    expect(!first.isEmpty, "it writes nothing in four epochs")
    let again = files(output)
    expect(
      again.map(\.name) == first.map(\.name) && again.map(\.bytes) == first.map(\.bytes),
      "its files differ when they are written again")
  }

  /// What it writes in four epochs, by name.
  private mutating func files(_ output: any Output) -> [(name: String, bytes: [UInt8])] {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("expt-output-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for epoch in 1...4 {
        try output.epochEnded(
          OutputOccasion(
            epoch: epoch, epochs: 4, folder: folder.path, model: TinyModel(),
            examples: TinyModel.examples, seed: 3))
      }
      let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
      return names.compactMap { name in
        FileManager.default.contents(atPath: folder.appendingPathComponent(name).path)
          .map { (name, Array($0)) }
      }
    } catch {
      expect(false, "it fails: \(error)")
      return []
    }
  }
}

/// Latents are the first three pixels; images are made of them by a plain formula.
private struct TinyModel: ModelAccess {
  static let examples = ImageSet(
    shape: [1, 6, 5], count: 40,
    pixels: .floats(TestNumbers.uniform(40 * 30, in: 0...1, seed: 8)),
    labels: (0..<40).map { Int32($0 % 10) })

  let image: Shape = [1, 6, 5]
  let space = LatentSpace.vector(3)
  let isGenerative = true

  func encode(_ images: ImageSet) -> Encodings {
    guard case .floats(let pixels) = images.pixels else { return Self.nothing }
    let mean = (0..<images.count).flatMap { pixels[$0 * image.count..<$0 * image.count + 3] }
    return Encodings(
      count: images.count, space: space, mean: mean,
      parameters: [("log_variance", mean.map { -$0 })], kl: mean.map { $0 * $0 },
      annotations: images.annotations)
  }

  private static let nothing = Encodings(count: 0, space: .vector(3), mean: [])

  func decode(_ latents: [Float], given annotations: Annotations?) -> [Float] {
    (0..<latents.count / space.width).flatMap { row in
      (0..<image.count).map { pixel in
        let value = latents[row * space.width + pixel % space.width] * Float(pixel % 4)
        return min(1, max(0, 0.5 + value / 10))
      }
    }
  }

  func drawPrior(_ count: Int, seed: UInt64, given annotations: Annotations?) -> [Float] {
    TestNumbers.normal(count * space.width, seed: seed)
  }
}
