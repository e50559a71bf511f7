/// Makes a zip archive. The same entries give the same bytes (the date is always 1980-01-01), except
/// that deflated ones depend on the zlib version.
public struct ZipWriter {
  public private(set) var path: String
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// - Parameter path: where it will be written, for error messages.
  public init(path: String) { self.path = path }

  /// - Throws: `tooLarge` beyond 4 GiB or 65,535 entries, which need zip64.
  public mutating func add(
    _ name: String, _ content: [UInt8], deflated: Bool = false
  ) throws(FileProblem) {
    let packed = deflated ? Zlib.deflate(content, .raw) : content
    guard content.count < Int(UInt32.max), bytes.count + packed.count + 65_536 < Int(UInt32.max),
      count < 65_535, name.utf8.count <= 65_535
    else {
      throw FileProblem(.tooLarge, "cannot write a zip archive of 4 GiB or more.", path: path)
    }
    var common: [UInt8] = []
    // Version 2.0, names in UTF-8, method, time 0, 1980-01-01.
    for value in [20, 0x0800, deflated ? 8 : 0, 0, 0x0021] { common += little(UInt16(value)) }
    common += little(Zlib.crc32(content[...]))
    common += little(UInt32(packed.count)) + little(UInt32(content.count))
    common += little(UInt16(name.utf8.count)) + little(UInt16(0))
    directory += little(UInt32(0x0201_4b50)) + little(UInt16(20)) + common
    directory += [UInt8](repeating: 0, count: 10) + little(UInt32(bytes.count)) + Array(name.utf8)
    bytes += little(UInt32(0x0403_4b50)) + common + Array(name.utf8) + packed
    count += 1
  }

  /// The archive's bytes.
  public func finish() -> [UInt8] {
    var end = little(UInt32(0x0605_4b50)) + little(UInt32(0))
    end += little(UInt16(count)) + little(UInt16(count))
    end += little(UInt32(directory.count)) + little(UInt32(bytes.count)) + little(UInt16(0))
    return bytes + directory + end
  }

  private func little<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) -> [UInt8] {
    LittleEndian.bytes([value])
  }
}
