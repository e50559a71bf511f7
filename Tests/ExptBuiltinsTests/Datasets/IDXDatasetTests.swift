import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import Testing

@Suite("The dataset idx")
struct IDXDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = TemporaryFolder() }

  private func idx(_ shape: [Int], from first: Int = 0) -> IDX {
    let count = shape.reduce(1, *)
    return IDX(shape: shape, values: (0..<count).map { UInt8(truncatingIfNeeded: first + $0) })
  }

  /// Ten images of 2×3 that count on from 0, with labels 0 to 9, and a dataset that keeps order.
  private func ten(gzipped: Bool = false) throws -> IDXDataset {
    let bytes = idx([10, 2, 3]).bytes
    try folder.write(gzipped ? Gzip.deflate(bytes) : bytes, to: "x.idx")
    try folder.write(idx([10]).bytes, to: "y.idx")
    var dataset = IDXDataset()
    dataset.images = "x.idx"
    dataset.labels = "y.idx"
    dataset.heldOut.mix = false
    return dataset
  }

  private func load(_ dataset: IDXDataset, _ wanted: DataParts = .all) throws -> LoadedData {
    try dataset.load(.offline(folder, wanted: wanted))
  }

  @Test(arguments: [false, true])
  func `images are read in their order`(gzipped: Bool) throws {
    let dataset = try ten(gzipped: gzipped)
    let data = try load(dataset)
    #expect(data.train.bytes == Array(0..<60))
    #expect(data.train.labels == Array(0..<10))
    #expect(data.test.count == 0)
    #expect(try dataset.imageShape(.offline(folder)) == [1, 2, 3])
    #expect(data.train.shape == [1, 2, 3])
  }

  @Test func `colour images have three channels`() throws {
    try folder.write(idx([2, 3, 4, 5]).bytes, to: "x.idx")
    var dataset = IDXDataset()
    dataset.images = "x.idx"
    #expect(try dataset.imageShape(.offline(folder)) == [3, 4, 5])
    #expect(try load(dataset).train.shape == [3, 4, 5])
    #expect(try load(dataset).train.labels == nil)
  }

  @Test func `test images have files of their own`() throws {
    var dataset = try ten()
    try folder.write(idx([2, 2, 3], from: 100).bytes, to: "tx.idx")
    dataset.testImages = "tx.idx"
    let data = try load(dataset)
    #expect(data.train.count == 10)
    #expect(data.test.bytes == Array(100..<112))
    #expect(data.test.labels == nil)
    #expect(try load(dataset, .test).train.count == 0)
    #expect(try load(dataset, .train).test.count == 0)
  }

  @Test func `validation images have files of their own`() throws {
    var dataset = try ten()
    try folder.write(idx([2, 2, 3], from: 100).bytes, to: "vx.idx")
    try folder.write(idx([2], from: 5).bytes, to: "vy.idx")
    (dataset.validationImages, dataset.validationLabels) = ("vx.idx", "vy.idx")
    for wanted in [DataParts.train, .all] {
      let data = try load(dataset, wanted)
      #expect(data.train.bytes == Array(0..<60))
      #expect(data.validation?.bytes == Array(100..<112))
      #expect(data.validation?.labels == [5, 6])
    }
    dataset.heldOut.test = 3
    #expect(try load(dataset).validation?.count == 2)
    #expect(try load(dataset).train.count == 7)
  }

  @Test(arguments: [(ImageAmount.share(0.29), 3), (3, 3), (0, 0)])
  func `a number of images, or a share, is held out`(test: ImageAmount, expected: Int) throws {
    var dataset = try ten()
    dataset.heldOut.test = test
    let data = try load(dataset)
    #expect(data.test.count == expected)
    #expect(data.train.count == 10 - expected)
    #expect(data.test.bytes == (0..<expected * 6).map { UInt8($0) })
    #expect(data.train.labels == Array(Int32(expected)..<10))
  }

  @Test func `mixing keeps images and labels together and loses none`() throws {
    var dataset = try ten()
    dataset.heldOut.mix = true
    dataset.heldOut.test = 3
    let data = try load(dataset)
    let labels = try #require(data.train.labels) + (data.test.labels ?? [])
    #expect(labels.sorted() == Array(0..<10))
    #expect(labels != Array(0..<10))
    let firstPixels = stride(from: 0, to: 42, by: 6).map { data.train.bytes?[$0] }
    #expect(firstPixels == data.train.labels?.map { UInt8($0 * 6) })
    #expect(try load(dataset).train.bytes == data.train.bytes)
    #expect(try load(dataset, .test).test.bytes == data.test.bytes)
    dataset.heldOut.mixSeed = 1
    #expect(try load(dataset).train.bytes != data.train.bytes)
  }

  @Test(arguments: [10, 11, ImageAmount.share(0.01)])
  func `what is held out must be some of the images`(test: ImageAmount) throws {
    var dataset = try ten()
    dataset.heldOut.test = test
    let sentence = message(of: .malformed) { _ = try load(dataset) }
    #expect(sentence.contains("'test: "))
  }

  @Test func `an array that is no images is refused by its shape`() throws {
    var dataset = try ten()
    dataset.images = "y.idx"
    #expect(message(of: .malformed) { _ = try load(dataset) }.contains("its shape [10]"))
    #expect(
      message(of: .malformed) { _ = try dataset.imageShape(.offline(folder)) }
        .contains("its shape [10]"))
  }

  @Test func `a file that is not there is missing`() throws {
    var dataset = try ten()
    dataset.images = "absent.idx"
    #expect(message(of: .missing) { _ = try load(dataset) }.contains("absent.idx"))
    #expect(
      message(of: .missing) { _ = try dataset.imageShape(.offline(folder)) }
        .contains("absent.idx"))
  }

  @Test func `a file of no images is refused`() throws {
    let dataset = try ten()
    try folder.write(idx([0, 2, 3]).bytes, to: "x.idx")
    #expect(message(of: .malformed) { _ = try load(dataset) }.contains("no images"))
  }

  @Test func `numbers of any type are read`() throws {
    func write(_ type: NPYArray.ElementType, _ values: [UInt8]) throws -> LoadedData {
      let file = IDX(shape: [2, 1, 2], type: type, values: values)
      try folder.write(file.bytes, to: "x.idx")
      var dataset = IDXDataset()
      dataset.images = "x.idx"
      dataset.heldOut.mix = false
      return try load(dataset)
    }
    #expect(try write(.i16, [1, 0, 0, 1, 255, 255, 3, 0]).train.floats == [1, 256, -1, 3])
    #expect(try write(.i16, [1, 0, 2, 0, 255, 0, 3, 0]).train.bytes == [1, 2, 255, 3])
    let floats = try write(.f32, [0, 0, 128, 63, 0, 0, 0, 192, 0, 0, 0, 0, 0, 0, 0, 63])
    #expect(floats.train.floats == [1, -2, 0, 0.5])
  }

  @Test func `labels of several columns are passed over, and said to be`() throws {
    var dataset = try ten()
    let eight = IDX(shape: [10, 8], type: .i32, values: [UInt8](repeating: 1, count: 320))
    try folder.write(eight.bytes, to: "y8.idx")
    dataset.labels = "y8.idx"
    let data = try load(dataset)
    #expect(data.train.labels == nil)
    #expect(data.notes.contains { $0.contains("y8.idx: holds 8 values per image") })
  }

  @Test func `counts come from the headers`() throws {
    var dataset = try ten()
    #expect(try dataset.counts(.offline(folder)) == ImageCounts(train: 10, test: 0))
    dataset.heldOut.test = 0.29
    #expect(try dataset.counts(.offline(folder)) == ImageCounts(train: 7, test: 3))
    try folder.write(idx([4, 2, 3]).bytes, to: "vx.idx")
    dataset.validationImages = "vx.idx"
    #expect(
      try dataset.counts(.offline(folder)) == ImageCounts(train: 7, validation: 4, test: 3))
  }

  @Test func `an older run's share of test images is rounded down, as it was`() throws {
    var dataset = try ten()
    dataset.heldOut.test = 0.29
    var environment = DataEnvironment.offline(folder)
    environment.edition = .first
    #expect(try dataset.load(environment).test.count == 2)
  }

  @Test(
    arguments: [
      [0, 0xffff_ffff, 0xffff_ffff], [1, 0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 1, 1], [0, 0, 0],
      [2, 3, 0xffff_ffff, 0xffff_ffff], [0, 1, 0xffff_ffff, 0], [0, 65_536, 65_536],
    ] as [[UInt32]])
  func `sizes that no image has are refused, by check too`(sizes: [UInt32]) throws {
    let header = sizes.flatMap { size in withUnsafeBytes(of: size.bigEndian) { Array($0) } }
    try folder.write([0, 0, 8, UInt8(sizes.count)] + header, to: "x.idx")
    var dataset = IDXDataset()
    dataset.images = "x.idx"
    #expect(throws: DataProblem.self) { try dataset.load(.offline(folder)) }
    if sizes.dropFirst().contains(where: { $0 == 0 || $0 > 8192 }) {
      #expect(throws: DataProblem.self) { try dataset.imageShape(.offline(folder)) }
    }
  }
}
