/// A `.npy` file that is too large for memory, read a part at a time.
///
/// The file is read, never mapped: touching a mapped page of a file that another program has shortened ends
/// the process, and mapped pages count as this process's memory. A file that is replaced by another of its name
/// goes on being read as it was; one that is changed in place is noticed.
public final class NPYFile: Sendable {
  public let path: String
  public let type: NPYArray.ElementType
  public let shape: [Int]
  private let file: Descriptor
  private let start: Int
  private let isBigEndian: Bool
  private let stamp: SystemCalls.Stamp

  /// Reads the header, and holds the file open.
  ///
  /// - Throws: As `NPYArray.read`; `unsupported` for an array in Fortran order, whose rows do not lie together.
  public init(_ path: String) throws(FileProblem) {
    self.path = path
    file = try SystemCalls.openForReading(path)
    let size = try SystemCalls.sizeOfPlainFile(file)
    stamp = try SystemCalls.stamp(file)
    var reader = ByteReader(
      try FileBytes.read(file, at: 0, count: min(size, NPYArray.headerLimit)), path: path,
      part: "the .npy header")
    let header = try NPYArray.readHeader(&reader)
    start = reader.position
    type = try header.supportedType(path: path)
    (shape, isBigEndian) = (header.shape, header.isBigEndian)
    guard let bytes = checkedProduct(shape + [type.size]), bytes <= size - start else {
      throw FileProblem(
        .truncated,
        "its header declares an array of shape \(shape), and only \(size - start) bytes follow.",
        path: path, offset: start)
    }
    guard bytes == size - start else {
      throw FileProblem(
        .malformed, "more bytes follow than an array of shape \(shape) takes.", path: path,
        offset: start + bytes)
    }
    guard !header.isFortran || shape.count < 2 else {
      throw FileProblem(
        .unsupported,
        "is in Fortran order and too large for memory; write it with numpy.ascontiguousarray.",
        path: path)
    }
  }

  /// The bytes of the elements.
  public var byteCount: Int { (checkedProduct(shape) ?? 0) * type.size }

  /// The elements of a row: what the first dimension counts.
  public var rowSize: Int { checkedProduct(Array(shape.dropFirst())) ?? 0 }

  /// Writes the elements of some rows, as they are but least significant byte first, to the front of `target`.
  ///
  /// - Throws: `unreadable`, also if the file is not as it was when it was opened.
  public func read(
    rows: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(FileProblem) {
    let size = rowSize * type.size
    let part = UnsafeMutableRawBufferPointer(rebasing: target[..<(rows.count * size)])
    let count = try SystemCalls.read(file, at: start + rows.lowerBound * size, into: part)
    guard count == part.count, try SystemCalls.stamp(file) == stamp else {
      throw FileProblem(
        .unreadable,
        "was changed while it was in use: it has to stay as it is while a run reads it.",
        path: path)
    }
    if isBigEndian { ByteOrder.reverse(part, every: type.size) }
  }

  /// Some rows as an array.
  public func rows(_ rows: Range<Int>) throws(FileProblem) -> NPYArray {
    let size = rows.count * rowSize * type.size
    var problem: FileProblem?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      do throws(FileProblem) {
        try read(rows: rows, into: UnsafeMutableRawBufferPointer(buffer))
        filled = size
      } catch { problem = error }
    }
    if let problem { throw problem }
    return NPYArray(type: type, shape: [rows.count] + shape.dropFirst(), bytes: bytes)
  }
}
