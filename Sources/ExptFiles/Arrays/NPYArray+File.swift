extension NPYArray {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  public static func isNPY(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// - Parameter limit: the largest file accepted, in bytes; the default is 4 GiB.
  public static func read(_ path: String, limit: Int = 4 << 30) throws(FileProblem) -> NPYArray {
    try parse(FileBytes.read(path, limit: limit), path: path)
  }

  public func write(to path: String) throws(FileProblem) {
    try AtomicFile.write(fileBytes, to: path)
  }

  /// The bytes of a `.npy` file, version 1.0 as NumPy writes it.
  public var fileBytes: [UInt8] { Self.header(type, shape) + bytes }

  /// What stands in such a file before the elements: a multiple of 64 bytes, so that they may be mapped.
  public static func header(_ type: ElementType, _ shape: [Int]) -> [UInt8] {
    let order = type.size == 1 ? "|" : "<"
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = Array(
      "{'descr': '\(order)\(type.rawValue)', 'fortran_order': False, 'shape': (\(sizes)), }".utf8)
    while (10 + header.count + 1) % 64 != 0 { header.append(0x20) }
    header.append(0x0a)
    return Self.magic + [1, 0] + LittleEndian.bytes([UInt16(header.count)]) + header
  }

  /// Reads format versions 1, 2 and 3; big-endian and Fortran-ordered arrays are turned around.
  ///
  /// - Throws: `unsupported` for strings, complex numbers, dates, records and objects.
  public static func parse(_ bytes: [UInt8], path: String) throws(FileProblem) -> NPYArray {
    var reader = ByteReader(bytes, path: path, part: "the .npy header")
    let header = try readHeader(&reader)
    return try array(header, &reader)
  }

  /// The shape of a file's array, from its first bytes alone.
  ///
  /// - Throws: As `parse`.
  public static func readShape(_ path: String) throws(FileProblem) -> [Int] {
    try shape(ofStart: FileBytes.readFirst(path, count: headerLimit), path: path)
  }

  static let headerLimit = 1 << 16

  static func shape(ofStart bytes: [UInt8], path: String) throws(FileProblem) -> [Int] {
    var reader = ByteReader(bytes, path: path, part: "the .npy header")
    let header = try readHeader(&reader)
    _ = try header.supportedType(path: path)
    return header.shape
  }

  static func readHeader(_ reader: inout ByteReader) throws(FileProblem) -> NPYHeader {
    let (bytes, path) = (reader.bytes, reader.path)
    guard isNPY(bytes) else {
      throw FileProblem(.malformed, "this is not a NumPy array (.npy).", path: path, offset: 0)
    }
    try reader.skip(6)
    let version = try reader.byte()
    try reader.skip(1)
    guard (1...3).contains(version) else {
      throw FileProblem(
        .unsupported, "is of .npy version \(version); 1 to 3 are supported.", path: path, offset: 6)
    }
    let size =
      version == 1
      ? Int(try reader.integer(UInt16.self, .little))
      : Int(try reader.integer(UInt32.self, .little))
    return try NPYHeader(Array(try reader.slice(size)), path: path)
  }

  private static func array(
    _ header: NPYHeader, _ reader: inout ByteReader
  ) throws(FileProblem) -> NPYArray {
    let shape = header.shape
    let type = try header.supportedType(path: reader.path)
    guard let size = checkedProduct(shape + [type.size]), size <= reader.remaining else {
      throw FileProblem(
        .truncated,
        "its header declares an array of shape \(shape), and only \(reader.remaining) bytes follow.",
        path: reader.path, offset: reader.position)
    }
    guard size == reader.remaining else {
      throw FileProblem(
        .malformed, "more bytes follow than an array of shape \(shape) takes.", path: reader.path,
        offset: reader.position + size)
    }
    var bytes = Array(try reader.slice(size))
    if header.isBigEndian { ByteOrder.reverse(&bytes, every: type.size) }
    if header.isFortran { bytes = rowMajor(bytes, shape: shape, size: type.size) }
    return NPYArray(type: type, shape: shape, bytes: bytes)
  }

  /// Column-major elements in row-major order.
  private static func rowMajor(_ bytes: [UInt8], shape: [Int], size: Int) -> [UInt8] {
    if bytes.isEmpty { return [] }  // the other sizes may then be anything
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    // How far apart neighbours along each dimension lie in the file.
    var strides: [Int] = []
    var stride = size
    for length in shape {
      strides.append(stride)
      stride *= max(length, 1)
    }
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    while result.count < bytes.count {
      result += bytes[place..<place + size]
      var dimension = shape.count - 1
      while dimension >= 0 {
        index[dimension] += 1
        place += strides[dimension]
        if index[dimension] < shape[dimension] { break }
        place -= index[dimension] * strides[dimension]
        index[dimension] = 0
        dimension -= 1
      }
    }
    return result
  }
}
