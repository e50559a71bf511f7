/// What a camera wrote into a picture about itself. Only the orientation is read; anything that makes
/// no sense is as if it were not there.
///
/// Source: CIPA DC-008, "Exchangeable image file format (Exif) 2.32", 4.5.4 and 4.6.4; TIFF 6.0.
enum EXIF {
  /// The orientation, 1…8, in the part of `bytes` that is a segment of the kind APP1; nil for none.
  static func orientation(_ bytes: [UInt8], in segment: Range<Int>) -> Int? {
    let start = segment.lowerBound + 6
    guard segment.count > 14, bytes[segment].starts(with: Array("Exif".utf8) + [0, 0]) else {
      return nil
    }
    let order: ByteReader.Order
    switch (bytes[start], bytes[start + 1]) {
    case (0x49, 0x49): order = .little
    case (0x4d, 0x4d): order = .big
    default: return nil
    }
    return try? directory(bytes, from: start, to: segment.upperBound, order)
  }

  /// The first directory of a TIFF file. Offsets in it count from its first byte.
  private static func directory(
    _ bytes: [UInt8], from start: Int, to end: Int, _ order: ByteReader.Order
  ) throws(FileProblem) -> Int? {
    func reader(at place: Int) -> ByteReader {
      ByteReader(bytes, path: "", part: "the EXIF directory", from: place, to: end)
    }
    var header = reader(at: start + 2)
    guard try header.integer(UInt16.self, order) == 42 else { return nil }
    let offset = Int(try header.integer(UInt32.self, order))
    var entries = reader(at: start + offset)
    for _ in 0..<Int(try entries.integer(UInt16.self, order)) {
      let tag = try entries.integer(UInt16.self, order)
      let type = try entries.integer(UInt16.self, order)
      let count = try entries.integer(UInt32.self, order)
      var value = reader(at: entries.position)
      try entries.skip(4)
      guard tag == 0x0112 else { continue }
      guard count == 1, type == 3 || type == 4 else { return nil }
      let orientation =
        type == 3
        ? Int(try value.integer(UInt16.self, order)) : Int(try value.integer(UInt32.self, order))
      return (1...8).contains(orientation) ? orientation : nil
    }
    return nil
  }
}

extension Image8 {
  /// The picture as it was meant to be seen, by its orientation in EXIF's numbers: 1 for as it is, 3 for
  /// upside down, 6 and 8 for a camera held upright; 2, 4, 5 and 7 are the mirrored ones.
  func turned(_ orientation: Int) -> Image8 {
    guard (2...8).contains(orientation) else { return self }
    let isOnItsSide = orientation >= 5
    let (newWidth, newHeight) = isOnItsSide ? (height, width) : (width, height)
    // Where the first new pixel is now, and how far apart the next ones along a new row and column.
    let (right, bottom) = (width - 1, (height - 1) * width)
    let (first, across, down) =
      switch orientation {
      case 2: (right, -1, width)
      case 3: (bottom + right, -1, -width)
      case 4: (bottom, 1, -width)
      case 5: (0, width, 1)
      case 6: (bottom, -width, 1)
      case 7: (bottom + right, -width, -1)
      default: (right, width, -1)
      }
    let turned = [UInt8](unsafeUninitializedCapacity: samples.count) { target, filled in
      samples.withUnsafeBufferPointer { samples in
        for y in 0..<newHeight {
          for x in 0..<newWidth {
            let source = (first + y * down + x * across) * channels
            let place = (y * newWidth + x) * channels
            for channel in 0..<channels {
              target.initializeElement(at: place + channel, to: samples[source + channel])
            }
          }
        }
      }
      filled = samples.count
    }
    return Image8(width: newWidth, height: newHeight, channels: channels, samples: turned)
  }
}
