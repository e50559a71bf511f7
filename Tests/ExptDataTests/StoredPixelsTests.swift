import ExptComponents
import ExptTensor
import Synchronization
import Testing

@testable import ExptData

/// Images that are made when they are read: value p of image i is (7·i + p) % 251, as a byte or a number of 255ths.
private struct MadePixels: PixelSource {
  let count: Int
  let size: Int
  let holdsBytes: Bool
  var isInMemory = false
  /// From this image on, reading fails.
  var broken = Int.max

  static func value(_ image: Int, _ pixel: Int) -> UInt8 { UInt8((7 * image + pixel) % 251) }

  func read(
    _ images: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataProblem) {
    if images.upperBound > broken { throw DataProblem(.inputOutput, "the file was changed") }
    for (row, image) in images.enumerated() {
      for pixel in 0..<size {
        let value = Self.value(image, pixel)
        if holdsBytes {
          target[row * size + pixel] = value
        } else {
          target.storeBytes(
            of: Float(value) / 255, toByteOffset: 4 * (row * size + pixel), as: Float.self)
        }
      }
    }
  }

  /// The same images in memory.
  var pixels: ImageSet.Pixels {
    let bytes = (0..<count).flatMap { image in (0..<size).map { Self.value(image, $0) } }
    return holdsBytes ? .bytes(bytes) : .floats(bytes.map { Float($0) / 255 })
  }
}

@Suite("Images that are not in memory")
struct StoredPixelsTests {
  private let size = 6

  private func set(
    _ count: Int, bytes: Bool = true, memory: Int = 1 << 10, block: Int? = 4,
    inMemory: Bool = false,
    broken: Int = .max
  ) -> ImageSet {
    let source = MadePixels(
      count: count, size: size, holdsBytes: bytes, isInMemory: inMemory, broken: broken)
    return ImageSet(
      shape: [1, 2, 3], count: count,
      pixels: .stored(StoredPixels(source, memory: memory, block: block)),
      labels: (0..<count).map { Int32($0 % 5) })
  }

  private func twin(_ set: ImageSet, bytes: Bool = true) -> ImageSet {
    var twin = set
    twin.pixels = MadePixels(count: set.count, size: size, holdsBytes: bytes).pixels
    return twin
  }

  private func splits(
    _ set: ImageSet, _ change: (inout SplitSettings) -> Void = { _ in }
  ) throws -> (DataSplits, SplitSettings) {
    var settings = SplitSettings()
    change(&settings)
    return (
      try DataSplits(LoadedData(train: set, test: .empty([1, 2, 3])), settings), settings
    )
  }

  private func batch(_ source: BatchSource, _ batch: Int, _ pool: ThreadPool? = nil) -> [Float] {
    var values = [Float](repeating: -1, count: source.size(ofBatch: batch) * size)
    values.withUnsafeMutableBufferPointer { source.fill($0, with: batch, pool: pool) }
    return values
  }

  private func epoch(_ source: BatchSource, _ epoch: Int, _ pool: ThreadPool? = nil) -> [Float] {
    source.start(epoch: epoch)
    return (0..<source.batchCount).flatMap { batch(source, $0, pool) }
  }

  /// What an epoch must hold, looked up image by image.
  private func expected(_ source: BatchSource, _ images: ImageSet) -> [Float] {
    let values = images.values
    return (0..<source.batchCount).flatMap { batch in
      source.numbers(ofBatch: batch).flatMap { Array(values[$0 * size..<($0 + 1) * size]) }
    }
  }

  @Test(arguments: [true, false], [(100, 4), (101, 4), (1, 4), (3, 4), (97, 1), (640, 7)])
  func `an epoch shows each image once, and each as it is`(
    isBytes: Bool, sizes: (count: Int, block: Int)
  ) throws {
    for seed in 1...3 {
      let set = set(sizes.count, bytes: isBytes, block: sizes.block)
      let (data, settings) = try splits(set)
      let source = BatchSource.training(
        data, settings, batchSize: 13, shuffles: true, seed: UInt64(seed))
      for epoch in [0, 5, 1] {
        let shown = self.epoch(source, epoch)
        #expect(shown == expected(source, data.images), "seed \(seed), epoch \(epoch)")
        let numbers = (0..<source.batchCount).flatMap { source.numbers(ofBatch: $0) }
        #expect(numbers.sorted() == Array(0..<sizes.count))
      }
    }
  }

  @Test func `an order is of its seed and epoch alone, and another epoch's is another`() throws {
    let (data, settings) = try splits(set(200))
    func numbers(_ epoch: Int, seed: UInt64 = 1) -> [Int] {
      let source = BatchSource.training(data, settings, batchSize: 32, shuffles: true, seed: seed)
      source.start(epoch: epoch)
      return (0..<source.batchCount).flatMap { source.numbers(ofBatch: $0) }
    }
    #expect(numbers(3) == numbers(3))
    #expect(numbers(3) != numbers(4))
    #expect(numbers(3) != numbers(3, seed: 2))
    // 2^10 bytes hold 2 windows of 64 images of 6 bytes: the images of a window come from 16 blocks of 4.
    let window = numbers(3).prefix(64)
    #expect(Set(window.map { $0 / 4 }).count == 16)
    #expect(Array(window) != window.sorted())
  }

  @Test func `any batch can be had first, on any number of threads`() throws {
    let (data, settings) = try splits(set(300, bytes: false)) { $0.binarization = .stochastic }
    let source = BatchSource.training(data, settings, batchSize: 37, shuffles: true, seed: 4)
    let all = epoch(source, 2)
    let pool = ThreadPool(threads: 3)
    for first in 0..<source.batchCount {
      let other = BatchSource.training(data, settings, batchSize: 37, shuffles: true, seed: 4)
      other.start(epoch: 2)
      let rest = (first..<other.batchCount).flatMap { batch(other, $0, pool) }
      #expect(rest == Array(all[(first * 37 * size)...]), "from batch \(first)")
    }
  }

  @Test(arguments: [true, false])
  func `pixels are binarized as if they were in memory`(isBytes: Bool) throws {
    for binarization in [SplitSettings.Binarization.threshold, .stochastic] {
      var settings = SplitSettings()
      settings.binarization = binarization
      let set = set(90, bytes: isBytes)
      let stored = BatchSource.evaluation(set, settings, batchSize: 20)
      let twin = BatchSource.evaluation(twin(set, bytes: isBytes), settings, batchSize: 20)
      #expect(epoch(stored, 0) == epoch(twin, 0))
    }
    let (data, settings) = try splits(set(90, bytes: isBytes)) { $0.binarization = .stochastic }
    let (memory, _) = try splits(twin(set(90, bytes: isBytes), bytes: isBytes)) {
      $0.binarization = .stochastic
    }
    // The draws go by the image, so that another order shows the same images of an epoch.
    let sources = [data, memory].map {
      BatchSource.training($0, settings, batchSize: 90, shuffles: true, seed: 3)
    }
    let rows = sources.map { source -> [[Float]] in
      let shown = epoch(source, 1)
      let numbers = Array(source.numbers(ofBatch: 0))
      return numbers.indices.sorted { numbers[$0] < numbers[$1] }
        .map { Array(shown[$0 * size..<($0 + 1) * size]) }
    }
    #expect(rows[0] == rows[1])
  }

  @Test func `images had as quickly as the next one are shuffled whole, as in memory`() throws {
    let (data, settings) = try splits(set(120, inMemory: true))
    let (memory, _) = try splits(twin(set(120)))
    let sources = [data, memory].map {
      BatchSource.training($0, settings, batchSize: 50, shuffles: true, seed: 9)
    }
    #expect(epoch(sources[0], 4) == epoch(sources[1], 4))
  }

  @Test(arguments: [true, false])
  func `what is known about them is what is known in memory`(isBytes: Bool) throws {
    let set = set(700, bytes: isBytes)
    let twin = twin(set, bytes: isBytes)
    #expect(set.fingerprint == twin.fingerprint)
    #expect(set.fingerprints == twin.fingerprints)
    #expect(set.extent == twin.extent)
    for range in [0..<700, 13..<650] {
      #expect(set.meanImage(in: range) == twin.meanImage(in: range))
      #expect(set.greyShare(in: range) == twin.greyShare(in: range))
      #expect(
        set.meanImage(in: range, binarization: .threshold)
          == twin.meanImage(in: range, binarization: .threshold))
      let (ours, theirs) = (set.spread(in: range), twin.spread(in: range))
      #expect(ours?.zeroShare == theirs?.zeroShare)
      for (one, other) in zip(ours?.variance ?? [], theirs?.variance ?? []) {
        #expect(abs(one - other) < 1e-6)
      }
      #expect(ours?.variance.count == theirs?.variance.count)
    }
    #expect(set.values == twin.values)
  }

  @Test func `a part of them is theirs, few in memory and many not`() {
    let set = set(400)
    let twin = twin(set)
    let numbers = [399, 0, 1, 2, 7, 7, 30]
    let few = set.selecting(numbers[...])
    #expect(few.pixels.stored == nil)
    #expect(few.values == twin.selecting(numbers[...]).values)
    let many = set.selecting(Array((0..<400).reversed())[...])
    #expect(many.pixels.stored != nil)
    #expect(many.values == twin.selecting(Array((0..<400).reversed())[...]).values)
    #expect(many.labels == set.labels?.reversed())
    let again = many.selecting(Array(1..<390)[...])
    #expect(again.values == twin.selecting(Array((0..<400).reversed())[1..<390]).values)
    #expect(again.rows?.first == 398)
    #expect(set.prefix(300).values == twin.prefix(300).values)
  }

  @Test func `appended images lie behind, as numbers where one has numbers`() {
    for (first, second) in [(true, true), (true, false), (false, true)] {
      let joined = set(90, bytes: first).appending(twin(set(30), bytes: second))
      let expected = twin(set(90), bytes: first).appending(twin(set(30), bytes: second))
      #expect(joined.values == expected.values)
      #expect(joined.fingerprint == expected.fingerprint)
      #expect(joined.labels == expected.labels)
    }
  }

  @Test func `mixed images are held out as in memory, and trained on in the order of the file`()
    throws
  {
    let order = MixedOrder.numbers(400, seed: 3)[...]
    let (stored, _) = try splits(set(400).selecting(order)) {
      ($0.validation, $0.limit) = (60, 200)
    }
    let (memory, _) = try splits(twin(set(400)).selecting(order)) {
      ($0.validation, $0.limit) = (60, 200)
    }
    #expect(stored.train == memory.train && stored.validation == memory.validation)
    func rows(_ data: DataSplits, _ range: Range<Int>) -> [Int] { range.map(data.images.row) }
    #expect(rows(stored, stored.validation) == rows(memory, memory.validation))
    #expect(rows(stored, stored.train) == rows(memory, memory.train).sorted())
    for image in [0, 77, 199, 340, 399] {
      let row = stored.images.row(image)
      #expect(stored.images.labels?[image] == Int32(row % 5))
      #expect(
        stored.images.pixels.stored?.floats(image..<image + 1)
          == (0..<size).map { Float(MadePixels.value(row, $0)) / 255 })
    }
  }

  @Test(arguments: [true, false])
  func `they are standardized as in memory`(isBytes: Bool) throws {
    let set = set(400, bytes: isBytes)
    var settings = SplitSettings()
    settings.validation = 100
    let empty = ImageSet.empty([1, 2, 3])
    let stored = try DataSplits(
      LoadedData(train: set, test: set.prefix(5)), settings, standardizes: true)
    let memory = try DataSplits(
      LoadedData(train: twin(set, bytes: isBytes), test: empty), settings, standardizes: true)
    for (one, other) in zip(stored.images.values, memory.images.values) {
      #expect(abs(one - other) < 1e-5)
    }
    #expect(stored.images.pixels.stored?.source.holdsBytes == false)
    #expect(zip(stored.test.values, memory.images.values).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func `a file that breaks is said, when data are loaded and when they are used`() throws {
    let problem = #expect(throws: DataProblem.self) { try splits(set(300, broken: 250)) }
    #expect(problem?.message == "the file was changed")
    // Broken from now on: nothing was wrong when the images were looked at first.
    let fine = set(300)
    let (data, settings) = try splits(fine)
    let stored = try #require(data.images.pixels.stored)
    var broken = data.images
    broken.pixels = .stored(
      stored.with(MadePixels(count: 300, size: size, holdsBytes: true, broken: 100)))
    let source = BatchSource.evaluation(broken, settings, batchSize: 64)
    #expect(throws: Never.self) { try broken.checkRead() }
    #expect(batch(source, 4).allSatisfy { $0 == 0 })
    #expect(throws: DataProblem.self) { try broken.checkRead() }
    // Those that come of the same file know it too.
    #expect(throws: DataProblem.self) { try data.images.checkRead() }
  }

  @Test func `values that are no numbers are found where they are`() throws {
    struct Strange: PixelSource {
      var (count, size, holdsBytes, isInMemory) = (50, 6, false, false)
      func read(_ images: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
        for (row, image) in images.enumerated() {
          for pixel in 0..<size {
            target.storeBytes(
              of: image == 31 && pixel == 4 ? .nan : 0.5, toByteOffset: 4 * (row * size + pixel),
              as: Float.self)
          }
        }
      }
    }
    let set = ImageSet(
      shape: [1, 2, 3], count: 50, pixels: .stored(StoredPixels(Strange(), memory: 512)),
      source: "x.npy")
    let problem = #expect(throws: DataProblem.self) { try splits(set) }
    #expect(problem?.message.contains("x.npy: image 31 holds nan at row 1, column 1") == true)
  }

  @Test func `a pass can be stopped`() throws {
    let environment = DataEnvironment(isStopped: { true })
    let problem = #expect(throws: DataProblem.self) {
      try DataSplits(
        LoadedData(train: set(300), test: .empty([1, 2, 3])), SplitSettings(), environment)
    }
    #expect(problem?.kind == .stopped)
  }
}

@Suite("Reading ahead")
struct ReadAheadTests {
  @Test func `a piece is what was asked for, whatever was read before`() {
    let loads = Mutex<[Int]>([])
    let ahead = ReadAhead(bytes: 8) { number, memory in
      loads.withLock { $0.append(number) }
      memory.storeBytes(of: number * number, as: Int.self)
    }
    func value(_ number: Int, next: Int?) -> Int {
      ahead.piece(number, next: next).load(as: Int.self)
    }
    #expect(value(0, next: 1) == 0)
    #expect(value(1, next: 2) == 1)
    #expect(value(1, next: 2) == 1)
    #expect(value(5, next: 6) == 25)
    #expect(value(6, next: nil) == 36)
    #expect(value(2, next: nil) == 4)
    #expect(loads.withLock { $0 } == [0, 1, 2, 5, 6, 2])
    ahead.forget()
    #expect(value(2, next: nil) == 4)
    #expect(loads.withLock { $0.count } == 7)
  }
}

@Suite("Windows of images")
struct PixelWindowsTests {
  @Test func `two windows take no more memory than is allowed`() {
    for memory in [1, 1000, 1 << 20, 800_000_000] {
      for bytes in [1, 784, 3136, 12_288, 1 << 22] {
        for block in [nil, 1, 100, 1 << 20] {
          let windows = PixelWindows(memory: memory, block: block, imageBytes: bytes)
          #expect(windows.block >= 1 && windows.blocks >= 1)
          if memory >= 8 * bytes { #expect(2 * windows.images * bytes <= memory * 3 / 4) }
        }
      }
    }
  }
}
