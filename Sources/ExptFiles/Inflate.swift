// The one file that imports CInflate.
internal import CInflate

/// Inflates a whole gzip file at once, faster than piece by piece, where its size is known.
enum WholeGzip {
  /// The content, if the file is one gzip member of exactly `count` bytes with the right checksum,
  /// and nothing follows. Nil if anything is otherwise: `GzipReader` then says what.
  static func inflate(_ bytes: [UInt8], count: Int) -> [UInt8]? {
    guard let start = headerEnd(bytes), bytes.count - start >= 8, count < 1 << 32 else {
      return nil
    }
    let trailer = bytes.count - 8
    var isRight = false
    var crc: UInt32 = 0
    let content = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      SystemCalls.preferHugePages(UnsafeRawBufferPointer(buffer))
      isRight = bytes.withUnsafeBufferPointer { bytes in
        guard let input = bytes.baseAddress, let output = buffer.baseAddress else { return false }
        return ci_inflate(input + start, trailer - start, output, count, &crc) == trailer - start
          && crc == word(bytes, at: trailer)
          && UInt32(count) == word(bytes, at: trailer + 4)
      }
      filled = isRight ? count : 0
    }
    return isRight ? content : nil
  }

  private static func word(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
  }

  /// Where the deflated data begins (RFC 1952, section 2.3), unless the header has parts that few
  /// files have.
  private static func headerEnd(_ bytes: [UInt8]) -> Int? {
    let hasName: UInt8 = 8
    guard bytes.count >= 18, bytes.starts(with: [0x1f, 0x8b, 8]), bytes[3] & ~hasName == 0 else {
      return nil
    }
    if bytes[3] & hasName == 0 { return 10 }
    return bytes[10...].firstIndex(of: 0).map { $0 + 1 }
  }
}
