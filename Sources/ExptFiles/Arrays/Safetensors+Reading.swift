extension Safetensors {
  /// The largest header accepted, in bytes: the reference implementation's limit.
  static let mostHeader = 100_000_000

  /// Reads a file.
  ///
  /// - Parameter limit: the largest size accepted, in bytes; the default is 16 GiB.
  /// - Throws: `truncated`, `malformed` (also for offsets that overlap, leave gaps or lie),
  ///   `unsupported` (an element type that is not known), `checksum` (a digest that does not fit),
  ///   and what reading files throws.
  public static func read(_ path: String, limit: Int = 16 << 30) throws(FileProblem) -> Safetensors
  {
    try parse(FileBytes.read(path, limit: limit), path: path)
  }

  public static func parse(_ bytes: [UInt8], path: String) throws(FileProblem) -> Safetensors {
    let (header, start) = try header(of: bytes, path: path)
    var file = Safetensors()
    var entries: [Entry] = []
    for member in header.members {
      if member.key == metadataKey {
        file.metadata = try readMetadata(member.value, path: path)
      } else {
        entries.append(try Entry(member.key, member.value, dataSize: bytes.count - start, path))
      }
    }
    try checkCover(entries, dataSize: bytes.count - start, path: path)
    for entry in entries {
      let content = Array(bytes[start + entry.begin..<start + entry.end])
      file.add(
        Tensor(name: entry.name, type: entry.type, shape: entry.shape, bytes: content))
    }
    try file.checkDigest(path: path)
    return file
  }

  /// The JSON header and where the data begin.
  private static func header(
    of bytes: [UInt8], path: String
  ) throws(FileProblem) -> (JSONObject, start: Int) {
    var reader = ByteReader(bytes, path: path, part: "the safetensors header")
    let claimed = try reader.integer(UInt64.self, .little)
    guard claimed <= UInt64(mostHeader) else {
      throw FileProblem(
        .malformed,
        "this is not a safetensors file: its header would be \(claimed) bytes long, and at most "
          + "\(mostHeader) are allowed.", path: path, offset: 0)
    }
    let text = try reader.slice(Int(claimed))
    guard text.first == UInt8(ascii: "{"),
      case .object(let object) = try JSONValue.parse(text, path: path)
    else {
      throw FileProblem(
        .malformed, "this is not a safetensors file: its header is not a JSON object.", path: path,
        offset: 8)
    }
    return (object, reader.position)
  }

  private static func readMetadata(
    _ value: JSONValue, path: String
  ) throws(FileProblem) -> [String: String] {
    var metadata: [String: String] = [:]
    for member in value.object?.members ?? [] { metadata[member.key] = member.value.string }
    guard let object = value.object, metadata.count == object.members.count else {
      throw FileProblem(
        .malformed, "its __metadata__ is not a mapping from text to text.", path: path)
    }
    return metadata
  }

  /// One tensor of the header, checked on its own.
  private struct Entry {
    let name: String
    let type: ElementType
    let shape: [Int]
    let begin: Int
    let end: Int

    init(_ name: String, _ value: JSONValue, dataSize: Int, _ path: String) throws(FileProblem) {
      func problem(_ code: FileProblem.Code, _ what: String) -> FileProblem {
        FileProblem(code, "the tensor '\(name)' \(what).", path: path)
      }
      guard let typeName = value["dtype"]?.string else { throw problem(.malformed, "has no dtype") }
      guard let type = ElementType(rawValue: typeName) else {
        throw problem(.unsupported, "has elements of type '\(typeName)', which is not supported")
      }
      let sizes = value["shape"]?.array?.map(\.int)
      guard let sizes, !sizes.contains(nil) else {
        throw problem(.malformed, "has no valid shape")
      }
      let shape = sizes.compactMap { $0 }
      guard let size = checkedProduct(shape + [type.size]) else {
        throw problem(.malformed, "has the impossible shape \(shape)")
      }
      let offsets = value["data_offsets"]?.array?.compactMap(\.int) ?? []
      guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1] else {
        throw problem(.malformed, "has no valid data_offsets")
      }
      guard offsets[1] <= dataSize else {
        throw problem(
          .truncated, "ends at byte \(offsets[1]) of the data, and there are only \(dataSize)")
      }
      guard offsets[1] - offsets[0] == size else {
        throw problem(
          .malformed,
          "has shape \(shape), which takes \(size) bytes, but \(offsets[1] - offsets[0]) are given")
      }
      (self.name, self.type, self.shape) = (name, type, shape)
      (begin, end) = (offsets[0], offsets[1])
    }
  }

  /// The tensors must lie one after another and fill the data: no overlap, no gap.
  private static func checkCover(
    _ entries: [Entry], dataSize: Int, path: String
  ) throws(FileProblem) {
    var place = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard entry.begin == place else {
        let what = entry.begin < place ? "overlaps the one before" : "leaves a gap before it"
        throw FileProblem(.malformed, "the tensor '\(entry.name)' \(what).", path: path)
      }
      place = entry.end
    }
    guard place == dataSize else {
      throw FileProblem(
        .malformed, "\(dataSize - place) bytes at its end belong to no tensor.", path: path)
    }
  }
}
