/// Strict UTF-8 decoding that says where it fails, which `String` does not.
enum UTF8Decoder {
  /// The scalar at `offset` and its length in bytes, or nil if the bytes there are not UTF-8:
  /// truncated, overlong, a surrogate or beyond U+10FFFF (RFC 3629).
  static func scalar(in bytes: [UInt8], at offset: Int) -> (value: UInt32, length: Int)? {
    let first = bytes[offset]
    if first < 0x80 { return (UInt32(first), 1) }
    let length = length(startingWith: first)
    guard length > 1, offset + length <= bytes.count else { return nil }
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for next in bytes[offset + 1..<offset + length] {
      guard next & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(next & 0x3F)
    }
    let smallest: [UInt32] = [0, 0, 0x80, 0x800, 0x10000]
    guard value >= smallest[length], Unicode.Scalar(value) != nil else { return nil }
    return (value, length)
  }

  /// The length a first byte announces; 1 for a byte that cannot be first.
  static func length(startingWith first: UInt8) -> Int {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }
}
