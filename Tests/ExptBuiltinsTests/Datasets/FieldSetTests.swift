import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import Testing

@testable import ExptBuiltins

@Suite("dSprites")
struct DSpritesTests {
  private let folder = TemporaryFolder()

  /// Sprite i of n is white where bit (p + i) % 3 is 0.
  private func write(_ count: Int, changing: (inout [UInt8]) -> Void = { _ in }) throws {
    var pixels = (0..<count * 4096).map { UInt8(($0 / 4096 + $0 % 4096) % 3 == 0 ? 1 : 0) }
    changing(&pixels)
    let sizes = [1, 3, 6, 40, 32, 32]
    let classes = (0..<count).flatMap { image in sizes.map { Int64(image % $0) } }
    let values = (0..<count).flatMap { image -> [Double] in
      [1, Double(image % 3 + 1), 0.5, Double(image) / 10, 0.25, 0.75]
    }
    try folder.write(
      NPZ.bytes(
        of: [
          ("imgs", NPYArray(shape: [count, 64, 64], uint8s: pixels)),
          ("latents_classes", NPYArray(shape: [count, 6], int64s: classes)),
          ("latents_values", NPYArray(shape: [count, 6], doubles: values)),
        ], path: "x", compressed: true), to: "dsprites/" + DSprites.file)
  }

  @Test func `sprites come with their factors, bits as black and white`() throws {
    try write(700)
    var dataset = DSprites()
    dataset.heldOut.test = 50
    #expect(try dataset.counts(.offline(folder)) == ImageCounts(train: 650, test: 50))
    let data = try dataset.load(.offline(folder))
    #expect(data.train.factors.map(\.name) == ["shape", "scale", "orientation", "x", "y"])
    #expect(data.train.pixels.stored?.source.isInMemory != false)
    for (set, count) in [(data.train, 650), (data.test, 50)] {
      #expect(set.count == count)
      let values = set.values
      for image in 0..<count {
        let row = set.row(image)
        #expect(set.labels?[image] == Int32(row % 3))
        #expect(set.factors[0].values[image] == Float(row % 3 + 1))
        #expect(set.factors[2].values[image] == Float(Double(row) / 10))
        let shown = values[image * 4096..<(image + 1) * 4096]
        #expect(shown.elementsEqual((0..<4096).map { (row + $0) % 3 == 0 ? 1 : 0 }))
      }
    }
  }

  @Test func `pixels are packed and unpacked in any size`() {
    for size in [1, 7, 8, 9, 30] {
      let values = (0..<size * 11).map { UInt8($0 * 5 % 7 < 3 ? 1 : 0) }
      var packing = PackedPixels.Packing(size: size, count: 11)
      packing.add(Array(values[..<(4 * size)]))
      packing.add(Array(values[(4 * size)...]))
      let pixels = packing.pixels
      #expect(pixels.count == 11)
      let shown = StoredPixels(pixels, memory: 1 << 20).floats(2..<9)
      #expect(shown == values[2 * size..<9 * size].map(Float.init))
    }
  }

  @Test func `what is missing or something else is said`() throws {
    let sentence = message(of: .missing) { _ = try DSprites().load(.offline(folder)) }
    #expect(sentence.contains("put into it: dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz, from"))
    try write(4) { $0[5000] = 2 }
    #expect(
      message(of: .malformed) { _ = try DSprites().load(.offline(folder)) }
        .contains("holds pixels that are not 0 or 1"))
    try folder.write(
      NPZ.bytes(of: [("x", NPYArray(shape: [1], floats: [1]))], path: "x"),
      to: "dsprites/" + DSprites.file)
    #expect(
      message(of: .malformed) { _ = try DSprites().counts(.offline(folder)) }
        .contains("this is not dSprites"))
  }

  @Test func `a damaged archive is refused, never a trap`() throws {
    try write(3)
    let path = folder.file("dsprites/" + DSprites.file)
    let bytes = try FileBytes.read(path)
    var seed: UInt64 = 3
    for _ in 0..<300 {
      var damaged = bytes
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      damaged[Int(seed >> 33) % damaged.count] ^= UInt8(truncatingIfNeeded: seed >> 24 | 1)
      try folder.write(damaged, to: "dsprites/" + DSprites.file)
      _ = try? DSprites().load(.offline(folder))
    }
    for count in stride(from: 0, to: bytes.count - 1, by: bytes.count / 20 + 1) {
      try folder.write(Array(bytes[..<count]), to: "dsprites/" + DSprites.file)
      #expect(throws: DataProblem.self) { try DSprites().load(.offline(folder)) }
    }
  }
}

@Suite("Static MNIST")
struct StaticMNISTTests {
  private let folder = TemporaryFolder()

  private func line(_ image: Int) -> String {
    (0..<784).map { ($0 + image) % 3 == 0 ? "1" : "0" }.joined(separator: " ") + "\n"
  }

  private func write(_ counts: [(String, Int)] = [("train", 5), ("valid", 3), ("test", 2)]) throws {
    for (part, count) in counts {
      try folder.write(
        (0..<count).map(line).joined(), to: "static_mnist/binarized_mnist_\(part).amat")
    }
  }

  @Test func `each file is a part`() throws {
    try write()
    let dataset = StaticMNIST()
    #expect(
      try dataset.counts(.offline(folder)) == ImageCounts(train: 5, validation: 3, test: 2))
    let data = try dataset.load(.offline(folder))
    #expect(
      [data.train.count, data.validation?.count, data.test.count] == [5, 3, 2])
    #expect(data.train.shape == [1, 28, 28])
    for image in 0..<5 {
      #expect(
        data.train.values[image * 784..<(image + 1) * 784].elementsEqual(
          (0..<784).map { ($0 + image) % 3 == 0 ? 1 : 0 }))
    }
  }

  @Test func `what is wrong is said with its line`() throws {
    #expect(
      message(of: .missing) { _ = try StaticMNIST().counts(.offline(folder)) }
        .contains("put into it: binarized_mnist_train.amat, binarized_mnist_valid.amat and"))
    func sentence(_ text: String) -> String {
      message(of: .malformed) { _ = try AMAT.images(Array(text.utf8), path: "x.amat") }
    }
    #expect(sentence(line(0) + line(1).replacing("1", with: "2")).contains("x.amat:2: holds some"))
    #expect(sentence(line(0) + line(1) + "0 1\n").contains("x.amat:3: holds 2 numbers"))
    #expect(sentence(line(0) + "\n").contains("x.amat:2: holds 0 numbers"))
    #expect(sentence("").contains("holds no images"))
    let short = try AMAT.images(Array(line(0).dropLast().utf8), path: "x.amat")
    #expect(short.count == 1)
  }
}

@Suite("OMNIGLOT")
struct OmniglotTests {
  private let folder = TemporaryFolder()

  /// data[pixel, image] with pixel = 28·column + row, as the IWAE's authors store it.
  private func array(_ count: Int, _ value: (_ image: Int, _ row: Int, _ column: Int) -> Double)
    -> NPYArray
  {
    var values: [Double] = []
    for column in 0..<28 {
      for row in 0..<28 {
        for image in 0..<count { values.append(value(image, row, column)) }
      }
    }
    return NPYArray(shape: [784, count], doubles: values)
  }

  private func write(_ changing: (inout [(name: String, array: NPYArray)]) -> Void = { _ in })
    throws
  {
    func alphabets(_ count: Int) -> NPYArray {
      NPYArray(
        shape: [50, count],
        doubles: (0..<50).flatMap { row in (0..<count).map { row == $0 * 7 % 50 ? 1.0 : 0.0 } })
    }
    var arrays: [(name: String, array: NPYArray)] = [
      ("data", array(6) { Double($0 * 100 + $1) / 1000 + Double($2) / 10000 }),
      ("target", alphabets(6)), ("testdata", array(2) { _, row, column in row < column ? 1 : 0 }),
      ("testtarget", alphabets(2)),
    ]
    changing(&arrays)
    try folder.write(NPZ.bytes(of: arrays, path: "x"), to: "omniglot/omniglot.npz")
  }

  @Test func `columns are images, and stand upright`() throws {
    try write()
    #expect(try Omniglot().counts(.offline(folder)) == ImageCounts(train: 6, test: 2))
    let data = try Omniglot().load(.offline(folder))
    for image in 0..<6 {
      for row in 0..<28 {
        for column in 0..<28 {
          #expect(
            data.train.floats?[image * 784 + row * 28 + column]
              == Float(Double(image * 100 + row) / 1000 + Double(column) / 10000))
        }
      }
    }
    #expect(data.train.labels == [0, 7, 14, 21, 28, 35])
    #expect(data.test.floats?[28 * 3 + 5] == 1 && data.test.floats?[28 * 5 + 3] == 0)
  }

  @Test(.needs(.sciPy))
  func `the documented conversion of a .mat file is read as the IWAE's authors read it`() throws {
    let program = """
      import numpy, scipy.io, os, sys
      os.chdir(sys.argv[1])
      r = numpy.random.default_rng(1)
      one = lambda n: numpy.eye(50)[r.integers(0, 50, n)].T
      scipy.io.savemat('chardata.mat', dict(data=r.random((784, 9)), target=one(9),
        testdata=r.random((784, 4)), testtarget=one(4), targetchar=r.random((1, 9))),
        do_compression=True)
      """
    let place = folder.file("omniglot")
    try folder.write("", to: "omniglot/empty")
    try Python.run(program, [place])
    // The command of the documentation, as a shell would run it.
    let command = Omniglot.conversion
    let text = try #require(command.split(separator: "\"").dropFirst().first)
    try Python.run("import os, sys; os.chdir(sys.argv[1]); " + text, [place])
    let shown = try Python.run(
      """
      import scipy.io, sys
      raw = scipy.io.loadmat(sys.argv[1] + '/chardata.mat')
      data = raw['data'].T.astype('float32')
      data = data.reshape((-1, 28, 28)).reshape((-1, 28 * 28), order='F')
      print(*(repr(float(v)) for v in data.ravel()))
      print(*raw['target'].argmax(0))
      """, [place])
    let page = try FileBytes.readText(packageFolder + "/docs/arrays.md")
    #expect(page.contains(command))
    let lines = shown.split(separator: "\n").map { $0.split(separator: " ") }
    let train = try Omniglot().load(.offline(folder)).train
    #expect(train.floats == lines[0].compactMap { Float($0) })
    #expect(train.labels == lines[1].compactMap { Int32($0) })
  }

  @Test func `what is missing or something else is said`() throws {
    #expect(
      message(of: .missing) { _ = try Omniglot().load(.offline(folder)) }
        .contains("put into it: chardata.mat, from"))
    try folder.write([1], to: "omniglot/chardata.mat")
    let there = message(of: .missing) { _ = try Omniglot().load(.offline(folder)) }
    #expect(there.contains("omniglot.npz, which you make of the chardata.mat that is there"))
    #expect(there.contains("scipy.io.loadmat('chardata.mat')"))
    try write {
      $0[0].array = NPYArray(shape: [6, 784], doubles: [Double](repeating: 0, count: 4704))
    }
    #expect(
      message(of: .malformed) { _ = try Omniglot().counts(.offline(folder)) }
        .contains("'data' is to be [784, n]"))
    try write { $0[0].array = array(6) { _, _, _ in 1.5 } }
    #expect(
      message(of: .malformed) { _ = try Omniglot().load(.offline(folder)) }
        .contains("values that are not from 0 to 1"))
    try write {
      $0[1].array = NPYArray(shape: [50, 6], doubles: [Double](repeating: 1, count: 300))
    }
    #expect(
      message(of: .malformed) { _ = try Omniglot().load(.offline(folder)) }
        .contains("column 0 does not name one alphabet"))
  }
}
