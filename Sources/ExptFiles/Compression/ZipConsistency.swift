/// Whether the three accounts that a zip archive gives of its entries agree: the end record, the
/// directory, and the header before each entry. Readers differ in which they believe, so that where
/// they do not agree entries are dropped unnoticed, or others are read than meant.
struct ZipConsistency {
  let bytes: [UInt8]
  let path: String

  private static let localHeader: [UInt8] = [0x50, 0x4b, 3, 4]

  /// - Parameters:
  ///   - entries: What the directory lists.
  ///   - directory: Where it lies, by the end record.
  ///   - read: Where the last entry that the end record counts ends.
  func check(
    _ entries: [ZipReader.Entry], _ directory: ZipDirectory, read: Int
  ) throws(FileProblem) {
    guard read == directory.end, directory.end == directory.most else {
      throw problem(
        "its end record counts \(directory.count) entries, which do not take up the bytes of "
          + "its directory", at: read)
    }
    var place = 0
    for entry in entries.sorted(by: { $0.offset < $1.offset }) {
      guard entry.offset >= place, entry.offset <= directory.start else {
        throw problem("its entries overlap", at: entry.offset)
      }
      try checkGap(place..<entry.offset)
      place = try checkHeader(of: entry)
    }
    guard place <= directory.start else { throw problem("its entries overlap", at: place) }
    try checkGap(place..<directory.start)
  }

  /// Compares an entry's own header with the directory; returns where the entry ends.
  private func checkHeader(of entry: ZipReader.Entry) throws(FileProblem) -> Int {
    var reader = ByteReader(bytes, path: path, part: "'\(entry.name)'", from: entry.offset)
    guard try reader.slice(4).elementsEqual(Self.localHeader) else {
      throw problem("its entry '\(entry.name)' is not where the directory says", at: entry.offset)
    }
    try reader.skip(2)
    let flags = try reader.integer(UInt16.self, .little)
    let method = Int(try reader.integer(UInt16.self, .little))
    try reader.skip(4)
    let checksum = try reader.integer(UInt32.self, .little)
    let packedSize = try reader.integer(UInt32.self, .little)
    let size = try reader.integer(UInt32.self, .little)
    let nameSize = Int(try reader.integer(UInt16.self, .little))
    let extraSize = Int(try reader.integer(UInt16.self, .little))
    let name = String(decoding: try reader.slice(nameSize), as: UTF8.self)
    try reader.skip(extraSize)
    // With flag 8, size and checksum follow the bytes; sizes that are all ones are in a zip64 field.
    let isLater = flags & 8 != 0
    func agrees(_ narrow: UInt32, _ size: Int) -> Bool {
      isLater || narrow == .max || Int(narrow) == size
    }
    guard name == entry.name, method == entry.method, isLater || checksum == entry.checksum,
      agrees(packedSize, entry.packedSize), agrees(size, entry.size)
    else {
      throw problem(
        "the directory and the header of its entry '\(entry.name)' disagree",
        at: entry.offset)
    }
    try reader.skip(entry.packedSize)
    return reader.position
  }

  /// Between entries may lie anything but another entry: sizes that follow an entry, padding.
  private func checkGap(_ gap: Range<Int>) throws(FileProblem) {
    var rest = bytes[gap]
    while let start = rest.firstIndex(of: Self.localHeader[0]) {
      rest = rest[start...]
      if rest.starts(with: Self.localHeader) {
        throw problem("it holds an entry that its directory does not list", at: start)
      }
      rest = rest.dropFirst()
    }
  }

  private func problem(_ what: String, at place: Int) -> FileProblem {
    FileProblem(.malformed, "\(what); get the file again.", path: path, offset: place)
  }
}
