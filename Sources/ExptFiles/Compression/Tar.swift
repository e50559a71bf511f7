/// Reads chosen members of a tar archive, gzipped or not, without unpacking anything to disk.
///
/// Understands the ustar format with GNU and pax long names. Only plain files are returned; links,
/// folders and devices are skipped.
public enum Tar {
  public struct Member: Sendable, Hashable {
    public let name: String
    public let bytes: [UInt8]
  }

  /// The members whose names are wanted, in the archive's order. Those that are not wanted are
  /// skipped without being kept.
  ///
  /// - Parameter limit: the largest size of the archive, in bytes, and of what it unpacks to, members
  ///   that are not wanted included; 4 GiB by default.
  public static func read(
    _ path: String, limit: Int = 4 << 30, where isWanted: (String) -> Bool
  ) throws(FileProblem) -> [Member] {
    try parse(FileBytes.read(path, limit: limit), path: path, limit: limit, where: isWanted)
  }

  public static func parse(
    _ bytes: [UInt8], path: String, limit: Int = 4 << 30, where isWanted: (String) -> Bool
  ) throws(FileProblem) -> [Member] {
    var source = Source(bytes, path: path, limit: limit)
    var members: [Member] = []
    var longName: String?
    while true {
      guard let header = try Header(source.next(512), path: path) else { break }
      switch header.kind {
      case UInt8(ascii: "L"):
        let text = try source.content(header.size, limit: 1 << 16)
        longName = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
      case UInt8(ascii: "x"):
        longName = paxName(try source.content(header.size, limit: 1 << 20)) ?? longName
      case 0, UInt8(ascii: "0"):
        let name = longName ?? header.name
        longName = nil
        if isWanted(name) {
          members.append(Member(name: name, bytes: try source.content(header.size, limit: limit)))
        } else {
          try source.skip(header.size)
        }
      default:
        longName = nil
        try source.skip(header.size)
      }
    }
    try source.finish()
    return members
  }

  /// The value of `path` among records of the form `27 path=some/name\n`.
  private static func paxName(_ records: [UInt8]) -> String? {
    var rest = records[...]
    var name: String?
    while let space = rest.firstIndex(of: 0x20) {
      let size = Int(String(decoding: rest[..<space], as: UTF8.self)) ?? 0
      guard size > space - rest.startIndex + 1, size <= rest.count else { break }
      let record = rest[(space + 1)..<(rest.startIndex + size)].dropLast()
      if record.starts(with: "path=".utf8) {
        name = String(decoding: record.dropFirst(5), as: UTF8.self)
      }
      rest = rest.dropFirst(size)
    }
    return name
  }

  private struct Header {
    let name: String
    let size: Int
    let kind: UInt8

    /// Nil for the block of zeros that ends an archive, and at the end of the file.
    init?(_ block: [UInt8], path: String) throws(FileProblem) {
      if block.allSatisfy({ $0 == 0 }) { return nil }
      let sum = block.reduce(0) { $0 + Int($1) }
      let field = block.count == 512 ? block[148..<156].reduce(0) { $0 + Int($1) } : 0
      let stored = block.count == 512 ? Self.octal(block[148..<156]) : nil
      // The checksum counts its own field as eight spaces.
      guard let stored, stored == sum - field + 256 else {
        throw FileProblem(.malformed, "this is not a tar archive, or it is damaged.", path: path)
      }
      guard let size = Self.octal(block[124..<136]) else {
        throw FileProblem(.malformed, "a member of the archive has no valid size.", path: path)
      }
      let name = Self.text(block[0..<100])
      let isUstar = block[257...].starts(with: "ustar".utf8)
      // GNU tar uses the prefix field for other things.
      let prefix =
        isUstar && block[262] == 0 ? Self.text(block[345..<500]) : ""
      self.name = prefix.isEmpty ? name : prefix + "/" + name
      self.size = size
      kind = block[156]
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
      String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
      let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
      guard !digits.isEmpty, digits.allSatisfy({ (48...55).contains($0) }) else { return nil }
      return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
  }

  /// The archive's bytes, unpacked on the way where it is gzipped.
  private struct Source {
    let path: String
    private let gzip: GzipReader?
    private var plain: ByteReader
    /// How many more bytes are accepted.
    private var left: Int

    init(_ bytes: [UInt8], path: String, limit: Int) {
      self.path = path
      gzip = Gzip.isGzip(bytes) ? GzipReader(bytes, path: path) : nil
      plain = ByteReader(bytes, path: path, part: "the archive")
      left = limit
    }

    mutating func next(_ count: Int) throws(FileProblem) -> [UInt8] {
      let bytes =
        if let gzip { try gzip.read(upTo: count) } else {
          Array(try plain.slice(min(count, plain.remaining)))
        }
      guard bytes.count <= left else {
        throw FileProblem(.tooLarge, "the archive unpacks to more than the limit.", path: path)
      }
      left -= bytes.count
      return bytes
    }

    /// A member's bytes and the padding to the next block.
    mutating func content(_ size: Int, limit: Int) throws(FileProblem) -> [UInt8] {
      guard size <= min(limit, left) else {
        throw FileProblem(
          .tooLarge,
          "a member is \(size) bytes, and at most \(min(limit, left)) are accepted.", path: path)
      }
      let most = gzip?.mostRemaining ?? plain.remaining
      let bytes = size <= most ? try next(size) : []
      guard bytes.count == size else {
        throw FileProblem(.truncated, "a member ends too early; get the file again.", path: path)
      }
      _ = try next((512 - size % 512) % 512)
      return bytes
    }

    /// Reads on to the end, where gzip keeps its checksum.
    mutating func finish() throws(FileProblem) {
      if gzip == nil { return }
      while try !next(1 << 20).isEmpty {}
    }

    mutating func skip(_ size: Int) throws(FileProblem) {
      guard var left = checkedSum([size, (512 - size % 512) % 512]) else {
        throw FileProblem(.malformed, "a member has no valid size.", path: path)
      }
      while left > 0 {
        let count = try next(min(left, 1 << 20)).count
        if count == 0 {
          throw FileProblem(.truncated, "a member ends too early; get the file again.", path: path)
        }
        left -= count
      }
    }
  }
}
