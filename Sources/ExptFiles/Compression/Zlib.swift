// The one file that imports zlib.
internal import CZlib

/// How deflated bytes are wrapped.
enum DeflateWrapping: Int32 {
  case zlib = 15  // PNG
  case gzip = 31  // window bits + 16
  case raw = -15  // zip
}

/// Deflate never expands more than this (RFC 1951: 258 bytes from 2 bits, plus the block's own
/// cost), so a size that a header promises can be refused before it is allocated.
let deflateMostExpansion = 1032

/// Inflates a byte array, a piece of output at a time. zlib keeps pointers only during a call.
final class Inflater {
  enum Stop { case outputFull, inputEmpty, streamEnd, corrupt }

  private var stream = z_stream()
  private let input: [UInt8]
  /// The next byte of the input to be read.
  private(set) var position: Int
  /// The input is not read from here on.
  let end: Int

  init(_ input: [UInt8], from start: Int = 0, to end: Int? = nil, _ wrapping: DeflateWrapping) {
    self.input = input
    self.end = min(end ?? input.count, input.count)
    position = min(start, self.end)
    let status = inflateInit2_(
      &stream, wrapping.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib could not start: \(status)")  // out of memory, wrong build
  }

  deinit { inflateEnd(&stream) }

  /// Starts over with a new stream at the current position (the next gzip member).
  func restart() { inflateReset(&stream) }

  /// Fills `output` as far as the stream goes.
  func read(into output: UnsafeMutableBufferPointer<UInt8>) -> (count: Int, stop: Stop) {
    guard let target = output.baseAddress, !output.isEmpty else { return (0, .outputFull) }
    return input.withUnsafeBufferPointer { input in
      var filled = 0
      while true {
        let available = min(end - position, 1 << 30)
        let room = min(output.count - filled, 1 << 30)
        if room == 0 { return (filled, .outputFull) }
        stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
        stream.avail_in = UInt32(available)
        stream.next_out = target + filled
        stream.avail_out = UInt32(room)
        let status = inflate(&stream, Z_NO_FLUSH)
        position += available - Int(stream.avail_in)
        filled += room - Int(stream.avail_out)
        switch status {
        case Z_STREAM_END: return (filled, .streamEnd)
        case Z_OK: continue
        case Z_BUF_ERROR where position == end: return (filled, .inputEmpty)
        default: return (filled, .corrupt)
        }
      }
    }
  }
}

enum Zlib {
  /// Deflates in one go. The bytes depend on the zlib version, so nothing that must be the same
  /// everywhere may be compressed.
  static func deflate(_ bytes: [UInt8], _ wrapping: DeflateWrapping, level: Int32 = 6) -> [UInt8] {
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, level, Z_DEFLATED, wrapping.rawValue, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib could not start: \(status)")
    defer { deflateEnd(&stream) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    bytes.withUnsafeBufferPointer { input in
      var position = 0
      while true {
        let part = min(input.count - position, 1 << 30)
        stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
        stream.avail_in = UInt32(part)
        let produced = chunk.withUnsafeMutableBufferPointer { room in
          stream.next_out = room.baseAddress
          stream.avail_out = UInt32(room.count)
          let mode = position + part == input.count ? Z_FINISH : Z_NO_FLUSH
          return (CZlib.deflate(&stream, mode), room.count - Int(stream.avail_out))
        }
        position += part - Int(stream.avail_in)
        output += chunk[..<produced.1]
        if produced.0 == Z_STREAM_END { return }
      }
    }
    return output
  }

  /// CRC-32 as gzip, zip and PNG use it, continued from `start`.
  static func crc32(_ bytes: ArraySlice<UInt8>, from start: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBufferPointer { bytes in
      UInt32(truncatingIfNeeded: crc32_z(UInt(start), bytes.baseAddress, bytes.count))
    }
  }
}
