/// Where the directory of a zip archive lies, found from the archive's end.
struct ZipDirectory {
  let start: Int
  let end: Int
  let count: Int
  /// Where the end record begins, which the directory should reach to.
  let most: Int

  init(_ bytes: [UInt8], path: String) throws(FileProblem) {
    guard let place = Self.findEnd(in: bytes) else {
      throw FileProblem(
        .malformed, "this is not a zip archive, or its end is missing; get the file again.",
        path: path)
    }
    var reader = ByteReader(bytes, path: path, part: "the zip directory", from: place + 4)
    let disks = try reader.integer(UInt32.self, .little)
    try reader.skip(2)
    var count = UInt64(try reader.integer(UInt16.self, .little))
    var size = UInt64(try reader.integer(UInt32.self, .little))
    var start = UInt64(try reader.integer(UInt32.self, .little))
    var most = place
    if let wide = Self.findWideEnd(before: place, in: bytes, path: path) {
      var reader = ByteReader(bytes, path: path, part: "the zip64 directory", from: wide + 32)
      count = try reader.integer(UInt64.self, .little)
      size = try reader.integer(UInt64.self, .little)
      start = try reader.integer(UInt64.self, .little)
      most = wide
    } else if disks != 0 {
      throw FileProblem(.unsupported, "is one part of a split zip archive.", path: path)
    }
    // An entry takes at least 46 bytes.
    guard start <= UInt64(most), size <= UInt64(most) - start, count <= size / 46 else {
      throw FileProblem(.malformed, "its zip directory is damaged.", path: path, offset: place)
    }
    self.start = Int(start)
    end = Int(start + size)
    self.count = Int(count)
    self.most = most
  }

  /// The end record: 22 bytes and a comment of up to 65,535.
  private static func findEnd(in bytes: [UInt8]) -> Int? {
    var place = bytes.count - 22
    while place >= max(0, bytes.count - 22 - 65_535) {
      if bytes[place...].starts(with: [0x50, 0x4b, 5, 6]),
        place + 22 + Int(bytes[place + 20]) + Int(bytes[place + 21]) << 8 == bytes.count
      {
        return place
      }
      place -= 1
    }
    return nil
  }

  /// The zip64 end record, which a locator of 20 bytes before the end record points to.
  private static func findWideEnd(before end: Int, in bytes: [UInt8], path: String) -> Int? {
    guard end >= 20, bytes[(end - 20)...].starts(with: [0x50, 0x4b, 6, 7]) else { return nil }
    var reader = ByteReader(bytes, path: path, part: "the zip64 locator", from: end - 12)
    guard let offset = try? reader.integer(UInt64.self, .little), offset <= UInt64(end - 20),
      bytes[Int(offset)...].starts(with: [0x50, 0x4b, 6, 6])
    else { return nil }
    return Int(offset)
  }
}
