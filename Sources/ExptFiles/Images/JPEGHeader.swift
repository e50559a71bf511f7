/// What the markers in front of a JPEG file's pixels say.
///
/// Source: ITU-T T.81 (1992), annex B.
struct JPEGHeader {
  /// As they are stored, before the orientation turns them.
  let width: Int
  let height: Int
  /// 1 (grey) or 3 (YCbCr or RGB).
  let channels: Int
  let isProgressive: Bool
  /// How the picture is to be turned, by the numbers of EXIF: 1 for as it is.
  let orientation: Int
  /// Where the first scan begins.
  let scan: Int

  private static let (startOfImage, endOfImage, startOfScan): (UInt8, UInt8, UInt8) =
    (0xd8, 0xd9, 0xda)
  private static let exif: UInt8 = 0xe1

  init(_ bytes: [UInt8], path: String) throws(FileProblem) {
    var reader = ByteReader(bytes, path: path, part: "the JPEG header")
    try reader.skip(2)
    var frame: Frame?
    var orientation: Int?
    while true {
      let marker = try Self.nextMarker(&reader)
      if marker == Self.startOfScan { break }
      if marker == Self.endOfImage || marker == Self.startOfImage {
        throw FileProblem(
          .malformed, "its header ends before any pixels.", path: path, offset: reader.position)
      }
      if marker == 0x01 || (0xd0...0xd7).contains(marker) { continue }  // these have no length
      let size = Int(try reader.integer(UInt16.self, .big))
      guard size >= 2 else {
        throw FileProblem(
          .malformed, "a part of its header declares \(size) bytes.", path: path,
          offset: reader.position)
      }
      let content = try reader.slice(size - 2)
      if let kind = FrameKind(marker: marker) {
        frame = try Frame(kind, content, path: path)
      } else if marker == Self.exif, orientation == nil {
        orientation = EXIF.orientation(bytes, in: content.indices)
      }
    }
    guard let frame else {
      throw FileProblem(.malformed, "its header does not say its size.", path: path)
    }
    (width, height, channels) = (frame.width, frame.height, frame.channels)
    isProgressive = frame.isProgressive
    self.orientation = orientation ?? 1
    scan = reader.position
  }

  /// Steps over anything up to the next marker, as decoders do.
  private static func nextMarker(_ reader: inout ByteReader) throws(FileProblem) -> UInt8 {
    while true {
      while try reader.byte() != 0xff {}
      var code = try reader.byte()
      while code == 0xff { code = try reader.byte() }
      if code != 0 { return code }
    }
  }

  /// The kinds of start-of-frame markers.
  private enum FrameKind {
    case sequential, progressive, other

    init?(marker: UInt8) {
      switch marker {
      case 0xc0, 0xc1, 0xc9: self = .sequential
      case 0xc2, 0xca: self = .progressive
      case 0xc3, 0xc5...0xc7, 0xcb, 0xcd...0xcf: self = .other
      default: return nil
      }
    }
  }

  /// A start-of-frame segment.
  private struct Frame {
    let width: Int
    let height: Int
    let channels: Int
    let isProgressive: Bool

    init(_ kind: FrameKind, _ content: ArraySlice<UInt8>, path: String) throws(FileProblem) {
      var reader = ByteReader(Array(content), path: path, part: "the JPEG frame header")
      let depth = try reader.byte()
      height = Int(try reader.integer(UInt16.self, .big))
      width = Int(try reader.integer(UInt16.self, .big))
      channels = Int(try reader.byte())
      isProgressive = kind == .progressive
      func refused(_ what: String) -> FileProblem {
        FileProblem(.unsupported, what + "; convert it to a common JPEG or PNG.", path: path)
      }
      if kind == .other { throw refused("this is a lossless or hierarchical JPEG") }
      if depth != 8 { throw refused("its samples have \(depth) bits, and only 8 are read") }
      if channels == 4 { throw refused("its colours are CMYK, for printing, and not RGB") }
      if channels != 1 && channels != 3 {
        throw refused("has \(channels) colour components, and only 1 (grey) and 3 are read")
      }
      if height == 0 { throw refused("its height is said behind its pixels only") }
    }
  }
}
