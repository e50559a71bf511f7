import ExptBuiltins
import ExptComponents
import ExptData
import ExptFiles
import ExptTensor
import ExptTestSupport
import Foundation
import Synchronization
import Testing

@Suite("Decoded pictures that are kept")
struct ImageCacheTests {
  private let folder = TemporaryFolder()
  private static let count = 120

  private func write(_ number: Int, _ value: UInt8, oddly: Bool = false) throws {
    let image = Image8(width: 2, height: 2, channels: 1, samples: [value, 1, 2, UInt8(number)])
    let bytes = PNG.bytes(of: image, compressed: false)
    try folder.write(oddly ? bytes.dropLast(12) : bytes, to: "pictures/\(1000 + number).png")
  }

  private func furnish() throws {
    for number in 0..<Self.count { try write(number, UInt8(number)) }
    try age()
  }

  /// Makes the files look as if they had lain there for long. Their stamps cannot be set back, so the
  /// time is waited for.
  private func age() throws { Thread.sleep(forTimeInterval: 2.1) }

  private func dataset() -> Images {
    var dataset = Images()
    dataset.path = "pictures"
    dataset.heldOut.mix = false
    return dataset
  }

  /// What is loaded, and whether it had to be decoded.
  private func load(
    _ dataset: Images? = nil, from cache: String? = nil
  ) throws -> (data: LoadedData, decodes: Bool) {
    var environment = DataEnvironment.offline(folder)
    environment.cacheFolder = cache ?? folder.file("cache")
    environment.pool = ThreadPool(threads: 2)
    let decoded = Mutex(false)
    let last = Mutex(0)
    environment.progress = { progress in
      decoded.withLock { $0 = true }
      last.withLock { $0 = progress.done }
    }
    let data = try (dataset ?? self.dataset()).load(environment)
    let decodes = decoded.withLock { $0 }
    #expect(last.withLock { $0 } == (decodes ? Self.count : 0))
    return (data, decodes)
  }

  private func kept(_ ending: String = "") throws -> [String] {
    let place = folder.file("cache/images")
    return try FilePath.names(in: place).filter { $0.hasSuffix(ending) }.map { "\(place)/\($0)" }
  }

  @Test func `are read instead of the files, and are the same`() throws {
    try furnish()
    let first = try load()
    #expect(first.decodes)
    let second = try load()
    #expect(!second.decodes)
    #expect(first.data.train.bytes == second.data.train.bytes)
    #expect(second.data.train.bytes?[4 * 7] == 7)
    // An array that NumPy could map: its header is a multiple of 64 bytes.
    let pixels = try #require(try kept(".npy").first { !$0.hasSuffix(".files.npy") })
    #expect(try FileBytes.size(of: pixels) == 128 + Self.count * 4)
    #expect(try NPYArray.read(pixels).shape == [Self.count, 1, 2, 2])
  }

  @Test func `are never those of other files, names or settings`() throws {
    try furnish()
    _ = try load()
    // Another content of the same size, and then the old one again.
    try write(5, 250)
    let changed = try load()
    #expect(changed.decodes && changed.data.train.bytes?[4 * 5] == 250)
    try write(5, 5)
    let back = try load()
    #expect(!back.decodes && back.data.train.bytes?[4 * 5] == 5)
    // The same files under other names.
    try FileManager.default.moveItem(
      atPath: folder.file("pictures/1000.png"), toPath: folder.file("pictures/2000.png"))
    let renamed = try load()
    #expect(renamed.decodes && renamed.data.train.bytes?.suffix(4) == [0, 1, 2, 0])
    var other = dataset()
    other.size = 1
    #expect(try load(other).decodes)
    other.resize = .bilinear
    #expect(try load(other).decodes)
    other.channels = .rgb
    #expect(try load(other).data.train.shape == [3, 1, 1])
  }

  @Test
  func `of files with other stamps and the same contents are read, and known at once next time`()
    throws
  {
    try furnish()
    _ = try load()
    for number in 0..<Self.count { try write(number, UInt8(number)) }
    try age()
    #expect(try !load().decodes)
    let record = try #require(try kept(".json").first)
    let before = try FileBytes.readText(record)
    #expect(try !load().decodes)
    #expect(try FileBytes.readText(record) == before)
  }

  @Test func `are made again where they are damaged`() throws {
    try furnish()
    let whole = try load().data.train.bytes
    for path in try kept() {
      let bytes = try FileBytes.read(path)
      for damage in [bytes.dropLast(), [], Array(bytes.dropLast()) + [bytes[bytes.count - 1] ^ 3]] {
        try AtomicFile.write(Array(damage), to: path)
        #expect(try load().data.train.bytes == whole)
        #expect(try !load().decodes)
      }
    }
  }

  @Test func `keep what was found in the files`() throws {
    for number in 0..<Self.count { try write(number, 1, oddly: number == 3) }
    try folder.write([1, 2, 3], to: "pictures/1004.png")
    try age()
    var dataset = dataset()
    dataset.onError = .skip
    let (first, second) = (try load(dataset), try load(dataset))
    #expect(first.decodes && !second.decodes)
    #expect(first.data.notes == second.data.notes)
    #expect(first.data.notes.count == 2)
    #expect(second.data.train.rows == (0..<Self.count).filter { $0 != 4 })
    dataset.onError = .stop
    #expect(message(of: .malformed) { _ = try load(dataset) }.contains("1004.png"))
  }

  @Test func `stay in the file where they are more than memory, and are the same`() throws {
    try furnish()
    let whole = try load().data
    try FileManager.default.removeItem(atPath: folder.file("cache"))
    var dataset = dataset()
    (dataset.streaming.memory, dataset.streaming.block) = (.bytes(100), 3)
    for decodes in [true, false] {
      let (data, decoded) = try load(dataset)
      #expect(decoded == decodes && data.train.pixels.stored != nil)
      #expect(data.train.values == whole.train.values)
      #expect(data.train.fingerprint == whole.train.fingerprint)
      #expect(data.notes.first?.contains("stay in the cache: training reads blocks of 3") == true)
    }
    #expect(try !load().decodes)
    // What is damaged counts as none.
    let pixels = try #require(try kept(".npy").first { !$0.hasSuffix(".files.npy") })
    var bytes = try FileBytes.read(pixels)
    bytes[bytes.count - 1] ^= 3
    try AtomicFile.write(bytes, to: pixels)
    let again = try load(dataset)
    #expect(again.decodes && again.data.train.values == whole.train.values)
    dataset.cache = .none
    #expect(message(of: .malformed) { _ = try load(dataset) }.contains("write 'cache: beside'"))
  }

  @Test func `in the file leave out what cannot be read, and keep nothing that may be read later`()
    throws
  {
    try furnish()
    let picture = folder.file("pictures/1004.png")
    var dataset = dataset()
    (dataset.streaming.memory, dataset.onError) = (.bytes(100), .skip)
    try folder.write([1, 2, 3], to: "pictures/1004.png")
    try age()
    for decodes in [true, false] {
      let (data, decoded) = try load(dataset)
      #expect(decoded == decodes && data.train.rows == (0..<Self.count).filter { $0 != 4 })
    }
    try FileManager.default.removeItem(atPath: picture)
    try FileManager.default.createSymbolicLink(
      atPath: picture, withDestinationPath: folder.file("absent"))
    try FileManager.default.removeItem(atPath: folder.file("cache"))
    for _ in 0..<2 {
      let (data, decoded) = try load(dataset)
      #expect(decoded && data.train.values.count == 4 * (Self.count - 1))
      #expect(try kept().isEmpty)
    }
  }

  @Test func `may lie beside the pictures, or nowhere`() throws {
    try furnish()
    var dataset = dataset()
    dataset.cache = .beside
    #expect(try load(dataset).decodes)
    #expect(try !load(dataset).decodes)
    #expect(FilePath.isFolder(folder.file("pictures/.expt-cache")))
    dataset.cache = .none
    #expect(try load(dataset).decodes)
    #expect(!FilePath.exists(folder.file("cache")))
  }

  @Test func `where they cannot be written, cost a note and nothing else`() throws {
    try furnish()
    let file = try folder.write("a file", to: "occupied")
    let (data, decodes) = try load(from: file)
    #expect(decodes && data.train.count == Self.count)
    #expect(data.notes.count == 1)
    #expect(data.notes.first?.hasPrefix("decoded pictures are not kept for the next run: ") == true)
  }
}
