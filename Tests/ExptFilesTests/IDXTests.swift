import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("IDX files")
struct IDXTests {
  static let small = IDX(shape: [2, 2, 3], values: Array(1...12))

  @Test func `read back as they were written, gzipped or not`() throws {
    #expect(try IDX.parse(Self.small.bytes, path: "a") == Self.small)
    #expect(try IDX.parse(Gzip.deflate(Self.small.bytes), path: "a") == Self.small)
  }

  @Test func `follow the published header`() throws {
    let bytes: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9]
    let file = try IDX.parse(bytes, path: "a")
    #expect(file.shape == [1, 2])
    #expect(file.values == [7, 9])
    #expect(file.bytes == bytes)
  }

  @Test(arguments: [false, true])
  func `of every type are read, most significant byte first`(gzipped: Bool) throws {
    let cases: [(code: UInt8, values: [UInt8], expected: [Double])] = [
      (0x09, [255, 2], [-1, 2]),
      (0x0b, [0x01, 0x02, 0xff, 0xfe], [258, -2]),
      (0x0c, [0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff], [65_536, -1]),
      (0x0d, [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], [1.5, -2]),
      (0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], [1.5, -2]),
    ]
    for (code, values, expected) in cases {
      let bytes = [0, 0, code, 1, 0, 0, 0, 2] + values
      let file = try IDX.parse(gzipped ? Gzip.deflate(bytes) : bytes, path: "a")
      #expect(file.array.doubles == expected)
      #expect(file.bytes == bytes)
      #expect(throws: FileProblem.self) { try IDX.parse(Array(bytes.dropLast()), path: "a") }
    }
  }

  @Test func `of no images of an impossible size are refused before a shape is made of them`()
    throws
  {
    let folder = TemporaryFolder()
    let huge: [UInt8] = [255, 255, 255, 255]
    let path = folder.file("x")
    for count: [UInt8] in [[0, 0, 0, 0], [0, 0, 0, 1], huge] {
      try AtomicFile.write([0, 0, 8, 3] + count + huge + huge, to: path)
      #expect(throws: FileProblem.self) { try IDX.readShape(path) }
      #expect(throws: FileProblem.self) { try IDX.read(path) }
    }
  }

  @Test(arguments: [false, true])
  func `with a lying header are refused`(gzipped: Bool) throws {
    func message(_ header: [UInt8], _ values: [UInt8]) -> String? {
      let bytes = header + values
      do {
        _ = try IDX.parse(gzipped ? Gzip.deflate(bytes) : bytes, path: "a", limit: 1 << 40)
        return nil
      } catch { return error.message }
    }
    let lie = "its header declares 3 values, "
    #expect(
      message([0, 0, 8, 1, 0, 0, 0, 3], [1, 2])
        == lie + "and only 2 bytes follow; get the file again.")
    #expect(message([0, 0, 8, 1, 0, 0, 0, 3], [1, 2, 3, 4]) == lie + "and more bytes follow.")
    #expect(
      message([0, 0, 8, 1, 255, 255, 255, 255], [1])?.hasPrefix("its header declares 4294967295")
        == true)
    let huge = [UInt8](repeating: 255, count: 32)
    #expect(message([0, 0, 8, 8] + huge, [])?.contains("at most 1099511627776") == true)
    #expect(message([0, 0, 10, 1, 0, 0, 0, 0], [])?.contains("type 0xa") == true)
    #expect(message([1, 0, 8, 1, 0, 0, 0, 0], [])?.contains("not an IDX file") == true)
    #expect(message([0, 0, 8, 0], [])?.contains("0 dimensions") == true)
    #expect(message([0, 0, 8, 200], [])?.contains("200 dimensions") == true)
  }

  @Test func `cut short anywhere are refused`() throws {
    try expectTruncationRefused(Self.small.bytes) { try IDX.parse($0, path: "a") }
    try expectTruncationRefused(Gzip.deflate(Self.small.bytes)) { try IDX.parse($0, path: "a") }
  }

  @Test func `damaged anywhere are read or refused`() throws {
    try survivesMutations(Self.small.bytes) { try IDX.parse($0, path: "a") }
    try survivesMutations(Gzip.deflate(Self.small.bytes)) { try IDX.parse($0, path: "a") }
  }

  @Test(.needs(.realMNIST))
  func `of MNIST hold the known images and labels`() throws {
    let folder = try #require(RealMNIST.folder) + "/mnist"
    let images = try IDX.read(folder + "/train-images-idx3-ubyte.gz")
    let labels = try IDX.read(folder + "/train-labels-idx1-ubyte.gz")
    #expect(images.shape == [60_000, 28, 28])
    #expect(labels.values.prefix(8) == [5, 0, 4, 1, 9, 2, 1, 3])
    // The sum of all pixels of the first image, known from NumPy.
    #expect(images.values.prefix(784).reduce(0) { $0 + Int($1) } == 27_525)
  }
}
