import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTensor
import Testing

@Suite("The datasets npy and npz")
struct NumPyDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func bytes(_ shape: [Int]) -> NPYArray {
    let count = shape.reduce(1, *)
    return NPYArray(shape: shape, uint8s: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
  }

  /// Writes an array and reads it as a dataset that keeps its order.
  private func load(
    _ array: NPYArray, _ change: (inout NPYDataset) -> Void = { _ in }
  ) throws -> ImageSet {
    try folder.write(array.fileBytes, to: "x.npy")
    var dataset = NPYDataset()
    dataset.images = "x.npy"
    dataset.heldOut.mix = false
    change(&dataset)
    let set = try dataset.load(.offline(folder)).train
    #expect(try dataset.imageShape(.offline(folder)) == set.shape)
    return set
  }

  @Test(arguments: [
    ([5, 4, 6], [1, 4, 6]), ([5, 3, 4, 6], [3, 4, 6]), ([5, 1, 4, 6], [1, 4, 6]),
    ([5, 4, 6, 3], [3, 4, 6]), ([5, 4, 6, 1], [1, 4, 6]), ([5, 49], [1, 7, 7]),
    ([5, 48], [1, 1, 48]),
  ])
  func `axes are recognised`(shape: [Int], expected: [Int]) throws {
    #expect(try load(bytes(shape)).shape == Shape(expected))
  }

  @Test func `channels that come last are moved to the front`() throws {
    let set = try load(bytes([2, 2, 2, 3]))
    #expect(
      set.bytes == [
        0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, 12, 15, 18, 21, 13, 16, 19, 22, 14, 17, 20, 23,
      ])
    let floats = NPYArray(shape: [1, 1, 2, 3], floats: [1, 2, 3, 4, 5, 6])
    #expect(try load(floats) { $0.reading.layout = .channelsLast }.floats == [1, 4, 2, 5, 3, 6])
  }

  @Test func `axes can be named, and must be where they are not plain`() throws {
    let array = bytes([2, 3, 4, 3])
    #expect(message(of: .malformed) { _ = try load(array) }.contains("channels_last"))
    #expect(try load(array) { $0.reading.layout = .channelsFirst }.shape == [3, 4, 3])
    #expect(try load(array) { $0.reading.layout = .channelsLast }.shape == [3, 3, 4])
    #expect(
      message(of: .malformed) { _ = try load(array) { $0.reading.layout = .grey } }
        .contains("[2, 3, 4, 3]"))
    #expect(message(of: .malformed) { _ = try load(bytes([5])) }.contains("[5]"))
  }

  @Test func `floats are taken as they are, or divided`() throws {
    let array = NPYArray(shape: [1, 2, 2], floats: [0, 51, 255, 127.5])
    #expect(try load(array).floats == [0, 51, 255, 127.5])
    #expect(try load(array) { $0.reading.divisor = 255 }.floats == [0, 0.2, 1, 0.5])
    #expect(try load(NPYArray(shape: [1, 1, 2], doubles: [0.5, 2])).floats == [0.5, 2])
  }

  @Test func `truths and whole numbers become bytes`() throws {
    #expect(try load(NPYArray(type: .bool, shape: [1, 1, 2], bytes: [0, 1])).bytes == [0, 255])
    #expect(try load(NPYArray(shape: [1, 1, 2], int64s: [7, 255])).bytes == [7, 255])
    #expect(
      message(of: .malformed) { _ = try load(NPYArray(shape: [1, 1, 2], int64s: [7, 256])) }
        .contains("0 to 255"))
  }

  @Test(arguments: [Float.nan, .infinity])
  func `numbers that nobody can learn are refused`(value: Float) {
    let array = NPYArray(shape: [2, 1, 2], floats: [0, 0, 0, value])
    #expect(message(of: .malformed) { _ = try load(array) }.contains("image 1 holds"))
  }

  @Test func `no images are refused`() {
    #expect(message(of: .malformed) { _ = try load(bytes([0, 2, 2])) }.contains("no images"))
  }

  @Test func `a truncated file, and one that is no array, are refused`() throws {
    var dataset = NPYDataset()
    dataset.images = "x.npy"
    try folder.write(bytes([5, 4, 4]).fileBytes.dropLast(3), to: "x.npy")
    #expect(message(of: .malformed) { _ = try dataset.load(.offline(folder)) }.contains("promises"))
    try folder.write([1, 2, 3], to: "x.npy")
    #expect(message(of: .malformed) { _ = try dataset.load(.offline(folder)) }.contains("x.npy"))
  }

  @Test func `labels are whole numbers, one an image`() throws {
    try folder.write(NPYArray(shape: [3], int64s: [2, 0, 1]).fileBytes, to: "y.npy")
    let set = try load(bytes([3, 2, 2])) { $0.labels = "y.npy" }
    #expect(set.labels == [2, 0, 1])
    #expect(
      message(of: .malformed) { _ = try load(bytes([4, 2, 2])) { $0.labels = "y.npy" } }
        .contains("4 images"))
    try folder.write(NPYArray(shape: [3], floats: [2, 0, 1]).fileBytes, to: "y.npy")
    #expect(
      message(of: .malformed) { _ = try load(bytes([3, 2, 2])) { $0.labels = "y.npy" } }
        .contains("whole numbers"))
  }

  private func archive(_ arrays: [(name: String, array: NPYArray)]) throws -> NPZDataset {
    try folder.write(NPZ.bytes(of: arrays, path: "a.npz"), to: "a.npz")
    var dataset = NPZDataset()
    dataset.path = "a.npz"
    dataset.heldOut.mix = false
    return dataset
  }

  private let labels = NPYArray(shape: [3], int64s: [2, 0, 1])

  @Test func `an archive's usual names are found`() throws {
    let keras = try archive([
      ("x_test", bytes([3, 2, 2])), ("x_train", bytes([4, 2, 2])), ("y_test", labels),
    ])
    let data = try keras.load(.offline(folder))
    #expect(data.train.count == 4 && data.train.labels == nil)
    #expect(data.test.count == 3 && data.test.labels == [2, 0, 1])
    #expect(try keras.imageShape(.offline(folder)) == [1, 2, 2])
    let plain = try archive([("arr_0", bytes([4, 2, 2]))])
    #expect(try plain.load(.offline(folder)).train.count == 4)
    #expect(try plain.load(.offline(folder)).test.count == 0)
  }

  @Test func `an archive's arrays can be named`() throws {
    var dataset = try archive([
      ("images", bytes([9, 2, 2])), ("a", bytes([3, 2, 2])), ("b", labels),
    ])
    (dataset.images, dataset.labels) = ("a", "b")
    #expect(try dataset.load(.offline(folder)).train.labels == [2, 0, 1])
    dataset.images = "c"
    let sentence = message(of: .malformed) { _ = try dataset.load(.offline(folder)) }
    #expect(sentence.contains("no array 'c'; it holds: images [9, 2, 2], a [3, 2, 2], b [3]"))
  }

  @Test func `an archive without known names is refused with what it holds`() throws {
    let dataset = try archive([("pictures", bytes([3, 2, 2]))])
    let sentence = message(of: .malformed) { _ = try dataset.load(.offline(folder)) }
    #expect(sentence.contains("pictures [3, 2, 2]"))
  }

  @Test func `images held out take the place of the archive's own test images`() throws {
    var dataset = try archive([("x_train", bytes([4, 2, 2])), ("x_test", bytes([3, 2, 2]))])
    dataset.heldOut.test = 1
    let data = try dataset.load(.offline(folder))
    #expect(data.train.count == 3 && data.test.count == 1)
  }
}
