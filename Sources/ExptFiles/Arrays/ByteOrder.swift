/// Turns numbers around that were written most significant byte first.
enum ByteOrder {
  /// Reverses every `size` bytes: 1, 2, 4 or 8. A rest at the end stays as it is.
  static func reverse(_ bytes: inout [UInt8], every size: Int) {
    switch size {
    case 2: reverse(&bytes, as: UInt16.self)
    case 4: reverse(&bytes, as: UInt32.self)
    case 8: reverse(&bytes, as: UInt64.self)
    default: break
    }
  }

  private static func reverse<Value: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: inout [UInt8], as type: Value.Type
  ) {
    let size = MemoryLayout<Value>.size
    bytes.withUnsafeMutableBytes { bytes in
      for place in 0..<bytes.count / size {
        let value = bytes.loadUnaligned(fromByteOffset: place * size, as: type)
        bytes.storeBytes(of: value.byteSwapped, toByteOffset: place * size, as: type)
      }
    }
  }
}
