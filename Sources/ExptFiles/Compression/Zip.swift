/// A zip archive in memory: stored and deflated entries, zip64 too; no encryption, no parts.
///
/// Names are only for looking up: nothing is ever written to a path that an archive chose.
/// Source: PKWARE, "APPNOTE.TXT – .ZIP File Format Specification", version 6.3.
public struct ZipReader: Sendable {
  public struct Entry: Sendable, Hashable {
    public let name: String
    /// Bytes when unpacked, as the archive claims.
    public let size: Int
    let packedSize: Int
    let method: Int
    let checksum: UInt32
    /// Where its local header starts.
    let offset: Int
  }

  public let path: String
  public private(set) var entries: [Entry] = []
  private let bytes: [UInt8]

  public init(_ bytes: [UInt8], path: String) throws(FileProblem) {
    self.bytes = bytes
    self.path = path
    let directory = try ZipDirectory(bytes, path: path)
    var reader = ByteReader(
      bytes, path: path, part: "the zip directory", from: directory.start, to: directory.end)
    var packed = 0
    for _ in 0..<directory.count {
      let entry = try Self.readEntry(&reader)
      // Entries of an honest archive lie side by side; those of a bomb lie over one another.
      packed += entry.packedSize
      guard packed <= bytes.count else {
        throw FileProblem(.malformed, "its entries overlap.", path: path)
      }
      entries.append(entry)
    }
    try ZipConsistency(bytes: bytes, path: path)
      .check(entries, directory, read: reader.position)
  }

  /// The unpacked bytes of an entry.
  ///
  /// - Parameter limit: the largest size accepted, in bytes.
  public func extract(_ entry: Entry, limit: Int = 4 << 30) throws(FileProblem) -> [UInt8] {
    guard entry.size <= limit else {
      throw problem(.tooLarge, entry, "is \(entry.size) bytes, and at most \(limit) are accepted")
    }
    let content = try unpack(packedBytes(entry), entry)
    guard content.count == entry.size, Zlib.crc32(content[...]) == entry.checksum else {
      throw problem(.checksum, entry, "is damaged: its checksum or its size is wrong")
    }
    return content
  }

  /// Unpacks an entry a piece at a time, for one that would take too much memory whole.
  func open(_ entry: Entry) throws(FileProblem) -> ZipEntryReader {
    ZipEntryReader(entry, try packedBytes(entry), of: bytes, path: path)
  }

  /// The first bytes of an entry, unpacked: `count`, or all if it is shorter. Its checksum is not
  /// looked at.
  func start(of entry: Entry, count: Int) throws(FileProblem) -> [UInt8] {
    let packed = try packedBytes(entry)
    if entry.method == 0 { return Array(packed.prefix(count)) }
    guard entry.method == 8 else { return try unpack(packed, entry) }
    let inflater = Inflater(bytes, from: packed.startIndex, to: packed.endIndex, .raw)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = inflater.read(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count])).count
    }
  }

  private func packedBytes(_ entry: Entry) throws(FileProblem) -> ArraySlice<UInt8> {
    var reader = ByteReader(bytes, path: path, part: "'\(entry.name)'", from: entry.offset)
    guard try reader.integer(UInt32.self, .little) == 0x0403_4b50 else {
      throw problem(.malformed, entry, "is not where the directory says")
    }
    try reader.skip(22)
    let nameSize = Int(try reader.integer(UInt16.self, .little))
    let extraSize = Int(try reader.integer(UInt16.self, .little))
    try reader.skip(nameSize + extraSize)
    return try reader.slice(entry.packedSize)
  }

  private func unpack(_ packed: ArraySlice<UInt8>, _ entry: Entry) throws(FileProblem) -> [UInt8] {
    switch entry.method {
    case 0: return Array(packed)
    case 8:
      guard entry.size / deflateMostExpansion <= packed.count else {
        throw problem(.malformed, entry, "claims \(entry.size) bytes, more than it can hold")
      }
      let inflater = Inflater(bytes, from: packed.startIndex, to: packed.endIndex, .raw)
      return [UInt8](unsafeUninitializedCapacity: entry.size) { buffer, filled in
        let room = UnsafeMutableBufferPointer(rebasing: buffer[..<entry.size])
        filled = inflater.read(into: room).count
      }
    default:
      throw problem(
        .unsupported, entry, "is compressed by method \(entry.method), which is not supported")
    }
  }

  private func problem(_ code: FileProblem.Code, _ entry: Entry, _ what: String) -> FileProblem {
    FileProblem(code, "its entry '\(entry.name)' \(what).", path: path, offset: entry.offset)
  }

  private static func readEntry(_ reader: inout ByteReader) throws(FileProblem) -> Entry {
    let start = reader.position
    guard try reader.integer(UInt32.self, .little) == 0x0201_4b50 else {
      throw FileProblem(
        .malformed, "its zip directory is damaged.", path: reader.path, offset: start)
    }
    try reader.skip(4)
    let flags = try reader.integer(UInt16.self, .little)
    let method = Int(try reader.integer(UInt16.self, .little))
    try reader.skip(4)
    let checksum = try reader.integer(UInt32.self, .little)
    let packedSize = try reader.integer(UInt32.self, .little)
    let size = try reader.integer(UInt32.self, .little)
    let nameSize = Int(try reader.integer(UInt16.self, .little))
    let extraSize = Int(try reader.integer(UInt16.self, .little))
    let commentSize = Int(try reader.integer(UInt16.self, .little))
    try reader.skip(8)
    let offset = try reader.integer(UInt32.self, .little)
    let name = String(decoding: try reader.slice(nameSize), as: UTF8.self)
    let extra = try reader.slice(extraSize)
    try reader.skip(commentSize)
    if flags & 1 != 0 {
      throw FileProblem(.unsupported, "its entry '\(name)' is encrypted.", path: reader.path)
    }
    var wide = ZipWideSizes(extra, path: reader.path)
    return Entry(
      name: name, size: try wide.value(size), packedSize: try wide.value(packedSize),
      method: method, checksum: checksum, offset: try wide.value(offset))
  }
}

/// The zip64 sizes of an entry: those that are all ones in the directory follow in an extra field.
private struct ZipWideSizes {
  private var field: ByteReader

  init(_ extra: ArraySlice<UInt8>, path: String) {
    var place = extra.startIndex
    var found = extra.startIndex..<extra.startIndex
    while place + 4 <= extra.endIndex {
      let kind = Int(extra[place]) | Int(extra[place + 1]) << 8
      let end = place + 4 + (Int(extra[place + 2]) | Int(extra[place + 3]) << 8)
      if kind == 1 && end <= extra.endIndex { found = place + 4..<end }
      place = end
    }
    field = ByteReader(Array(extra[found]), path: path, part: "a zip64 field")
  }

  mutating func value(_ narrow: UInt32) throws(FileProblem) -> Int {
    if narrow != .max { return Int(narrow) }
    let value = try field.integer(UInt64.self, .little)
    guard value <= UInt64(Int32.max) << 20 else {
      throw FileProblem(.malformed, "a zip64 size is impossible.", path: field.path)
    }
    return Int(value)
  }
}
