import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("gzip at once")
struct WholeGzipTests {
  /// Bytes of several kinds: none, noise, few values, runs, repetitions near and far.
  private static func samples() -> [[UInt8]] {
    var generator = SeededGenerator(8)
    let noise = generator.bytes(40_000)
    let near = (0..<70_000).map { noise[$0 % 37] }
    let far = noise + noise.prefix(9_000) + noise.prefix(300)
    return [[], [7], noise, noise.map { $0 & 3 }, [UInt8](repeating: 9, count: 100_000), near, far]
  }

  @Test(arguments: samples())
  func `gives what piece by piece gives, and only for the right size`(_ bytes: [UInt8]) {
    let packed = Gzip.deflate(bytes)
    #expect(WholeGzip.inflate(packed, count: bytes.count) == bytes)
    #expect(WholeGzip.inflate(packed, count: bytes.count + 1) == nil)
    if bytes.count > 0 { #expect(WholeGzip.inflate(packed, count: bytes.count - 1) == nil) }
  }

  @Test(arguments: 0...9)
  func `reads every level, stored and fixed blocks too`(_ level: Int) {
    for bytes in Self.samples() + [Array("a short text, a short text".utf8)] {
      let packed = Zlib.deflate(bytes, .gzip, level: Int32(level))
      #expect(WholeGzip.inflate(packed, count: bytes.count) == bytes)
    }
  }

  @Test func `leaves everything unusual to the reader that can name it`() {
    let bytes: [UInt8] = [1, 2, 3, 4]
    let packed = Gzip.deflate(bytes)
    #expect(WholeGzip.inflate(packed + Gzip.deflate([]), count: 4) == nil)
    #expect(WholeGzip.inflate(packed + [0], count: 4) == nil)
    for length in packed.indices {
      #expect(WholeGzip.inflate(Array(packed[..<length]), count: 4) == nil)
    }
  }

  @Test func `reads the name that a packed file carries`() {
    let bytes: [UInt8] = [5, 6, 7]
    var packed = Gzip.deflate(bytes)
    packed[3] = 8
    packed.insert(contentsOf: Array("digits".utf8) + [0], at: 10)
    #expect(WholeGzip.inflate(packed, count: 3) == bytes)
  }

  @Test func `damaged anywhere it agrees with the reader`() {
    var generator = SeededGenerator(5)
    for bytes in Self.samples().map({ Array($0.prefix(3_000)) }) {
      let packed = Gzip.deflate(bytes)
      for _ in 0..<400 {
        var damaged = packed
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
          let place = Int.random(in: damaged.indices, using: &generator)
          damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        }
        guard let whole = WholeGzip.inflate(damaged, count: bytes.count) else { continue }
        #expect((try? Gzip.inflate(damaged, path: "a", limit: 1 << 20)) == whole)
      }
    }
  }
}
