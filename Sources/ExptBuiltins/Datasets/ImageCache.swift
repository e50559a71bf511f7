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
///
/// Pictures that take more memory than they may are decoded into the file a piece at a time, and stay there.
struct ImageCache: Sendable {
  let folder: String
  private let pictures: ImageFolder
  private let shape: Shape
  private let stamps: [FileStamp]
  /// When the stamps were taken.
  private let moment: Int64
  private let listKey: String
  /// How to read pictures that stay in the file; nil for those that are read into memory.
  private let streaming: Streaming?

  /// To be changed with what decoding or resizing makes of a file.
  private static let edition = 1
  /// Fewer pictures than this are not worth a file.
  static let leastCount = 100

  /// Nil if there is no folder to keep it in, or if the pictures are too few to be worth a file.
  ///
  /// - Parameter settings: All that the pixels depend on besides the files.
  init?(
    _ place: Images.Cache, of pictures: ImageFolder, _ shape: Shape, settings: String,
    streaming: Streaming?, _ environment: DataEnvironment
  ) {
    guard streaming != nil || pictures.files.count >= Self.leastCount else { return nil }
    switch place {
    case .none: return nil
    case .beside: folder = FilePath.join(pictures.path, ".expt-cache")
    case .home:
      guard let home = environment.cacheFolder else { return nil }
      folder = FilePath.join(home, "images")
    }
    moment = FileStamp.now
    let stamps = pictures.files.map { FileStamp($0.path) ?? .ofNone }
    (self.pictures, self.shape, self.stamps) = (pictures, shape, stamps)
    self.streaming = streaming
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
    guard let pixels = try? pixels(record.base + ".npy"), pixels.digest == record.pixels else {
      return nil
    }
    return DecodedImages(
      folder: pictures, shape: shape, pixels: pixels.pixels, findings: record.findings,
      digests: record.digests)
  }

  /// What a file of decoded pictures holds, and its XXH64.
  private func pixels(
    _ path: String
  ) throws(FileProblem) -> (pixels: ImageSet.Pixels, digest: UInt64) {
    guard let streaming else {
      let array = try NPYArray.read(path, limit: .max)
      try check(array.type, array.shape, path)
      return (.bytes(array.bytes), XXH64.number(of: array.bytes))
    }
    let file = try NPYFile(path)
    try check(file.type, file.shape, path)
    var digest = XXH64()
    for part in streaming.pieces(pictures.files.count, imageBytes: shape.count) {
      digest.update(try file.rows(part).bytes)
    }
    return (stored(file, streaming), digest.number)
  }

  private func check(
    _ type: NPYArray.ElementType, _ shape: [Int], _ path: String
  ) throws(FileProblem) {
    guard type == .u8, shape == arrayShape else {
      throw FileProblem(.malformed, "these are not the decoded pictures.", path: path)
    }
  }

  private func stored(_ file: NPYFile, _ streaming: Streaming) -> ImageSet.Pixels {
    .stored(streaming.stored(ArraySource(file, .levels, image: shape, isChannelsLast: false)))
  }

  private var arrayShape: [Int] { [pictures.files.count] + shape.dimensions }

  func keep(_ pictures: DecodedImages) throws(FileProblem) {
    guard case .bytes(let bytes) = pictures.pixels else { return }
    let writer = try writer()
    try writer.append(bytes)
    let base = base(pictures)
    try writer.commit(as: base + ".npy")
    try record(pictures, base, XXH64.number(of: bytes)).write()
  }

  /// Decodes pictures into the file a piece at a time.
  ///
  /// - Throws: What went wrong with the file; `stopped` if the user asked to stop.
  func keep(_ decoding: ImageDecoding, _ streaming: Streaming) throws(DataProblem) -> DecodedImages
  {
    let writer = try DataProblem.translating(writer)
    var digest = XXH64()
    for part in streaming.pieces(pictures.files.count, imageBytes: shape.count) {
      let piece = try decoding.decode(part)
      digest.update(piece)
      try DataProblem.translating { () throws(FileProblem) in try writer.append(piece) }
    }
    let base = base(decoding.pictures(.bytes([])))
    return try DataProblem.translating { () throws(FileProblem) in
      try writer.commit(as: base + ".npy")
      let pictures = decoding.pictures(stored(try NPYFile(base + ".npy"), streaming))
      if pictures.areWorthKeeping {
        try record(pictures, base, digest.number).write()
      } else {
        try FilePath.remove(base + ".npy")  // it is held open, and goes with the run
      }
      return pictures
    }
  }

  /// Of a file of pixels, its header written.
  private func writer() throws(FileProblem) -> AtomicFileWriter {
    try ExclusiveFolder.makeAll(folder)
    try? AtomicFile.removeLeftovers(in: folder)
    let writer = try AtomicFileWriter(FilePath.join(folder, "\(listKey).npy"))
    try writer.append(NPYArray.header(.u8, arrayShape))
    return writer
  }

  /// The path of pictures without an ending.
  private func base(_ pictures: DecodedImages) -> String {
    FilePath.join(folder, "\(listKey)-\(ImageCacheRecord.key(of: pictures.digests))")
  }

  private func record(
    _ pictures: DecodedImages, _ base: String, _ pixels: UInt64
  ) -> ImageCacheRecord {
    ImageCacheRecord(
      base: base, moment: moment, stamps: stamps, digests: pictures.digests, pixels: pixels,
      findings: pictures.findings)
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

extension FileStamp {
  /// The stamp of a picture whose file is not there.
  fileprivate static let ofNone = FileStamp(size: 0, modified: 0, changed: 0, inode: 0, device: 0)
}
