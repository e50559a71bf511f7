/// Reads numbers and byte runs from an array, in order, refusing to go past its end.
struct ByteReader {
  enum Order { case big, little }

  let bytes: [UInt8]
  let path: String
  /// What is being read, for the message: "the PNG header".
  var part: String
  private(set) var position = 0
  let end: Int

  init(_ bytes: [UInt8], path: String, part: String, from start: Int = 0, to end: Int? = nil) {
    self.bytes = bytes
    self.path = path
    self.part = part
    self.end = min(max(end ?? bytes.count, 0), bytes.count)
    position = min(max(start, 0), self.end)
  }

  var remaining: Int { end - position }

  /// The next `count` bytes, as a view into the array.
  mutating func slice(_ count: Int) throws(FileProblem) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw truncated(count) }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type, _ order: Order
  ) throws(FileProblem) -> Value {
    var value: Value = 0
    let raw = try slice(MemoryLayout<Value>.size)
    for (place, byte) in raw.enumerated() {
      let shift = order == .little ? place : raw.count - 1 - place
      value |= Value(truncatingIfNeeded: byte) &<< Value(truncatingIfNeeded: 8 * shift)
    }
    return value
  }

  mutating func byte() throws(FileProblem) -> UInt8 { try integer(UInt8.self, .big) }

  mutating func skip(_ count: Int) throws(FileProblem) { _ = try slice(count) }

  func truncated(_ count: Int) -> FileProblem {
    FileProblem(
      .truncated,
      "\(part) needs \(count) more bytes and only \(remaining) are left; get the file again.",
      path: path, offset: position)
  }
}

/// Turns numbers around that were written most significant byte first.
enum ByteOrder {
  /// Reverses every `size` bytes: 1, 2, 4 or 8. A rest at the end stays as it is.
  static func reverse(_ bytes: inout [UInt8], every size: Int) {
    bytes.withUnsafeMutableBytes { reverse($0, every: size) }
  }

  static func reverse(_ bytes: UnsafeMutableRawBufferPointer, every size: Int) {
    switch size {
    case 2: reverse(bytes, as: UInt16.self)
    case 4: reverse(bytes, as: UInt32.self)
    case 8: reverse(bytes, as: UInt64.self)
    default: break
    }
  }

  private static func reverse<Value: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeMutableRawBufferPointer, as type: Value.Type
  ) {
    let size = MemoryLayout<Value>.size
    for place in 0..<bytes.count / size {
      let value = bytes.loadUnaligned(fromByteOffset: place * size, as: type)
      bytes.storeBytes(of: value.byteSwapped, toByteOffset: place * size, as: type)
    }
  }
}
