import ExptFiles

/// Images and labels of CIFAR-10's binary version.
///
///     let batch = try CIFAR10Batches.readBatch("cifar-10-batches-bin/data_batch_1.bin")  // 10,000 images
///
/// A record is a label byte and 3,072 bytes: 32 × 32 red, then green, then blue.
/// Source: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
struct CIFAR10Batches: Sendable, Hashable {
  /// 0…9.
  var labels: [UInt8]
  /// Shape [labels.count, 3, 32, 32].
  var images: [UInt8]

  static let trainingFiles = (1...5).map { "data_batch_\($0).bin" }
  static let testFiles = ["test_batch.bin"]
  static let labelNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  static func readBatch(
    _ path: String, limit: Int = 1 << 30
  ) throws(FileProblem) -> CIFAR10Batches {
    try parse(FileBytes.read(path, limit: limit), path: path)
  }

  /// Several batches one after another, from files in a folder.
  static func read(_ files: [String], in folder: String) throws(FileProblem) -> CIFAR10Batches {
    var all = CIFAR10Batches(labels: [], images: [])
    for file in files { all.append(try readBatch(FilePath.join(folder, file))) }
    return all
  }

  /// Several batches one after another, from `cifar-10-binary.tar.gz` as it is distributed.
  static func read(_ files: [String], inArchive path: String) throws(FileProblem) -> CIFAR10Batches
  {
    var all = CIFAR10Batches(labels: [], images: [])
    for member in try members(files, ofArchive: path) {
      all.append(try parse(member.bytes, path: "\(path)(\(member.name))"))
    }
    return all
  }

  /// The files' bytes in the archive, in the order asked for. Its six batches are 184 MB; an archive
  /// that unpacks to more than 1 GiB is refused.
  static func members(
    _ files: [String], ofArchive path: String
  ) throws(FileProblem) -> [Tar.Member] {
    let members = try Tar.read(path, limit: 1 << 30) { files.contains(FilePath.name(of: $0)) }
    return try files.map { file throws(FileProblem) in
      guard let member = members.first(where: { FilePath.name(of: $0.name) == file }) else {
        throw FileProblem(.missing, "the archive does not hold '\(file)'.", path: path)
      }
      return member
    }
  }

  static func parse(_ bytes: [UInt8], path: String) throws(FileProblem) -> CIFAR10Batches {
    let size = 3073
    guard !bytes.isEmpty, bytes.count % size == 0 else {
      throw FileProblem(
        .truncated,
        "is \(bytes.count) bytes long, which is not a whole number of CIFAR-10 records "
          + "(\(size) bytes each); get the file again.", path: path)
    }
    var batch = CIFAR10Batches(labels: [], images: [])
    batch.images.reserveCapacity(bytes.count)
    for start in stride(from: 0, to: bytes.count, by: size) {
      guard bytes[start] <= 9 else {
        throw FileProblem(
          .malformed, "holds the label \(bytes[start]); CIFAR-10 has 0 to 9.", path: path,
          offset: start)
      }
      batch.labels.append(bytes[start])
      batch.images += bytes[start + 1..<start + size]
    }
    return batch
  }

  mutating func append(_ other: CIFAR10Batches) {
    labels += other.labels
    images += other.images
  }
}
