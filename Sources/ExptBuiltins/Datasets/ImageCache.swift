import ExptComponents
import ExptFiles
import ExptTensor
import Synchronization

/// Decoded pictures kept from run to run: `<key>.npy`, of shape [files, channels, height, width], beside
/// `<key>.files.npy` and `<key>.json`, which say what they were made of.
///
/// The key's first half is a digest of the settings and of the files' names and sizes, its second of
/// their contents. Contents are read again unless every file has the stamp, settled, that it had
/// when they were last read: so the pixels are always those of the files. Files appear whole
/// and the record last, so that processes do not disturb one another; a damaged one counts as none.
struct ImageCache: Sendable {
  let folder: String
  private let pictures: ImageFolder
  private let shape: Shape
  private let stamps: [FileStamp]
  /// When the stamps were taken.
  private let moment: Int64
  private let listKey: String

  /// To be changed with what decoding or resizing makes of a file.
  private static let edition = 1
  /// Fewer pictures than this are not worth a file.
  static let leastCount = 100

  /// Nil where there is no place for it, where it would not pay, or where a picture is missing.
  ///
  /// - Parameter settings: All that the pixels depend on besides the files.
  init?(
    _ place: Images.Cache, of pictures: ImageFolder, _ shape: Shape, settings: String,
    _ environment: DataEnvironment
  ) {
    guard pictures.files.count >= Self.leastCount else { return nil }
    switch place {
    case .none: return nil
    case .beside: folder = FilePath.join(pictures.path, ".expt-cache")
    case .home:
      guard let home = environment.cacheFolder else { return nil }
      folder = FilePath.join(home, "images")
    }
    moment = FileStamp.now
    let stamps = pictures.files.compactMap { FileStamp($0.path) }
    guard stamps.count == pictures.files.count else { return nil }
    (self.pictures, self.shape, self.stamps) = (pictures, shape, stamps)
    var digest = SHA256()
    digest.update(Array("expt images \(Self.edition)\n\(settings)\n\(shape)\n".utf8))
    for (file, stamp) in zip(pictures.files, stamps) {
      digest.update(Array("\(file.name)\u{0}\(stamp.size)\n".utf8))
    }
    listKey = String(digest.hex.prefix(32))
  }

  /// The pictures, if they are kept and are those of the files.
  func find(_ environment: DataEnvironment) -> DecodedImages? {
    let names = ((try? FilePath.names(in: folder)) ?? []).filter {
      $0.hasPrefix(listKey) && $0.hasSuffix(".json")
    }
    let records = names.compactMap {
      try? ImageCacheRecord(FilePath.join(folder, String($0.dropLast(5))), pictures)
    }
    if let same = records.first(where: { $0.isCurrent(stamps) }) { return loaded(same) }
    guard !records.isEmpty, let digests = digests(environment) else { return nil }
    guard var record = records.first(where: { $0.digests == digests }),
      let pictures = loaded(record)
    else { return nil }
    (record.stamps, record.moment) = (stamps, moment)
    try? record.write()  // a place that cannot be written to costs time, and nothing else
    return pictures
  }

  private func loaded(_ record: ImageCacheRecord) -> DecodedImages? {
    guard let array = try? NPYArray.read(record.base + ".npy", limit: .max), array.type == .u8,
      array.shape == [pictures.files.count] + shape.dimensions,
      XXH64.number(of: array.bytes) == record.pixels
    else { return nil }
    return DecodedImages(
      folder: pictures, shape: shape, bytes: array.bytes, findings: record.findings,
      digests: record.digests)
  }

  func keep(_ pictures: DecodedImages) throws(FileProblem) {
    try ExclusiveFolder.makeAll(folder)
    try? AtomicFile.removeLeftovers(in: folder)
    let base = FilePath.join(folder, "\(listKey)-\(ImageCacheRecord.key(of: pictures.digests))")
    let writer = try AtomicFileWriter(base + ".npy")
    try writer.append(NPYArray.header(.u8, [pictures.folder.files.count] + shape.dimensions))
    try writer.append(pictures.bytes)
    try writer.commit()
    let record = ImageCacheRecord(
      base: base, moment: moment, stamps: stamps, digests: pictures.digests,
      pixels: XXH64.number(of: pictures.bytes), findings: pictures.findings)
    try record.write()
  }

  /// XXH64 of each file; nil if one cannot be read.
  private func digests(_ environment: DataEnvironment) -> [UInt64]? {
    let files = pictures.files
    let found = Mutex([UInt64?](repeating: nil, count: files.count))
    ThreadPool.run(files.count, on: environment.pool) { index in
      guard !environment.isStopped(), let bytes = try? FileBytes.read(files[index].path) else {
        return
      }
      let digest = XXH64.number(of: bytes)
      found.withLock { $0[index] = digest }
    }
    let digests = found.withLock { $0 }.compactMap(\.self)
    return digests.count == files.count ? digests : nil
  }
}
