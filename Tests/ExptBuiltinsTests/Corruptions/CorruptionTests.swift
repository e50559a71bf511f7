import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Testing

@Suite("Corruptions")
struct CorruptionTests {
  private static let shape: Shape = [64, 1, 28, 28]

  private func corrupted(_ corruption: any Corruption, value: Float, seed: UInt64 = 1) -> [Float] {
    let images = [Float](repeating: value, count: Self.shape.count)
    return GraphRun([(Self.shape, images)], seed: seed) { graph, x in
      corruption.corrupt(x[0], in: Scope(graph, path: "corruption", data: .black([1, 28, 28])))
    }.output
  }

  @Test(arguments: [Float(0), 0.1, 0.3, 0.5, 0.75, 1])
  func `masking sets its share of the pixels to 0 and leaves the others`(_ rate: Float) {
    let pixels = corrupted(MaskingCorruption(rate: rate), value: 0.7)
    #expect(pixels.allSatisfy { $0 == 0 || $0 == 0.7 })
    let share = Double(pixels.count { $0 == 0 }) / Double(pixels.count)
    #expect(abs(share - Double(rate)) < 0.01, "\(share) of the pixels are 0")
  }

  @Test func `gaussian noise has its deviation and mean 0, and is not cut`() {
    let pixels = corrupted(GaussianCorruption(deviation: 0.4), value: 0.5).map(Double.init)
    let count = Double(pixels.count)
    let mean = pixels.reduce(0, +) / count
    let variance = pixels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    #expect(abs(mean - 0.5) < 0.01)
    #expect(abs(variance.squareRoot() - 0.4) < 0.01)
    #expect(pixels.contains { $0 > 1 } && pixels.contains { $0 < 0 })
  }

  @Test func `a seed decides the noise`() {
    for corruption in [MaskingCorruption() as any Corruption, GaussianCorruption()] {
      let first = corrupted(corruption, value: 1, seed: 7)
      #expect(first == corrupted(corruption, value: 1, seed: 7))
      #expect(first != corrupted(corruption, value: 1, seed: 8))
    }
  }
}
