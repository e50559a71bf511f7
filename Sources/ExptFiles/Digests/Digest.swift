/// A checksum under way: `update` with the bytes in any pieces, then `finish`.
public protocol Digest {
  init()
  mutating func update(_ bytes: UnsafeRawBufferPointer)
  /// The checksum of all bytes so far. More bytes may follow.
  func finish() -> [UInt8]
}

extension Digest {
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The checksum of `bytes` in lower-case hexadecimal, as `sha256sum` and `md5sum` print it.
  public static func hex(of bytes: [UInt8]) -> String {
    var digest = Self()
    digest.update(bytes)
    return digest.hex
  }

  /// The checksum of a file's bytes, read in pieces.
  public static func hex(ofFile path: String) throws(FileProblem) -> String {
    var digest = Self()
    let file = try SystemCalls.openForReading(path)
    let size = try SystemCalls.sizeOfPlainFile(file)
    for start in stride(from: 0, to: size, by: 1 << 20) {
      digest.update(try FileBytes.read(file, at: start, count: min(1 << 20, size - start)))
    }
    return digest.hex
  }

  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in finish() {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Cuts a byte stream into the 64-byte blocks of MD5 and SHA-256, and pads the last one.
struct DigestBlocks {
  private var rest: [UInt8] = []
  private var count: UInt64 = 0

  mutating func feed(_ bytes: UnsafeRawBufferPointer, _ compress: (UnsafeRawPointer) -> Void) {
    guard let base = bytes.baseAddress else { return }
    count &+= UInt64(bytes.count)
    var start = 0
    if !rest.isEmpty {
      start = min(64 - rest.count, bytes.count)
      rest += bytes[..<start]
      if rest.count < 64 { return }
      rest.withUnsafeBytes { block in block.baseAddress.map(compress) }
      rest.removeAll(keepingCapacity: true)
    }
    while bytes.count - start >= 64 {
      compress(base + start)
      start += 64
    }
    rest += bytes[start...]
  }

  /// The last one or two blocks: the rest, a 1 bit, zeros, and the length in bits.
  func padding(bigEndian: Bool) -> [UInt8] {
    var bytes = rest + [0x80]
    while bytes.count % 64 != 56 { bytes.append(0) }
    let bits = bigEndian ? (count &* 8).bigEndian : (count &* 8).littleEndian
    withUnsafeBytes(of: bits) { bytes += $0 }
    return bytes
  }
}
