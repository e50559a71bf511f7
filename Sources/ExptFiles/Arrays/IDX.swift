/// An IDX file, the format of MNIST: a big-endian header, then the values, row-major.
///
///     let images = try IDX.read("train-images-idx3-ubyte.gz")  // shape [60000, 28, 28]
///
/// Source: http://yann.lecun.com/exdb/mnist/, "The IDX file format". All six types of values.
public struct IDX: Sendable, Hashable {
  /// Sizes from the slowest dimension to the fastest.
  public var shape: [Int]
  /// `u8`, `i8`, `i16`, `i32`, `f32` or `f64`.
  public var type: NPYArray.ElementType
  /// `shape`'s product of values; those of several bytes are little-endian here.
  public var values: [UInt8]

  public init(shape: [Int], type: NPYArray.ElementType = .u8, values: [UInt8]) {
    precondition(
      checkedProduct(shape + [type.size]) == values.count,
      "shape \(shape) of \(type) does not take \(values.count) bytes")
    precondition(Self.codes[type] != nil, "IDX cannot hold \(type)")
    precondition(
      (1...8).contains(shape.count) && shape.allSatisfy { $0 <= UInt32.max },
      "IDX cannot hold shape \(shape)")
    self.shape = shape
    self.type = type
    self.values = values
  }

  /// The same values as an array.
  public var array: NPYArray { NPYArray(type: type, shape: shape, bytes: values) }

  private static let codes: [NPYArray.ElementType: UInt8] = [
    .u8: 0x08, .i8: 0x09, .i16: 0x0b, .i32: 0x0c, .f32: 0x0d, .f64: 0x0e,
  ]

  /// Reads a file, gzipped or not (its first bytes tell, not its name).
  ///
  /// - Parameter limit: the largest size of the values accepted, in bytes; the default is 4 GiB.
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
    var bytes: [UInt8] = [0, 0, Self.codes[type] ?? 0, UInt8(shape.count)]
    for size in shape { withUnsafeBytes(of: UInt32(size).bigEndian) { bytes += $0 } }
    var values = values
    ByteOrder.reverse(&values, every: type.size)
    return bytes + values
  }

  private static func parsePlain(
    _ bytes: consuming [UInt8], path: String, limit: Int
  ) throws(FileProblem) -> IDX {
    // 4 bytes, and 4 for each of at most 255 sizes.
    let start = Array(bytes[..<min(1024, bytes.count)])
    var reader = ByteReader(start, path: path, part: "the IDX header")
    let header = try readHeader(&reader)
    let count = try checkedCount(header, path: path, limit: limit)
    try checkSize(promised: count, found: bytes.count - reader.position, header.shape, path)
    bytes.removeFirst(reader.position)  // in place: nobody else holds the array
    return IDX(header, bytes)
  }

  private static func parseGzip(
    _ bytes: [UInt8], path: String, limit: Int
  ) throws(FileProblem) -> IDX {
    let unpacked = GzipReader(bytes, path: path)
    var start = ByteReader(try unpacked.read(upTo: 4), path: path, part: "the IDX header")
    let (type, dimensions) = try readMagic(&start)
    let sizes = try unpacked.read(upTo: 4 * dimensions)
    var reader = ByteReader(sizes, path: path, part: "the IDX header")
    let header = Header(type: type, shape: try readShape(dimensions: dimensions, &reader))
    let count = try checkedCount(header, path: path, limit: limit)
    if count > unpacked.mostRemaining {
      throw FileProblem(
        .truncated,
        "its header declares \(describe(header.shape)), more than \(bytes.count) compressed bytes can hold; "
          + "get the file again.", path: path)
    }
    let values = try unpacked.read(upTo: count)
    let extra = try unpacked.isAtEnd() ? 0 : 1
    try checkSize(promised: count, found: values.count + extra, header.shape, path)
    return IDX(header, values)
  }

  /// What a file says before its values.
  struct Header {
    var type: NPYArray.ElementType
    var shape: [Int]
  }

  /// Values as they lie in the file.
  private init(_ header: Header, _ values: consuming [UInt8]) {
    ByteOrder.reverse(&values, every: header.type.size)
    self.init(shape: header.shape, type: header.type, values: values)
  }

  static func readHeader(_ reader: inout ByteReader) throws(FileProblem) -> Header {
    let (type, dimensions) = try readMagic(&reader)
    return Header(type: type, shape: try readShape(dimensions: dimensions, &reader))
  }

  /// The type of the values and the number of dimensions.
  private static func readMagic(
    _ reader: inout ByteReader
  ) throws(FileProblem) -> (type: NPYArray.ElementType, dimensions: Int) {
    let magic = try reader.integer(UInt32.self, .big)
    guard magic >> 16 == 0 else {
      throw FileProblem(
        .malformed, "this is not an IDX file: it must start with two zero bytes.",
        path: reader.path,
        offset: 0)
    }
    let code = UInt8(truncatingIfNeeded: magic >> 8)
    guard let type = codes.first(where: { $0.value == code })?.key else {
      throw FileProblem(
        .unsupported,
        "holds IDX values of type 0x\(String(code, radix: 16)), which does not exist: valid types "
          + "are 0x8, 0x9 and 0xb to 0xe.", path: reader.path, offset: 2)
    }
    let dimensions = Int(magic & 0xff)
    guard (1...8).contains(dimensions) else {
      throw FileProblem(
        .malformed, "its header declares \(dimensions) dimensions; 1 to 8 are supported.",
        path: reader.path, offset: 3)
    }
    return (type, dimensions)
  }

  private static func readShape(
    dimensions: Int, _ reader: inout ByteReader
  ) throws(FileProblem) -> [Int] {
    var shape: [Int] = []
    for _ in 0..<dimensions { shape.append(Int(try reader.integer(UInt32.self, .big))) }
    return shape
  }

  /// The bytes that the values take. One value after another of each dimension must be countable,
  /// also if there are none: the shape of an image is made from them.
  static func checkedCount(
    _ header: Header, path: String, limit: Int
  ) throws(FileProblem) -> Int {
    let sizes = header.shape + [header.type.size]
    guard let count = checkedProduct(sizes), count <= limit,
      let most = checkedProduct(sizes.map { max($0, 1) }), most <= limit
    else {
      throw FileProblem(
        .tooLarge,
        "its header declares \(describe(header.shape)), and at most \(limit) bytes of them are accepted here.",
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
        "its header declares \(describe(shape)), and only \(found) bytes follow; get the file again.",
        path: path)
    }
    if found > promised {
      throw FileProblem(
        .malformed, "its header declares \(describe(shape)), and more bytes follow.", path: path)
    }
  }

  private static func describe(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: " × ") + " values"
  }
}

extension IDX {
  /// The sizes that a file's header states, gzipped or not, without unpacking its values. Whether
  /// the values are there is not looked at.
  public static func readShape(_ path: String, limit: Int = 4 << 30) throws(FileProblem) -> [Int] {
    let bytes = try FileBytes.readFirst(path, count: 1 << 16)
    let start =
      Gzip.isGzip(bytes)
      ? try GzipReader(bytes, path: path).read(upTo: 4 + 4 * 255) : Array(bytes.prefix(4 + 4 * 255))
    var reader = ByteReader(start, path: path, part: "the IDX header")
    let header = try readHeader(&reader)
    _ = try checkedCount(header, path: path, limit: limit)
    return header.shape
  }
}
