extension Safetensors {
  /// The file's bytes.
  public var bytes: [UInt8] {
    let ordered = inFileOrder
    return ordered.reduce(into: header(of: ordered)) { $0 += $1.bytes }
  }

  /// Writes the file, complete or not at all.
  public func write(to path: String) throws(FileProblem) {
    let ordered = inFileOrder
    let writer = try AtomicFileWriter(path)
    try writer.append(header(of: ordered))
    for tensor in ordered { try tensor.append(to: writer) }
    try writer.commit()
  }

  /// Wide elements first, so that each is aligned to its size; then by name. The reference
  /// implementation does the same.
  private var inFileOrder: [Tensor] {
    tensors.sorted { a, b in
      a.type.size != b.type.size
        ? a.type.size > b.type.size : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
  }

  /// The length of the JSON text in eight bytes, then the text, padded with spaces to a multiple of
  /// eight.
  private func header(of ordered: [Tensor]) -> [UInt8] {
    var object = JSONObject()
    if !metadata.isEmpty {
      var entries = JSONObject()
      let keys = metadata.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      for key in keys { entries[key] = metadata[key].map { .string($0) } }
      object[Self.metadataKey] = .object(entries)
    }
    var offset = 0
    for tensor in ordered {
      object[tensor.name] = [
        "dtype": .string(tensor.type.rawValue),
        "shape": .array(tensor.shape.map { JSONValue($0) }),
        "data_offsets": .array([JSONValue(offset), JSONValue(offset + tensor.byteCount)]),
      ]
      offset += tensor.byteCount
    }
    var text = Array(JSONValue.object(object).compact.utf8)
    while text.count % 8 != 0 { text.append(0x20) }
    return LittleEndian.bytes([UInt64(text.count)]) + text
  }
}
