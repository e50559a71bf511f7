import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Testing

@Suite("The datasets npy and npz")
struct NumPyDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = TemporaryFolder() }

  private func bytes(_ shape: [Int]) -> NPYArray {
    let count = shape.reduce(1, *)
    return NPYArray(shape: shape, uint8s: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
  }

  private func load(
    _ array: NPYArray, _ change: (inout NPYDataset) -> Void = { _ in }
  ) throws -> ImageSet { try loaded(array, change).train }

  /// Writes an array and reads it as a dataset that keeps its order.
  private func loaded(
    _ array: NPYArray, _ change: (inout NPYDataset) -> Void = { _ in }
  ) throws -> LoadedData {
    try folder.write(array.fileBytes, to: "x.npy")
    var dataset = NPYDataset()
    dataset.images = "x.npy"
    dataset.heldOut.mix = false
    change(&dataset)
    let data = try dataset.load(.offline(folder))
    #expect(try dataset.imageShape(.offline(folder)) == data.train.shape)
    return data
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

  @Test func `an archive of X and y needs no names`() throws {
    try NPZ.write(
      [
        ("X", NPYArray(shape: [3, 5], floats: (0..<15).map(Float.init))),
        ("y", NPYArray(shape: [3], int64s: [2, 0, 1])),
      ], to: folder.file("table.npz"))
    var dataset = NPZDataset()
    (dataset.path, dataset.heldOut.mix) = ("table.npz", false)
    let set = try dataset.load(.offline(folder)).train
    #expect(set.shape == [1, 1, 5] && set.labels == [2, 0, 1] && set.values[7] == 7)
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
    #expect(try load(NPYArray(shape: [1, 1, 2], int64s: [7, 256])).floats == [7, 256])
  }

  @Test func `half precision means the same as single`() throws {
    let half = NPYArray(type: .f16, shape: [1, 1, 2], bytes: [0, 0x38, 0, 0x3c])
    #expect(try load(half).floats == [0.5, 1])
  }

  @Test func `whole numbers of only 0 and 1 are black and white, and said to be`() throws {
    for array in [
      NPYArray(shape: [2, 1, 2], uint8s: [0, 1, 1, 0]),
      NPYArray(shape: [2, 1, 2], int64s: [0, 1, 1, 0]),
    ] {
      let data = try loaded(array)
      #expect(data.train.bytes == [0, 255, 255, 0])
      #expect(data.notes.count == 1 && data.notes[0].contains("only 0 and 1"))
      #expect(data.notes[0].contains("divisor: 255") && !data.notes[0].contains("stochastic"))
      #expect(try load(array) { $0.reading.divisor = 255 }.floats == [0, 1 / 255, 1 / 255, 0])
    }
    var environment = DataEnvironment.offline(folder)
    environment.edition = .first
    var dataset = NPYDataset()
    (dataset.images, dataset.heldOut.mix) = ("x.npy", false)
    #expect(try dataset.load(environment).train.bytes == [0, 1, 1, 0], "as an older run saw them")
  }

  @Test func `test images mean what the training images do`() throws {
    try folder.write(NPYArray(shape: [1, 1, 2], uint8s: [1, 1]).fileBytes, to: "t.npy")
    let grey = try loaded(NPYArray(shape: [1, 1, 2], uint8s: [7, 200])) { $0.testImages = "t.npy" }
    #expect(grey.test.bytes == [1, 1])
    try folder.write(NPYArray(shape: [1, 1, 2], uint8s: [1, 9]).fileBytes, to: "t.npy")
    let sentence = message(of: .malformed) {
      _ = try loaded(NPYArray(shape: [1, 1, 2], uint8s: [0, 1])) { $0.testImages = "t.npy" }
    }
    #expect(sentence.contains("t.npy: holds 9, where the training images hold only 0 and 1"))
  }

  @Test func `dark images are said to be dark`() throws {
    let sixteen = try loaded(NPYArray(shape: [1, 1, 3], uint8s: [0, 16, 3]))
    #expect(sixteen.notes.count == 1 && sixteen.notes[0].contains("write 'divisor: 16'"))
    #expect(
      try load(NPYArray(shape: [1, 1, 2], uint8s: [4, 16])) { $0.reading.divisor = 16 }
        .floats == [0.25, 1])
    #expect(try loaded(NPYArray(shape: [1, 1, 2], uint8s: [0, 128])).notes.isEmpty)
  }

  @Test func `a range is mapped to 0 and 1, and holds`() throws {
    let array = NPYArray(shape: [1, 2, 2], floats: [-1, 0, 0.5, 1])
    #expect(try load(array) { $0.reading.range = [-1, 1] }.floats == [0, 0.5, 0.75, 1])
    #expect(
      try load(NPYArray(shape: [1, 1, 2], uint8s: [2, 4])) { $0.reading.range = [0, 4] }.floats
        == [0.5, 1])
    let sentence = message(of: .malformed) {
      _ = try load(array) { $0.reading.range = [-0.5, 1] }
    }
    #expect(sentence.contains("holds -1 at [0, 0, 0], outside 'range: [-0.5, 1]'"))
  }

  @Test(arguments: [
    ("range: [1, -1]", "the lower one first"), ("range: [1]", "two numbers"),
    ("range: [0, 1], divisor: 2", "'divisor' and 'range' both set"),
    ("divisor: 2, standardize: true", "'divisor' and 'standardize' both set"),
    ("labels: None", "write null"), ("test_images: none", "write null"),
    ("labels: ''", "write null"),
    ("validation_images: v.npy, validation: 3", "'validation' holds out images"),
    ("validation_labels: v.npy", "'validation_labels' needs 'validation_images'"),
  ])
  func `settings that contradict each other are refused`(settings: String, part: String) {
    let problem = #expect(throws: Diagnostics.self) {
      try builtins.make(.dataset, "{type: npy, images: x.npy, \(settings)}")
    }
    #expect(problem?.rendered.contains(part) == true, "\(problem?.rendered ?? "")")
  }

  @Test func `images know their rows in the file, however they are mixed`() throws {
    let array = NPYArray(shape: [20, 1, 1], uint8s: (0..<20).map { 200 + UInt8($0) })
    let data = try loaded(array) {
      $0.heldOut.mix = true
      $0.heldOut.test = 0.29
    }
    #expect(data.test.count == 6)
    for set in [data.train, data.test] {
      #expect(set.bytes == (0..<set.count).map { 200 + UInt8(set.row($0)) })
    }
    #expect((0..<14).map(data.train.row) != Array(0..<14))
  }

  @Test func `no images are refused`() {
    #expect(message(of: .malformed) { _ = try load(bytes([0, 2, 2])) }.contains("no images"))
  }

  @Test func `a truncated file, and one that is no array, are refused`() throws {
    var dataset = NPYDataset()
    dataset.images = "x.npy"
    try folder.write(bytes([5, 4, 4]).fileBytes.dropLast(3), to: "x.npy")
    #expect(message(of: .malformed) { _ = try dataset.load(.offline(folder)) }.contains("declares"))
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
  }

  @Test func `labels that are unambiguous classes are read`() throws {
    let oneHot = NPYArray(shape: [3, 3], floats: [0, 0, 1, 1, 0, 0, 0, 1, 0])
    let whole = NPYArray(shape: [3], floats: [2, 0, 1])
    let column = NPYArray(shape: [3, 1], int64s: [2, 0, 1])
    for array in [oneHot, whole, column] {
      try folder.write(array.fileBytes, to: "y.npy")
      let data = try loaded(bytes([3, 2, 2])) { $0.labels = "y.npy" }
      #expect(data.train.labels == [2, 0, 1])
      #expect(!data.notes.contains { $0.contains("labels") })
    }
  }

  @Test func `labels that are none are passed over with a sentence`() throws {
    let cases: [(array: NPYArray, part: String)] = [
      (NPYArray(shape: [3, 2], int64s: [1, 1, 0, 1, 0, 0]), "2 values per image"),
      (NPYArray(shape: [3, 2], int64s: [1, 0, 0, 1, 0, 0]), "2 values per image"),
      (NPYArray(shape: [3, 2], floats: [0.5, 0.5, 0, 1, 1, 0]), "2 values per image"),
      (NPYArray(shape: [3], floats: [0.5, 1, 2]), "row 0 is 0.5"),
      (NPYArray(shape: [3], floats: [0, 1, .nan]), "row 2 is nan"),
      (NPYArray(shape: [3], int64s: [0, 1, 1 << 40]), "32-bit"),
      (NPYArray(shape: [3, 2, 2], uint8s: [UInt8](repeating: 0, count: 12)), "shape [3, 2, 2]"),
    ]
    for (array, part) in cases {
      try folder.write(array.fileBytes, to: "y.npy")
      let data = try loaded(bytes([3, 2, 2])) { $0.labels = "y.npy" }
      #expect(data.train.labels == nil)
      let note = try #require(data.notes.last)
      #expect(note.contains("y.npy: ") && note.contains(part) && note.contains("labels: null"))
    }
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

  @Test(arguments: ["val_images", "validation_images", "valid_images", "x_val"])
  func `an archive's validation images are found`(name: String) throws {
    let y = name == "x_val" ? "y_val" : name.replacing("images", with: "labels")
    var dataset = try archive([
      ("x_train", bytes([4, 8, 8])), (name, bytes([3, 8, 8])), (y, labels),
    ])
    let data = try dataset.load(.offline(folder))
    #expect(data.train.count == 4)
    #expect(data.validation?.count == 3 && data.validation?.labels == [2, 0, 1])
    #expect(
      try dataset.counts(.offline(folder)) == ImageCounts(train: 4, validation: 3, test: 0))
    dataset.split.validation = 1
    let split = try dataset.load(.offline(folder))
    #expect(split.validation == nil)
    #expect(split.notes.contains { $0.contains("its '\(name)' is not used") })
    var older = DataEnvironment.offline(folder)
    older.edition = .first
    dataset.split.validation = 0
    #expect(try dataset.load(older).validation == nil, "an older run did not use them")
  }

  @Test func `labels are found, named, or left out`() throws {
    var dataset = try archive([("images", bytes([3, 8, 8])), ("labels", labels), ("k", labels)])
    #expect(try dataset.load(.offline(folder)).train.labels == [2, 0, 1])
    dataset.labels = .none
    #expect(try dataset.load(.offline(folder)).train.labels == nil)
    #expect(try dataset.load(.offline(folder)).notes.isEmpty)
    dataset.labels = "k"
    #expect(try dataset.load(.offline(folder)).train.labels == [2, 0, 1])
    dataset.labels = "absent"
    #expect(message(of: .malformed) { _ = try dataset.load(.offline(folder)) }.contains("'absent'"))
    dataset.labels = .none
    var older = DataEnvironment.offline(folder)
    older.edition = .first
    #expect(try dataset.load(older).train.labels == [2, 0, 1], "null meant the usual names")
    for (written, choice) in [("null", LabelChoice.none), ("auto", .auto), ("k", .named("k"))] {
      let made = try builtins.make(.dataset, "{type: npz, path: x, labels: \(written)}")
      #expect((made as? NPZDataset)?.labels == choice)
    }
    #expect(throws: Diagnostics.self) {
      try builtins.make(.dataset, "{type: npz, path: x, labels: None}")
    }
  }

  @Test func `labels of another length do no harm unless they were asked for`() throws {
    var dataset = try archive([("images", bytes([4, 8, 8])), ("y", labels)])
    let data = try dataset.load(.offline(folder))
    #expect(data.train.labels == nil)
    #expect(data.notes.contains { $0.contains("[3] is not that of labels for 4 images") })
    dataset.labels = "y"
    #expect(message(of: .malformed) { _ = try dataset.load(.offline(folder)) }.contains("4 images"))
  }
}
