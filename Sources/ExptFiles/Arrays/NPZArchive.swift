/// The arrays of an `.npz` archive, each unpacked when it is asked for: an array that nobody asks for
/// may be of any type, or damaged.
///
///     let archive = try NPZArchive("images.npz")
///     let images = try archive.array("images")
public struct NPZArchive: Sendable {
  public let path: String
  /// The arrays' names in the archive's order.
  public var names: [String] { entries.map(\.name) }
  private let zip: ZipReader
  private let entries: [(name: String, entry: ZipReader.Entry)]
  private let limit: Int

  /// - Parameter limit: the largest size accepted for the file and for each array; in bytes, 4 GiB
  ///   by default.
  public init(_ path: String, limit: Int = 4 << 30) throws(FileProblem) {
    self.path = path
    self.limit = limit
    zip = try ZipReader(FileBytes.read(path, limit: limit), path: path)
    entries = zip.entries.filter { $0.name.hasSuffix(".npy") }.map {
      (String($0.name.dropLast(4)), $0)
    }
  }

  /// What messages call an array: `images.npz(labels.npy)`.
  public func title(_ name: String) -> String { "\(path)(\(name).npy)" }

  /// The array of a name; nil if there is none.
  ///
  /// - Throws: `unsupported` for objects, text, dates and the like; what is wrong with the file.
  public func array(_ name: String) throws(FileProblem) -> NPYArray? {
    guard let entry = entry(name) else { return nil }
    return try NPYArray.parse(zip.extract(entry, limit: limit), path: title(name))
  }

  /// The shape of an array, without unpacking it whole; nil if there is none of the name.
  public func shape(_ name: String) throws(FileProblem) -> [Int]? {
    guard let entry = entry(name) else { return nil }
    return try NPYArray.shape(
      ofStart: zip.start(of: entry, count: min(entry.size, NPYArray.headerLimit)),
      path: title(name))
  }

  /// Each array with its shape, or with what is in it that is not read: `x [60, 8, 8], tags (text)`.
  public var content: String {
    names.map { name in
      guard let entry = entry(name), let header = header(entry, name) else {
        return "\(name) (damaged)"
      }
      return header.type == nil ? "\(name) (\(header.kind))" : "\(name) \(header.shape)"
    }.joined(separator: ", ")
  }

  /// Reads an array some rows at a time, for one that would take too much memory whole.
  ///
  /// - Parameters:
  ///   - rows: How many at a time; the last time there may be fewer.
  ///   - body: Gets them one after another, [rows, …].
  /// - Returns: False if there is no array of the name.
  public func read(
    _ name: String, rows: Int, _ body: (NPYArray) throws(FileProblem) -> Void
  ) throws(FileProblem) -> Bool {
    guard let entry = entry(name) else { return false }
    let title = title(name)
    let start = try zip.start(of: entry, count: min(entry.size, NPYArray.headerLimit))
    var bytes = ByteReader(start, path: title, part: "the .npy header")
    let header = try NPYArray.readHeader(&bytes)
    let type = try header.supportedType(path: title)
    guard let size = checkedProduct(header.shape + [type.size]),
      size == entry.size - bytes.position, !header.isBigEndian || type.size == 1,
      !header.isFortran, let count = header.shape.first, count > 0, size > 0
    else {
      throw FileProblem(
        .malformed,
        "its header declares an array of shape \(header.shape), which is not what follows.",
        path: title)
    }
    let reader = try zip.open(entry)
    _ = try reader.read(bytes.position)
    for first in stride(from: 0, to: count, by: max(1, rows)) {
      let part = min(max(1, rows), count - first)
      try body(
        NPYArray(
          type: type, shape: [part] + header.shape.dropFirst(),
          bytes: try reader.read(size / count * part)))
    }
    try reader.finish()
    return true
  }

  private func header(_ entry: ZipReader.Entry, _ name: String) -> NPYHeader? {
    guard let start = try? zip.start(of: entry, count: min(entry.size, NPYArray.headerLimit))
    else { return nil }
    var reader = ByteReader(start, path: title(name), part: "the .npy header")
    return try? NPYArray.readHeader(&reader)
  }

  private func entry(_ name: String) -> ZipReader.Entry? {
    entries.first { $0.name == name }?.entry
  }
}
