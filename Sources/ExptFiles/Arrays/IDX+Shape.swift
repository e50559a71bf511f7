extension IDX {
  /// The sizes that a file's header states, gzipped or not, without unpacking its values. Whether
  /// the values are there is not looked at.
  public static func readShape(_ path: String, limit: Int = 4 << 30) throws(FileProblem) -> [Int] {
    let bytes = try FileBytes.readFirst(path, count: 1 << 16)
    let start =
      Gzip.isGzip(bytes)
      ? try GzipReader(bytes, path: path).read(upTo: 4 + 4 * 255) : Array(bytes.prefix(4 + 4 * 255))
    var reader = ByteReader(start, path: path, part: "the IDX header")
    let header = try readHeader(&reader)
    _ = try checkedCount(header, path: path, limit: limit)
    return header.shape
  }
}
