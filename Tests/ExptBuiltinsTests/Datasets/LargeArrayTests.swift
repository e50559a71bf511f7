import ExptComponents
import ExptData
import ExptFiles
import ExptTensor
import ExptTestSupport
import Foundation
import Testing

@testable import ExptBuiltins

@Suite("Arrays that are too large for memory")
struct LargeArrayTests {
  private let folder = TemporaryFolder()

  private func dataset(
    _ file: [UInt8], _ memory: MemoryAmount, _ change: (inout NPYDataset) -> Void = { _ in }
  ) throws -> LoadedData {
    try folder.write(file, to: "x.npy")
    var dataset = NPYDataset()
    dataset.images = "x.npy"
    dataset.streaming.memory = memory
    dataset.streaming.block = 3
    dataset.heldOut.mix = false
    change(&dataset)
    let data = try dataset.load(.offline(folder))
    #expect(try dataset.imageShape(.offline(folder)) == data.train.shape)
    return data
  }

  /// Arrays of each type that are read, and what to do with them.
  private static let arrays:
    [(name: String, array: NPYArray, set: @Sendable (inout NPYDataset) -> Void)] = {
      let whole = (0..<40 * 12).map { Int64($0 * 37 % 256) }
      let small = whole.map { UInt8(truncatingIfNeeded: $0 % 2) }
      let shape = [40, 3, 4]
      let halves = whole.flatMap { [UInt8(0), UInt8(0x30 + $0 % 16)] }
      return [
        (
          "bytes", NPYArray(shape: shape, uint8s: whole.map { UInt8(truncatingIfNeeded: $0) }),
          { _ in }
        ),
        ("binary", NPYArray(shape: shape, uint8s: small), { _ in }),
        ("truths", NPYArray(type: .bool, shape: shape, bytes: small), { _ in }),
        ("whole", NPYArray(shape: shape, int64s: whole), { _ in }),
        ("whole, too large", NPYArray(shape: shape, int64s: whole.map { $0 * 3 }), { _ in }),
        ("floats", NPYArray(shape: shape, floats: whole.map { Float($0) / 300 }), { _ in }),
        ("doubles", NPYArray(shape: shape, doubles: whole.map { Double($0) / 300 }), { _ in }),
        ("halves", NPYArray(type: .f16, shape: shape, bytes: halves), { _ in }),
        ("divided", NPYArray(shape: shape, int64s: whole), { $0.reading.divisor = 300 }),
        (
          "mapped", NPYArray(shape: shape, doubles: whole.map { Double($0) / 128 - 1 }),
          { $0.reading.range = [-1, 1] }
        ),
        (
          "channels last",
          NPYArray(shape: [20, 2, 4, 3], uint8s: whole.map { UInt8(truncatingIfNeeded: $0) }),
          { _ in }
        ),
        (
          "channels last, floats", NPYArray(shape: [20, 2, 4, 3], floats: whole.map { Float($0) }),
          { $0.reading.layout = .channelsLast }
        ),
        ("flat", NPYArray(shape: [40, 12], floats: whole.map { Float($0) }), { _ in }),
      ]
    }()

  @Test(arguments: arrays.indices)
  func `images are the same as in memory`(index: Int) throws {
    let (name, array, change) = Self.arrays[index]
    let whole = try dataset(array.fileBytes, .auto, change)
    let stored = try dataset(array.fileBytes, .bytes(100), change)
    #expect(whole.train.pixels.stored == nil && stored.train.pixels.stored != nil)
    #expect(whole.train.values == stored.train.values, "\(name)")
    #expect(whole.train.fingerprint == stored.train.fingerprint, "\(name)")
    #expect(whole.notes == stored.notes.filter { !$0.contains("stay in the file") }, "\(name)")
    #expect(stored.notes.contains { $0.contains("training reads blocks of ") })
    #expect(whole.train.isTable == stored.train.isTable)
  }

  @Test func `big-endian arrays are turned around`() throws {
    let array = NPYArray(shape: [30, 4], floats: (0..<120).map { Float($0) })
    var file = array.fileBytes
    let header = Array("'<f4'".utf8)
    let place = try #require(file.indices.first { file[$0...].starts(with: header) })
    file[place + 1] = UInt8(ascii: ">")
    let start = file.count - 480
    for value in stride(from: start, to: file.count, by: 4) { file[value..<value + 4].reverse() }
    #expect(try dataset(file, .bytes(100)).train.values == array.floats)
  }

  @Test func `the same images are held out as in memory`() throws {
    let array = NPYArray(shape: [200, 4], floats: (0..<800).map { Float($0) })
    func data(_ memory: MemoryAmount) throws -> (splits: DataSplits, test: ImageSet) {
      var split = SplitSettings()
      split.validation = 30
      let data = try dataset(array.fileBytes, memory) {
        ($0.heldOut.mix, $0.heldOut.test) = (true, 50)
      }
      return (try DataSplits(data, split), data.test)
    }
    let (whole, stored) = (try data(.auto), try data(.bytes(200)))
    #expect(whole.test.values == stored.test.values)
    #expect(
      whole.splits.images.selecting(Array(whole.splits.validation)[...]).values
        == stored.splits.images.selecting(Array(stored.splits.validation)[...]).values)
    #expect(
      Set(whole.splits.images.selecting(Array(whole.splits.train)[...]).values)
        == Set(stored.splits.images.selecting(Array(stored.splits.train)[...]).values))
  }

  @Test func `validation and test images may be small files of their own`() throws {
    let array = NPYArray(shape: [60, 4], floats: (0..<240).map { Float($0) })
    let other = NPYArray(shape: [5, 4], floats: (0..<20).map { Float($0) / 2 })
    try folder.write(other.fileBytes, to: "v.npy")
    let data = try dataset(array.fileBytes, .bytes(300)) {
      ($0.validationImages, $0.testImages) = ("v.npy", "v.npy")
    }
    #expect(data.test.pixels.stored == nil)
    let splits = try DataSplits(data, SplitSettings())
    #expect(splits.validation == 60..<65)
    #expect(splits.images.values == array.floats + other.floats)
  }

  @Test func `what is wrong is said`() throws {
    let array = NPYArray(shape: [60, 4], floats: (0..<240).map { Float($0) })
    let file = array.fileBytes
    func sentence(_ file: [UInt8], _ change: (inout NPYDataset) -> Void = { _ in }) -> String {
      message(of: .malformed) { _ = try dataset(file, .bytes(100), change) }
    }
    #expect(sentence(Array(file.dropLast())).contains("only 959 bytes follow"))
    #expect(sentence(file + [0]).contains("more bytes follow"))
    #expect(sentence(Array(file.prefix(40))).contains("x.npy"))
    #expect(sentence([1] + file).contains("not a NumPy array"))
    var fortran = file
    let place = try #require(file.indices.first { file[$0...].starts(with: Array("False".utf8)) })
    fortran.replaceSubrange(place..<place + 5, with: Array("True ".utf8))
    #expect(sentence(fortran).contains("numpy.ascontiguousarray"))
    let outside = message(of: .malformed) {
      _ = try DataSplits(
        dataset(file, .bytes(100)) { $0.reading.range = [0, 100] }, SplitSettings())
    }
    #expect(outside.contains("holds 101 at [25, 1], outside 'range: [0, 100]'"))
    var binary = [UInt8](repeating: 1, count: 240)
    binary[200] = 0
    try folder.write(NPYArray(shape: [1, 4], uint8s: [0, 1, 2, 0]).fileBytes, to: "t.npy")
    let levels = message(of: .malformed) {
      let data = try dataset(NPYArray(shape: [60, 4], uint8s: binary).fileBytes, .bytes(100)) {
        $0.testImages = "t.npy"
      }
      _ = try DataSplits(data, SplitSettings())
    }
    #expect(levels.contains("holds 2, where the training images hold only 0 and 1"))
  }

  /// A header that lies is refused, never a trap.
  @Test func `damaged headers are refused`() throws {
    let file = NPYArray(shape: [60, 4], floats: (0..<240).map { Float($0) }).fileBytes
    var seed: UInt64 = 7
    for _ in 0..<500 {
      var damaged = file
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      damaged[Int(seed >> 33) % 128] = UInt8(truncatingIfNeeded: seed >> 24)
      _ = try? dataset(damaged, .bytes(100)).train.values
    }
    for shape in [
      "(9223372036854775807, 4)", "(4, 9223372036854775807)", "(0, 4)", "(4, 0)", "()", "(60,)",
    ] {
      var text = Array(
        "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }".utf8)
      text += [UInt8](repeating: 0x20, count: 117 - text.count) + [0x0a]
      let bytes = Array(file[..<8]) + [118, 0] + text + file[128...]
      #expect(throws: DataProblem.self, "\(shape)") { try dataset(bytes, .bytes(100)) }
    }
  }

  @Test(arguments: ["shortened", "grown", "overwritten"])
  func `a file that is changed while it is used is noticed`(how: String) throws {
    let array = NPYArray(shape: [600, 4], floats: (0..<2400).map { Float($0) })
    let data = try dataset(array.fileBytes, .bytes(1000))
    let splits = try DataSplits(data, SplitSettings())
    try splits.images.checkRead()
    usleep(20_000)  // the system's clock of files is coarse
    let handle = try #require(FileHandle(forUpdatingAtPath: folder.file("x.npy")))
    switch how {
    case "shortened": try handle.truncate(atOffset: 5000)
    case "grown":
      try handle.seekToEnd()
      try handle.write(contentsOf: Data([1, 2, 3]))
    default:
      try handle.seek(toOffset: 4000)
      try handle.write(contentsOf: Data([1, 2, 3]))
    }
    try handle.close()
    let source = BatchSource.training(
      splits, SplitSettings(), batchSize: 50, shuffles: true, seed: 1)
    var values = [Float](repeating: 0, count: 200)
    for batch in 0..<source.batchCount {
      values.withUnsafeMutableBufferPointer { source.fill($0, with: batch, pool: nil) }
    }
    let sentence = message(of: .inputOutput) { try splits.images.checkRead() }
    #expect(sentence.contains("x.npy: was changed while it was in use"))
  }

  @Test func `a file that is replaced goes on being read as it was`() throws {
    let array = NPYArray(shape: [600, 4], floats: (0..<2400).map { Float($0) })
    let splits = try DataSplits(try dataset(array.fileBytes, .bytes(1000)), SplitSettings())
    try folder.write([1, 2, 3], to: "other")
    try FileManager.default.removeItem(atPath: folder.file("x.npy"))
    try FileManager.default.moveItem(atPath: folder.file("other"), toPath: folder.file("x.npy"))
    #expect(splits.images.values == array.floats)
    try splits.images.checkRead()
  }
}

@Suite("Factors in arrays")
struct ArrayFactorsTests {
  private let folder = TemporaryFolder()
  private let images = NPYArray(shape: [6, 2, 2], floats: [Float](repeating: 0.5, count: 24))
  private let factors = NPYArray(shape: [6, 2], doubles: (0..<12).map { Double($0) / 2 })

  @Test func `they go with the images, from npy and npz`() throws {
    try folder.write(images.fileBytes, to: "x.npy")
    try folder.write(factors.fileBytes, to: "f.npy")
    var npy = NPYDataset()
    (npy.images, npy.factors, npy.factorNames) = ("x.npy", "f.npy", ["size", "hue"])
    (npy.testImages, npy.testFactors) = ("x.npy", "f.npy")
    let data = try npy.load(.offline(folder))
    let order = try #require(data.train.rows)
    #expect(data.train.factors.map(\.name) == ["size", "hue"])
    #expect(data.train.factors[1].values == order.map { Float($0) + 0.5 })
    #expect(data.test.factors[0].values == [0, 1, 2, 3, 4, 5])
    try folder.write(
      NPZ.bytes(of: [("images", images), ("f", factors)], path: "x.npz"), to: "x.npz")
    var npz = NPZDataset()
    (npz.path, npz.factors, npz.heldOut.mix) = ("x.npz", "f", false)
    let train = try npz.load(.offline(folder)).train
    #expect(train.factors.map(\.name) == ["factor_0", "factor_1"])
    #expect(train.factors[0].values == [0, 1, 2, 3, 4, 5])
  }

  @Test func `what does not fit is said`() throws {
    func sentence(_ array: NPYArray, names: [String] = []) -> String {
      message(of: .malformed) { _ = try array.factors(of: 6, names: names, title: "f.npy") }
    }
    #expect(sentence(NPYArray(shape: [5], floats: [1, 2, 3, 4, 5])).contains("[5]"))
    #expect(sentence(factors, names: ["a"]).contains("holds 2 factors, and 'factor_names' names 1"))
    #expect(
      sentence(NPYArray(shape: [6], floats: [1, 2, 3, .nan, 5, 6])).contains("row 3 holds nan"))
  }
}
