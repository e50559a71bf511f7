import ExptFiles

/// All files below a folder with their bytes.
func contents(of folder: String) throws -> [String: [UInt8]] {
  var found: [String: [UInt8]] = [:]
  for name in try FilePath.names(in: folder) {
    let path = FilePath.join(folder, name)
    if FilePath.isFolder(path) {
      for (inner, bytes) in try contents(of: path) { found[name + "/" + inner] = bytes }
    } else {
      found[name] = try FileBytes.read(path)
    }
  }
  return found
}

/// The names of the files that are not the same on both sides.
func differences(_ a: [String: [UInt8]], _ b: [String: [UInt8]]) -> [String] {
  Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }.sorted()
}
