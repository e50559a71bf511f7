extension Safetensors {
  /// Where the digest stands in the metadata.
  static let digestKey = "expt.xxh64"

  /// The same file with a digest of all it holds, which `parse` checks: one bit that a disk or a
  /// copy loses is found. A file without one, as other programs write it, is not checked.
  public var sealed: Safetensors {
    var file = self
    file.metadata[Self.digestKey] = digest
    return file
  }

  /// - Throws: `checksum`.
  func checkDigest(path: String) throws(FileProblem) {
    guard let expected = metadata[Self.digestKey], expected != digest else { return }
    throw FileProblem(
      .checksum,
      "its content does not match its digest: it was damaged after it was written. (If you changed it "
        + "on purpose, leave '\(Self.digestKey)' out of its metadata.)", path: path)
  }

  /// XXH64 over names, types, shapes and values in the order of names, and over the metadata: not
  /// over how they lie in the file.
  private var digest: String {
    var digest = XXH64()
    for (key, text) in metadata.sorted(by: { $0.key < $1.key }) where key != Self.digestKey {
      digest.update(Array("\(key.utf8.count) \(text.utf8.count) \(key)\(text)".utf8))
    }
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      let facts = "\(tensor.name.utf8.count) \(tensor.name) \(tensor.type.rawValue) \(tensor.shape)"
      digest.update(Array(facts.utf8))
      tensor.withBytes { digest.update($0) }
    }
    return digest.hex
  }
}
