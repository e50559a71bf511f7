/// An IDX file of bytes, the format of MNIST: a big-endian header, then the values, row-major.
///
///     let images = try IDX.read("train-images-idx3-ubyte.gz")  // shape [60000, 28, 28]
///
/// Source: http://yann.lecun.com/exdb/mnist/, "The IDX file format". Only unsigned bytes (0x08).
public struct IDX: Sendable, Hashable {
  /// Sizes from the slowest dimension to the fastest.
  public var shape: [Int]
  /// `shape`'s product of values.
  public var values: [UInt8]

  public init(shape: [Int], values: [UInt8]) {
    precondition(
      checkedProduct(shape) == values.count, "shape \(shape) does not hold \(values.count) values")
    precondition(
      (1...8).contains(shape.count) && shape.allSatisfy { $0 <= UInt32.max },
      "IDX cannot hold shape \(shape)")
    self.shape = shape
    self.values = values
  }

  /// Reads a file, gzipped or not (its first bytes tell, not its name).
  ///
  /// - Parameter limit: the largest number of values accepted; the default is 4 Gi.
  /// - Throws: `truncated`, `malformed`, `unsupported`, `tooLarge` and what reading files throws.
  public static func read(_ path: String, limit: Int = 4 << 30) throws(FileProblem) -> IDX {
    try parse(FileBytes.read(path, limit: limit), path: path, limit: limit)
  }

  public static func parse(
    _ bytes: consuming [UInt8], path: String, limit: Int = 4 << 30
  ) throws(FileProblem) -> IDX {
    if Gzip.isGzip(bytes) { return try parseGzip(bytes, path: path, limit: limit) }
    return try parsePlain(bytes, path: path, limit: limit)
  }

  /// The file's bytes, not compressed.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = [0, 0, 8, UInt8(shape.count)]
    for size in shape { withUnsafeBytes(of: UInt32(size).bigEndian) { bytes += $0 } }
    return bytes + values
  }

  private static func parsePlain(
    _ bytes: consuming [UInt8], path: String, limit: Int
  ) throws(FileProblem) -> IDX {
    // 4 bytes, and 4 for each of at most 255 sizes.
    let start = Array(bytes[..<min(1024, bytes.count)])
    var reader = ByteReader(start, path: path, part: "the IDX header")
    let shape = try readShape(dimensions: readMagic(&reader), &reader)
    let count = try checkedCount(shape, path: path, limit: limit)
    try checkSize(promised: count, found: bytes.count - reader.position, shape, path)
    bytes.removeFirst(reader.position)  // in place: nobody else holds the array
    return IDX(shape: shape, values: bytes)
  }

  private static func parseGzip(
    _ bytes: [UInt8], path: String, limit: Int
  ) throws(FileProblem) -> IDX {
    let unpacked = GzipReader(bytes, path: path)
    var start = ByteReader(try unpacked.read(upTo: 4), path: path, part: "the IDX header")
    let dimensions = try readMagic(&start)
    let sizes = try unpacked.read(upTo: 4 * dimensions)
    var reader = ByteReader(sizes, path: path, part: "the IDX header")
    let shape = try readShape(dimensions: dimensions, &reader)
    let count = try checkedCount(shape, path: path, limit: limit)
    if count > unpacked.mostRemaining {
      throw FileProblem(
        .truncated,
        "its header promises \(describe(shape)), more than \(bytes.count) compressed bytes can hold; "
          + "get the file again.", path: path)
    }
    // At once where that succeeds; piece by piece where something is wrong, to say what.
    let header = 4 + sizes.count
    if var values = WholeGzip.inflate(bytes, count: header + count) {
      values.removeFirst(header)
      return IDX(shape: shape, values: values)
    }
    let values = try unpacked.read(upTo: count)
    let extra = try unpacked.isAtEnd() ? 0 : 1
    try checkSize(promised: count, found: values.count + extra, shape, path)
    return IDX(shape: shape, values: values)
  }

  /// The number of dimensions.
  static func readMagic(_ reader: inout ByteReader) throws(FileProblem) -> Int {
    let magic = try reader.integer(UInt32.self, .big)
    guard magic >> 16 == 0 else {
      throw FileProblem(
        .malformed, "this is no IDX file: it must start with two zero bytes.", path: reader.path,
        offset: 0)
    }
    let type = (magic >> 8) & 0xff
    guard type == 8 else {
      throw FileProblem(
        .unsupported,
        "holds IDX values of type 0x\(String(type, radix: 16)); "
          + "only unsigned bytes (0x8) are read.", path: reader.path, offset: 2)
    }
    let dimensions = Int(magic & 0xff)
    guard (1...8).contains(dimensions) else {
      throw FileProblem(
        .malformed, "its header claims \(dimensions) dimensions; 1 to 8 are read.",
        path: reader.path, offset: 3)
    }
    return dimensions
  }

  static func readShape(
    dimensions: Int, _ reader: inout ByteReader
  ) throws(FileProblem) -> [Int] {
    var shape: [Int] = []
    for _ in 0..<dimensions { shape.append(Int(try reader.integer(UInt32.self, .big))) }
    return shape
  }

  private static func checkedCount(
    _ shape: [Int], path: String, limit: Int
  ) throws(FileProblem) -> Int {
    guard let count = checkedProduct(shape), count <= limit else {
      throw FileProblem(
        .tooLarge,
        "its header promises \(describe(shape)), and at most \(limit) are accepted here.",
        path: path)
    }
    return count
  }

  private static func checkSize(
    promised: Int, found: Int, _ shape: [Int], _ path: String
  ) throws(FileProblem) {
    if found < promised {
      throw FileProblem(
        .truncated,
        "its header promises \(describe(shape)), and only \(found) bytes follow; get the file again.",
        path: path)
    }
    if found > promised {
      throw FileProblem(
        .malformed, "its header promises \(describe(shape)), and more bytes follow.", path: path)
    }
  }

  private static func describe(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: " × ") + " values"
  }
}
