import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("gzip")
struct GzipTests {
  @Test(arguments: [0, 1, 100, 65_536, 1_000_000])
  func `what was deflated inflates to itself`(count: Int) throws {
    var generator = SeededGenerator(UInt64(count))
    var bytes = generator.bytes(min(count, 5000))
    while bytes.count < count { bytes += bytes.prefix(count - bytes.count) }
    #expect(try Gzip.inflate(Gzip.deflate(bytes), path: "a") == bytes)
  }

  @Test(arguments: 0...9)
  func `every level is read, stored and fixed blocks too`(_ level: Int) throws {
    var generator = SeededGenerator(8)
    let noise = generator.bytes(40_000)
    let near = (0..<70_000).map { noise[$0 % 37] }
    let far = noise + noise.prefix(9_000) + noise.prefix(300)
    for bytes in [noise, near, far, Array("a short text, a short text".utf8)] {
      let packed = Zlib.deflate(bytes, .gzip, level: Int32(level))
      #expect(try Gzip.inflate(packed, path: "a") == bytes)
    }
  }

  @Test func `the name that a packed file carries is passed over`() throws {
    var packed = Gzip.deflate([5, 6, 7])
    packed[3] = 8
    packed.insert(contentsOf: Array("digits".utf8) + [0], at: 10)
    #expect(try Gzip.inflate(packed, path: "a") == [5, 6, 7])
  }

  @Test func `several members and zero padding read as one file`() throws {
    let bytes =
      Gzip.deflate([1, 2]) + Gzip.deflate([]) + Gzip.deflate([3]) + [UInt8](repeating: 0, count: 9)
    #expect(try Gzip.inflate(bytes, path: "a") == [1, 2, 3])
  }

  @Test func `anything else after the end is refused`() {
    let problem = #expect(throws: FileProblem.self) {
      try Gzip.inflate(Gzip.deflate([1, 2]) + [5], path: "a.gz")
    }
    #expect(
      problem?.description
        == "a.gz: unexpected bytes follow the compressed data. (at byte 22)")
  }

  @Test func `a wrong checksum is refused`() {
    var bytes = Gzip.deflate([1, 2, 3])
    bytes[bytes.count - 8] ^= 1
    #expect(throws: FileProblem.self) { try Gzip.inflate(bytes, path: "a") }
  }

  @Test func `a file that grows beyond the limit is refused before it is unpacked whole`() {
    let bomb = Gzip.deflate([UInt8](repeating: 0, count: 20 << 20))
    #expect(bomb.count < 30_000)
    let problem = #expect(throws: FileProblem.self) {
      try Gzip.inflate(bomb, path: "a", limit: 1 << 20)
    }
    #expect(problem?.code == .tooLarge)
  }

  @Test func `cut short anywhere it is refused`() throws {
    try expectTruncationRefused(Gzip.deflate(Array("hello, hello".utf8))) {
      try Gzip.inflate($0, path: "a")
    }
  }

  @Test func `damaged anywhere it is read or refused`() throws {
    var generator = SeededGenerator(4)
    let bytes = Gzip.deflate(generator.bytes(200) + [UInt8](repeating: 5, count: 300))
    let refused = try survivesMutations(bytes) { try Gzip.inflate($0, path: "a", limit: 1 << 20) }
    #expect(refused > 2500)
  }

  @Test(.needs(.python))
  func `Python reads what is written, and its files are read`() throws {
    let folder = TemporaryFolder()
    try AtomicFile.write(Gzip.deflate(Array("hello".utf8)), to: folder.file("a.gz"))
    let program = """
      import gzip, sys
      print(gzip.open(sys.argv[1]).read().decode())
      gzip.open(sys.argv[2], 'wb').write(bytes(range(256)) * 1000)
      """
    let printed = try Python.run(program, [folder.file("a.gz"), folder.file("b.gz")])
    #expect(printed == "hello\n")
    let content = try Gzip.inflate(FileBytes.read(folder.file("b.gz")), path: "b.gz")
    #expect(content == Array([[UInt8]](repeating: Array(0...255), count: 1000).joined()))
  }
}
