/// Several NumPy arrays with names in one zip archive, as `numpy.savez` writes and `numpy.load` reads.
///
///     try NPZ.write([("latents", latents), ("labels", labels)], to: "codes.npz")
public enum NPZ {
  /// - Parameter compressed: deflates, like `numpy.savez_compressed`. The default is not to: the
  ///   bytes are then the same everywhere.
  public static func write(
    _ arrays: [(name: String, array: NPYArray)], to path: String, compressed: Bool = false
  ) throws(FileProblem) {
    try AtomicFile.write(bytes(of: arrays, path: path, compressed: compressed), to: path)
  }

  public static func bytes(
    of arrays: [(name: String, array: NPYArray)], path: String, compressed: Bool = false
  ) throws(FileProblem) -> [UInt8] {
    var zip = ZipWriter(path: path)
    for (name, array) in arrays {
      try zip.add(name + ".npy", array.fileBytes, deflated: compressed)
    }
    return zip.finish()
  }

  /// The arrays in the archive's order.
  ///
  /// - Parameter limit: the largest size accepted for the file and, in total, for what it unpacks
  ///   to; in bytes, 4 GiB by default.
  public static func read(
    _ path: String, limit: Int = 4 << 30
  ) throws(FileProblem) -> [(name: String, array: NPYArray)] {
    try parse(FileBytes.read(path, limit: limit), path: path, limit: limit)
  }

  public static func parse(
    _ bytes: [UInt8], path: String, limit: Int = 4 << 30
  ) throws(FileProblem) -> [(name: String, array: NPYArray)] {
    let zip = try ZipReader(bytes, path: path)
    var left = limit
    var arrays: [(name: String, array: NPYArray)] = []
    for entry in zip.entries where entry.name.hasSuffix(".npy") {
      let content = try zip.extract(entry, limit: left)
      left -= content.count
      let array = try NPYArray.parse(content, path: "\(path)(\(entry.name))")
      arrays.append((String(entry.name.dropLast(4)), array))
    }
    return arrays
  }
}
