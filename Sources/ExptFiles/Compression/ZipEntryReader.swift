/// An entry of a zip archive, unpacked a piece at a time and checked at its end.
final class ZipEntryReader {
  private let entry: ZipReader.Entry
  private let path: String
  private let packed: ArraySlice<UInt8>
  /// Nil for an entry that is only stored.
  private let inflater: Inflater?
  private var position = 0
  private var checksum: UInt32 = 0

  init(
    _ entry: ZipReader.Entry, _ packed: ArraySlice<UInt8>, of archive: [UInt8], path: String
  ) {
    (self.entry, self.packed, self.path) = (entry, packed, path)
    inflater =
      entry.method == 0
      ? nil : Inflater(archive, from: packed.startIndex, to: packed.endIndex, .raw)
  }

  /// The next bytes.
  ///
  /// - Throws: `unsupported` for other compression than deflating; `checksum` if there are not so many.
  func read(_ count: Int) throws(FileProblem) -> [UInt8] {
    guard entry.method == 0 || entry.method == 8 else {
      throw problem(
        .unsupported, "is compressed by method \(entry.method), which is not supported")
    }
    let piece: [UInt8]
    if let inflater {
      piece = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        let room = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
        filled = inflater.read(into: room).count
      }
    } else {
      piece = Array(packed.dropFirst(position).prefix(count))
    }
    guard piece.count == count else { throw damaged }
    position += count
    checksum = Zlib.crc32(piece[...], from: checksum)
    return piece
  }

  /// - Throws: `checksum` if what was read, which must be all, is not what was packed.
  func finish() throws(FileProblem) {
    guard position == entry.size, checksum == entry.checksum else { throw damaged }
  }

  private var damaged: FileProblem {
    problem(.checksum, "is damaged: its checksum or its size is wrong")
  }

  private func problem(_ code: FileProblem.Code, _ what: String) -> FileProblem {
    FileProblem(code, "its entry '\(entry.name)' \(what).", path: path, offset: entry.offset)
  }
}
