import ExptFiles

extension CIFAR10Batches {
  /// The Python version's name of a batch: `data_batch_1` for `data_batch_1.bin`.
  static func pythonName(_ file: String) -> String {
    file.hasSuffix(".bin") ? String(file.dropLast(4)) : file
  }

  /// Several batches of the Python version one after another, by the binary version's names.
  static func readPython(
    _ files: [String], in folder: String
  ) throws(FileProblem) -> CIFAR10Batches {
    var all = CIFAR10Batches(labels: [], images: [])
    for file in files {
      let path = FilePath.join(folder, pythonName(file))
      all.append(try parsePython(FileBytes.read(path, limit: 1 << 30), path: path))
    }
    return all
  }

  /// A batch as a pickled dictionary: `data`, a NumPy array of bytes [n, 3072], and `labels`, a list
  /// of n numbers. Nothing in the pickle is run.
  static func parsePython(_ bytes: [UInt8], path: String) throws(FileProblem) -> CIFAR10Batches {
    let batch = try Pickle.parse(bytes, path: path)
    guard let images = batch["data"].flatMap(array), let labels = batch["labels"]?.list,
      labels.count * 3072 == images.count, !labels.isEmpty
    else {
      throw FileProblem(
        .malformed,
        "this is not a batch of CIFAR-10's Python version, a dictionary of 'data' [n, 3072] and "
          + "'labels' [n].", path: path)
    }
    let classes = labels.map { $0.int.flatMap { (0...9).contains($0) ? UInt8($0) : nil } }
    guard !classes.contains(nil) else {
      throw FileProblem(.malformed, "holds a label that is not from 0 to 9.", path: path)
    }
    return CIFAR10Batches(labels: classes.compactMap { $0 }, images: Array(images))
  }

  /// The bytes of a pickled NumPy array [n, 3072] of bytes: its state is (version, shape, type, is
  /// Fortran-ordered, bytes).
  private static func array(_ value: Pickle.Value) -> ArraySlice<UInt8>? {
    guard case .made(.name(let function), _, let state?) = value,
      function.hasSuffix("multiarray _reconstruct"), let parts = state.list, parts.count == 5,
      let shape = parts[1].list?.map(\.int), shape.count == 2, shape[1] == 3072,
      case .made(_, let type, _) = parts[2], type.list?.first?.text == "u1",
      parts[3].int == 0, case .bytes(let bytes) = parts[4],
      checkedProduct(shape.compactMap { $0 }) == bytes.count
    else { return nil }
    return bytes
  }
}
