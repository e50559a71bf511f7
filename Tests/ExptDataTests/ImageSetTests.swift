import ExptComponents
import ExptData
import ExptTensor
import Testing

@Suite("Facts about images")
struct ImageSetTests {
  private let images = ImageSet(
    shape: [1, 1, 3], count: 4, pixels: .bytes([0, 10, 255, 0, 20, 255, 0, 128, 255, 255, 127, 0]))

  @Test func `the mean image is the mean of each pixel`() {
    #expect(images.meanImage(in: 0..<2) == [0, 15 / 255, 1])
    #expect(images.meanImage(in: 0..<4) == [0.25, 285 / 1020, 0.75])
    #expect(images.meanImage(in: 0..<4, binarization: .threshold) == [0.25, 0.25, 0.75])
    #expect(images.meanImage(in: 2..<2) == [0, 0, 0])
  }

  @Test func `many images do not overflow the sums`() {
    let count = 1000
    let bytes = [UInt8](repeating: 255, count: 2 * count)
    let white = ImageSet(shape: [1, 1, 2], count: count, pixels: .bytes(bytes))
    #expect(white.meanImage(in: 0..<count) == [1, 1])
    #expect(white.meanImage(in: 1..<count) == [1, 1])
  }

  @Test func `the mean image of floats is theirs`() {
    let floats = ImageSet(shape: [1, 1, 2], count: 2, pixels: .floats([-1, 0.5, 2, 0.75]))
    #expect(floats.meanImage(in: 0..<2) == [0.5, 0.625])
    #expect(floats.greyShare(in: 0..<2) == 1)
  }

  @Test func `black and white pixels are not grey`() {
    #expect(images.greyShare(in: 0..<4) == 4.0 / 12)
    #expect(images.greyShare(in: 1..<2) == 1.0 / 3)
    #expect(images.greyShare(in: 0..<0) == 0)
  }

  @Test func `grey pixels are counted one by one and by the hundred alike`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let set = ImageSet(shape: [1, 1, 1000], count: 1, pixels: .bytes(bytes))
    let expected = bytes.count { $0 != 0 && $0 != 255 }
    #expect(set.greyShare(in: 0..<1) == Double(expected) / 1000)
  }

  @Test func `a fingerprint tells images, labels and shapes apart`() {
    var other = images
    #expect(other.fingerprint == images.fingerprint)
    #expect(images.fingerprint.hasPrefix("4×1×1×3-"))
    other.labels = [0, 1, 2, 3]
    let labelled = other.fingerprint
    other.labels = [0, 1, 2, 4]
    var changed = images
    changed.pixels = .bytes([0, 10, 255, 0, 20, 255, 0, 128, 255, 255, 127, 1])
    var turned = images
    turned.shape = [1, 3, 1]
    let all = [images, other, changed, turned].map(\.fingerprint) + [labelled]
    #expect(Set(all).count == 5)
  }
}
