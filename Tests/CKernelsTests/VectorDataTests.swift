import CKernels
import Testing

@Suite("Batches")
struct VectorDataTests {
  private let sizes = [1, 17, 64, 100, 784]
  private let index = [3, 0, 3, 1, 2]

  /// Four images in which every byte value occurs.
  private func images(_ size: Int) -> [UInt8] {
    (0..<4 * size).map { UInt8(truncatingIfNeeded: $0 &* 91) }
  }

  @Test func `bytes are divided exactly as division rounds`() {
    let bytes = (0...255).map { UInt8($0) }
    for divisor: Float in [255, 256, 1, 127.5] {
      let seen = everywhere { pool in
        filled(256) { ck_gather_bytes(pool, 1, 256, bytes, [0], divisor, $0) }
      }
      #expect(seen == bytes.map { Float($0) / divisor })
    }
  }

  @Test func `rows are picked by index`() {
    for size in sizes {
      let bytes = images(size), floats = numbers(4 * size), n = index.count
      let places = (0..<n * size).map { index[$0 / size] * size + $0 % size }
      let grey = everywhere { pool in
        filled(n * size) { ck_gather_bytes(pool, n, size, bytes, index, 255, $0) }
      }
      #expect(grey == places.map { Float(bytes[$0]) / 255 })
      let two = everywhere { pool in
        filled(n * size) { ck_gather_bytes_threshold(pool, n, size, bytes, index, 255, 0.5, $0) }
      }
      #expect(two == places.map { bytes[$0] > 127 ? 1 : 0 })
      let copied = everywhere { pool in
        filled(n * size) { ck_gather(pool, n, size, floats, index, $0) }
      }
      #expect(copied == places.map { floats[$0] })
      let signs = everywhere { pool in
        filled(n * size) { ck_gather_threshold(pool, n, size, floats, index, 0.1, $0) }
      }
      #expect(signs == places.map { floats[$0] > 0.1 ? 1 : 0 })
    }
  }

  @Test func `a stochastic pixel is drawn by its image and place alone`() {
    for size in sizes {
      let bytes = images(size), n = index.count
      let floats = bytes.map { Float($0) / 255 }
      let seen = everywhere { pool in
        filled(n * size) {
          ck_gather_bytes_stochastic(pool, n, size, bytes, index, 255, 1, 2, 5 << 32, $0)
        }
      }
      let expected = index.flatMap { image in
        let draws = filled(size) {
          ck_random_uniform(nil, 1, 2, 5 << 32 + UInt64(image), size, $0)
        }
        return draws.enumerated().map { $1 < floats[image * size + $0] ? Float(1) : 0 }
      }
      #expect(seen == expected)
      let fromFloats = everywhere { pool in
        filled(n * size) { ck_gather_stochastic(pool, n, size, floats, index, 1, 2, 5 << 32, $0) }
      }
      #expect(fromFloats == seen)
    }
  }
}
