/// gzip (RFC 1952): several members one after another, checksums checked.
public enum Gzip {
  public static func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
  }

  public static func deflate(_ bytes: [UInt8]) -> [UInt8] { Zlib.deflate(bytes, .gzip) }

  /// The whole content.
  ///
  /// - Parameter limit: more bytes than these are refused; the default is 4 GiB.
  /// - Throws: `malformed` (wrong checksums too: zlib does not tell them apart), `truncated`,
  ///   `tooLarge`.
  public static func inflate(
    _ bytes: [UInt8], path: String, limit: Int = 4 << 30
  ) throws(FileProblem) -> [UInt8] {
    let reader = GzipReader(bytes, path: path)
    var output: [UInt8] = []
    while true {
      let room = max(1 << 16, min(output.count, 64 << 20))
      let part = try reader.read(upTo: room)
      if output.count + part.count > limit {
        throw FileProblem(.tooLarge, "holds more than \(limit) bytes when unpacked.", path: path)
      }
      output += part
      if part.count < room { return output }
    }
  }
}

/// Reads a gzip file piece by piece.
public final class GzipReader {
  public let path: String
  private let bytes: [UInt8]
  private let inflater: Inflater
  private var ended = false

  public init(_ bytes: [UInt8], path: String) {
    self.path = path
    self.bytes = bytes
    inflater = Inflater(bytes, .gzip)
  }

  /// No more bytes than these can follow, whatever the content claims.
  public var mostRemaining: Int {
    let (product, overflow) = (bytes.count - inflater.position + 64)
      .multipliedReportingOverflow(by: deflateMostExpansion)
    return overflow ? .max : product
  }

  /// The next bytes: exactly `count`, or fewer at the end of the file.
  ///
  /// Allocates `count` bytes: compare with `mostRemaining` when a header dictates it.
  public func read(upTo count: Int) throws(FileProblem) -> [UInt8] {
    var problem: FileProblem?
    let part = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      SystemCalls.preferHugePages(UnsafeRawBufferPointer(buffer))
      do throws(FileProblem) {
        while filled < count && !ended {
          let room = UnsafeMutableBufferPointer(rebasing: buffer[filled..<count])
          filled += try fill(room)
        }
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
    return part
  }

  /// True when no byte is left; checks the last member's checksum.
  public func isAtEnd() throws(FileProblem) -> Bool {
    if ended { return true }
    return try read(upTo: 1).isEmpty
  }

  private func fill(_ room: UnsafeMutableBufferPointer<UInt8>) throws(FileProblem) -> Int {
    let (count, stop) = inflater.read(into: room)
    switch stop {
    case .outputFull: break
    case .streamEnd: try startNextMember()
    case .inputEmpty:
      throw FileProblem(
        .truncated, "the compressed data ends too early; get the file again.", path: path,
        offset: inflater.position)
    case .corrupt:
      throw FileProblem(
        .malformed, "the compressed data is damaged; get the file again.", path: path,
        offset: inflater.position)
    }
    return count
  }

  private func startNextMember() throws(FileProblem) {
    let rest = bytes[inflater.position...]
    if rest.starts(with: [0x1f, 0x8b]) {
      inflater.restart()
    } else if rest.allSatisfy({ $0 == 0 }) {  // padding, as tape drives leave it
      ended = true
    } else {
      throw FileProblem(
        .malformed, "unexpected bytes follow the compressed data.", path: path,
        offset: inflater.position)
    }
  }
}
