import ExptComponents
import ExptData
import ExptTensor
import Testing

@Suite("Batches")
struct BatchSourceTests {
  /// Image i of 300 holds i % 256 everywhere, in 2×3 pixels.
  private let splits: DataSplits
  private let pixels = 6

  init() throws {
    let bytes = (0..<300).flatMap { [UInt8](repeating: UInt8($0 % 256), count: 6) }
    let images = ImageSet(shape: [1, 2, 3], count: 300, pixels: .bytes(bytes))
    var settings = SplitSettings()
    settings.validation = 100
    splits = try DataSplits(LoadedData(train: images, test: .empty([1, 2, 3])), settings)
  }

  private func settings(_ binarization: SplitSettings.Binarization = .none) -> SplitSettings {
    var settings = SplitSettings()
    settings.binarization = binarization
    return settings
  }

  private func training(
    _ binarization: SplitSettings.Binarization = .none, batchSize: Int = 64, shuffles: Bool = true,
    seed: UInt64 = 1
  ) -> BatchSource {
    .training(splits, settings(binarization), batchSize: batchSize, shuffles: shuffles, seed: seed)
  }

  /// The values of a batch, one array an image.
  private func images(
    _ source: BatchSource, _ batch: Int, pool: ThreadPool? = nil
  ) -> [[Float]] {
    let size = source.size(ofBatch: batch) * pixels
    let values = [Float](unsafeUninitializedCapacity: size) { buffer, filled in
      source.fill(buffer, with: batch, pool: pool)
      filled = size
    }
    return stride(from: 0, to: size, by: pixels).map { Array(values[$0..<$0 + pixels]) }
  }

  private func epoch(_ source: BatchSource, _ epoch: Int, pool: ThreadPool? = nil) -> [[Float]] {
    source.start(epoch: epoch)
    return (0..<source.batchCount).flatMap { images(source, $0, pool: pool) }
  }

  @Test func `the last batch may be smaller, and none is empty`() {
    let source = training(batchSize: 64)
    #expect(source.batchCount == 4)
    #expect((0..<4).map(source.size) == [64, 64, 64, 8])
    #expect(training(batchSize: 200).batchCount == 1)
    #expect(training(batchSize: 1000).size(ofBatch: 0) == 200)
  }

  @Test func `unshuffled images come in the order of the dataset, as v over 255`() {
    let shown = epoch(training(shuffles: false), 3)
    let expected = (0..<200).map { [Float](repeating: Float($0) / 255, count: 6) }
    #expect(shown == expected)
  }

  @Test func `an epoch shows every training image once and no validation image`() {
    let source = training()
    source.start(epoch: 2)
    let numbers = (0..<source.batchCount).flatMap { Array(source.numbers(ofBatch: $0)) }
    #expect(numbers.sorted() == Array(0..<200))
    #expect(epoch(source, 2) == numbers.map { [Float](repeating: Float($0 % 256) / 255, count: 6) })
  }

  @Test func `an epoch can be entered in its middle`() {
    let straight = training()
    let whole = epoch(straight, 5)
    let resumed = training()
    resumed.start(epoch: 5)
    #expect(images(resumed, 2) == Array(whole[128..<192]))
  }

  @Test(arguments: SplitSettings.Binarization.allCases)
  func `threads change nothing`(binarization: SplitSettings.Binarization) {
    let alone = epoch(training(binarization), 1)
    let together = epoch(training(binarization), 1, pool: ThreadPool(threads: 3))
    #expect(alone == together)
  }

  @Test func `a threshold lies between 127 and 128`() {
    let shown = epoch(training(.threshold, shuffles: false), 0)
    let expected = (0..<200).map { [Float](repeating: $0 < 128 ? 0 : 1, count: 6) }
    #expect(shown == expected)
  }

  @Test func `flipped images are mirrored or not, about half of them, anew every epoch`() throws {
    // Image i has rows i, i + 1, i + 2 in each of two channels.
    let bytes = (0..<200).flatMap { i in (0..<4).flatMap { _ in (i..<i + 3).map { UInt8($0) } } }
    let set = ImageSet(shape: [2, 2, 3], count: 200, pixels: .bytes(bytes))
    var settings = SplitSettings()
    settings.flip = true
    let splits = try DataSplits(LoadedData(train: set, test: .empty([2, 2, 3])), settings)
    func shown(_ source: BatchSource, _ epoch: Int, _ pool: ThreadPool? = nil) -> [[Float]] {
      source.start(epoch: epoch)
      var shown = [[Float]](repeating: [], count: 200)
      for batch in 0..<source.batchCount {
        let numbers = source.numbers(ofBatch: batch)
        let values = [Float](unsafeUninitializedCapacity: numbers.count * 12) { buffer, filled in
          source.fill(buffer, with: batch, pool: pool)
          filled = numbers.count * 12
        }
        for (place, number) in numbers.enumerated() {
          shown[number] = values[place * 12..<(place + 1) * 12].map { ($0 * 255).rounded() }
        }
      }
      return shown
    }
    func isMirrored(_ image: Int, _ values: [Float]) -> Bool? {
      let row = [Float(image), Float(image + 1), Float(image + 2)]
      func fourTimes(_ row: [Float]) -> [Float] { (0..<4).flatMap { _ in row } }
      if values == fourTimes(row) { return false }
      return values == fourTimes(Array(row.reversed())) ? true : nil
    }
    func training(_ batch: Int, shuffles: Bool) -> BatchSource {
      .training(splits, settings, batchSize: batch, shuffles: shuffles, seed: 3)
    }
    var mirrored = 0
    var epochs: [[Bool?]] = []
    for epoch in 0..<50 {
      let flips = shown(training(32, shuffles: true), epoch).enumerated().map(isMirrored)
      #expect(!flips.contains(nil))
      mirrored += flips.filter { $0 == true }.count
      epochs.append(flips)
    }
    // 10,000 throws of a coin: within 4.5 deviations of 50.
    #expect(abs(mirrored - 5000) <= 225)
    #expect(epochs[0] != epochs[1])
    // Neither batches nor threads nor the order matter, and measuring mirrors nothing.
    let other = shown(training(7, shuffles: false), 0, ThreadPool(threads: 3))
    #expect(other.enumerated().map(isMirrored) == epochs[0])
    let plain = shown(.evaluation(set, settings, batchSize: 64), 0)
    #expect(plain.enumerated().allSatisfy { isMirrored($0.offset, $0.element) == false })
  }

  @Test func `a stochastic pixel is 1 as often as it is bright, drawn anew every epoch`() {
    let source = training(.stochastic, shuffles: false)
    let epochs = 400
    var ones = [Float](repeating: 0, count: 200)
    for epoch in 0..<epochs {
      for (image, values) in self.epoch(source, epoch).enumerated() {
        #expect(values.allSatisfy { $0 == 0 || $0 == 1 })
        ones[image] += values.reduce(0, +)
      }
    }
    let draws = Float(epochs * pixels)
    for image in 0..<200 {
      let share = Float(image) / 255
      let deviation = (share * (1 - share) / draws).squareRoot()
      #expect(abs(ones[image] / draws - share) <= 4.5 * deviation, "image \(image)")
    }
    #expect(epoch(source, 0) != epoch(source, 1))
  }

  @Test func `what is drawn for an image does not depend on the batch it is in`() {
    let source = training(.stochastic)
    source.start(epoch: 4)
    var drawn: [Int: [Float]] = [:]
    for batch in 0..<source.batchCount {
      for (number, image) in zip(source.numbers(ofBatch: batch), images(source, batch)) {
        drawn[number] = image
      }
    }
    let inOrder = epoch(training(.stochastic, batchSize: 7, shuffles: false), 4)
    #expect((0..<200).map { drawn[$0] } == inOrder)
  }

  @Test func `images to measure on are binarized once and for all`() {
    let source = BatchSource.evaluation(
      splits.images, settings(.stochastic), range: splits.validation, batchSize: 32)
    #expect(epoch(source, 0) == epoch(source, 1))
    #expect(source.range == 200..<300)
    #expect(Array(source.numbers(ofBatch: 0)) == Array(200..<232))
  }

  @Test func `images of floats are shown as they are`() {
    let floats = ImageSet(shape: [1, 1, 2], count: 2, pixels: .floats([-1, 0.5, 0.75, 3]))
    let source = BatchSource.evaluation(floats, settings(), batchSize: 2)
    var shown = [Float](repeating: 9, count: 5)
    shown.withUnsafeMutableBufferPointer { source.fill($0, with: 0, pool: nil) }
    #expect(shown == [-1, 0.5, 0.75, 3, 9])
    let binary = BatchSource.evaluation(floats, settings(.threshold), batchSize: 2)
    shown.withUnsafeMutableBufferPointer { binary.fill($0, with: 0, pool: nil) }
    #expect(shown == [0, 0, 1, 1, 9])
  }
}
