import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import Foundation
import Testing

@Suite("The dataset images")
struct ImagesTests {
  private let folder: TemporaryFolder

  init() throws { folder = TemporaryFolder() }

  /// Writes an image of one value.
  private func write(
    _ value: UInt8, _ name: String, height: Int = 2, width: Int = 3, channels: Int = 1
  ) throws {
    let samples = [UInt8](repeating: value, count: height * width * channels)
    let image = Image8(width: width, height: height, channels: channels, samples: samples)
    try folder.write(name.hasSuffix(".png") ? PNG.bytes(of: image) : PNM.bytes(of: image), to: name)
  }

  private func dataset() -> Images {
    var dataset = Images()
    dataset.path = "pictures"
    dataset.heldOut.mix = false
    return dataset
  }

  private func load(_ dataset: Images, threads: Int = 1) throws -> LoadedData {
    var environment = DataEnvironment.offline(folder)
    environment.pool = ThreadPool(threads: threads)
    return try dataset.load(environment)
  }

  /// The first value of each image.
  private func firsts(_ set: ImageSet) -> [UInt8] {
    stride(from: 0, to: set.bytes?.count ?? 0, by: set.shape.count).compactMap { set.bytes?[$0] }
  }

  @Test func `images come in the order of their names, whatever the format`() throws {
    try write(2, "pictures/b.pgm")
    try write(1, "pictures/a.png")
    try write(3, "pictures/c.PGM")
    try write(9, "pictures/.hidden.png")
    try folder.write([1], to: "pictures/notes.txt")
    let set = try load(dataset()).train
    #expect(set.shape == [1, 2, 3])
    #expect(firsts(set) == [1, 2, 3])
    #expect(set.labels == nil)
    #expect(try dataset().imageShape(.offline(folder)) == [1, 2, 3])
  }

  @Test func `sub-folders are classes, sorted by name`() throws {
    try write(3, "pictures/dogs/a.png")
    try write(1, "pictures/cats/z.png")
    try write(2, "pictures/cats/zz.png")
    try folder.write([1], to: "pictures/empty/notes.txt")
    let set = try load(dataset(), threads: 3).train
    #expect(firsts(set) == [1, 2, 3])
    #expect(set.labels == [0, 0, 1])
  }

  @Test func `colour has its channels one after another`() throws {
    let image = Image8(width: 2, height: 1, channels: 3, samples: [1, 2, 3, 4, 5, 6])
    try folder.write(PNM.bytes(of: image), to: "pictures/a.ppm")
    #expect(try load(dataset()).train.bytes == [1, 4, 2, 5, 3, 6])
    #expect(try load(dataset()).train.shape == [3, 1, 2])
  }

  @Test func `several sizes are refused, with all there are and one to take`() throws {
    try write(1, "pictures/a.png", height: 40, width: 50)
    try write(1, "pictures/b.png", height: 50, width: 40)
    try write(1, "pictures/c.png", height: 70, width: 90)
    try write(1, "pictures/d.png", height: 50, width: 40)
    let sentence = message(of: .malformed) { _ = try load(dataset(), threads: 3) }
    #expect(
      sentence == "\(folder.path)/pictures: its pictures are not alike: they have 3 sizes "
        + "(height×width): 2 of 50×40, 1 of 40×50, 1 of 70×90; 'size' makes them one, such as "
        + "'size: 32'")
  }

  @Test func `a size makes them one`() throws {
    try write(10, "pictures/a.png", height: 4, width: 4)
    try write(20, "pictures/b.png", height: 5, width: 9)
    var dataset = dataset()
    dataset.size = 3
    for method in Images.Resize.allCases {
      for fit in [Images.Fit.crop, .stretch] {
        (dataset.resize, dataset.fit) = (method, fit)
        let set = try load(dataset).train
        #expect(set.shape == [1, 3, 3])
        #expect(set.bytes == [UInt8](repeating: 10, count: 9) + [UInt8](repeating: 20, count: 9))
      }
    }
    dataset.size = ImageSize(height: 2, width: 6)
    #expect(try load(dataset).train.shape == [1, 2, 6])
  }

  @Test func `grey and colour images together need a choice`() throws {
    try write(10, "pictures/a.pgm")
    try write(20, "pictures/b.ppm", channels: 3)
    var dataset = dataset()
    #expect(
      message(of: .malformed) { _ = try load(dataset) }.contains("1 of them are grey and 1 colour"))
    dataset.channels = .grey
    #expect(firsts(try load(dataset).train) == [10, 20])
    dataset.channels = .rgb
    #expect(try load(dataset).train.shape == [3, 2, 3])
    #expect(try dataset.imageShape(.offline(folder)) == [3, 2, 3])
  }

  @Test func `test images have a folder of their own, of the same classes`() throws {
    try write(1, "pictures/cats/a.png")
    try write(2, "test/cats/a.png")
    var dataset = dataset()
    dataset.testPath = "test"
    let data = try load(dataset)
    #expect(firsts(data.test) == [2])
    #expect(data.test.labels == [0])
    try write(2, "test/dogs/a.png")
    #expect(
      message(of: .malformed) { _ = try load(dataset) }.contains("does not have the sub-folders"))
  }

  @Test func `images held out are of all classes`() throws {
    for index in 0..<10 {
      try write(UInt8(index), "pictures/a/\(index).png")
      try write(UInt8(100 + index), "pictures/b/\(index).png")
    }
    var dataset = dataset()
    dataset.heldOut.mix = true
    dataset.heldOut.test = 0.5
    let data = try load(dataset)
    #expect(data.test.count == 10)
    #expect(Set(data.test.labels ?? []) == [0, 1])
    #expect((firsts(data.train) + firsts(data.test)).sorted() == Array(0..<10) + Array(100..<110))
  }

  @Test func `folders without images, and images in and out of folders, are refused`() throws {
    #expect(message(of: .missing) { _ = try load(dataset()) }.contains("no such folder"))
    try folder.write([1], to: "pictures/a.gif")
    #expect(message(of: .malformed) { _ = try load(dataset()) }.contains("1 .gif"))
    try write(1, "pictures/cats/a.png")
    try write(1, "pictures/b.png")
    #expect(message(of: .malformed) { _ = try load(dataset()) }.contains("like b.png"))
  }

  @Test func `damaged images are refused, all of them, or skipped and told`() throws {
    for index in 0..<30 { try write(UInt8(index), "pictures/\(10 + index).png") }
    try folder.write([1, 2, 3], to: "pictures/15.png")
    let one = message(of: .malformed) { _ = try load(dataset(), threads: 4) }
    #expect(one.contains("15.png: this is not a JPEG") && one.contains("'on_error: skip'"))
    for index in 0..<25 { try folder.write([1, 2, 3], to: "pictures/\(10 + index).png") }
    let many = message(of: .malformed) { _ = try load(dataset(), threads: 4) }
    #expect(many.hasPrefix("25 of 30 pictures cannot be read; 'on_error: skip'"))
    #expect(many.contains("29.png") && !many.contains("30.png"))
    #expect(many.hasSuffix("and 5 more"))
    var skipping = dataset()
    skipping.onError = .skip
    let data = try load(skipping, threads: 4)
    #expect(firsts(data.train) == [25, 26, 27, 28, 29])
    #expect(data.train.rows == [25, 26, 27, 28, 29])
    #expect(data.notes.count == 1)
    #expect(data.notes[0].contains("25 of 30 pictures cannot be read and are left out: "))
    #expect(try skipping.imageShape(.offline(folder)) == [1, 2, 3])
    for index in 25..<30 { try folder.write([1, 2, 3], to: "pictures/\(10 + index).png") }
    #expect(
      message(of: .malformed) { _ = try load(skipping) }.contains("this is not a JPEG, PNG"))
  }

  @Test func `what is passed over is counted by kind and said`() throws {
    try write(1, "pictures/cats/a.png")
    try write(1, "pictures/cats/more/b.png")
    try write(1, "pictures/cats/more/still/c.pgm")
    for number in 0..<4 { try folder.write([1], to: "pictures/cats/\(number).GIF") }
    try folder.write([1], to: "pictures/list.txt")
    try folder.write([1], to: "pictures/dogs/d.gif")
    try folder.write([1], to: "pictures/.hidden/d.jpg")
    let data = try load(dataset())
    let place = folder.path + "/pictures"
    #expect(data.train.count == 1)
    #expect(
      data.notes == [
        "\(place): files that are not JPEG, PNG, PGM or PPM are skipped (5 .gif, 1 .txt); convert "
          + "pictures to PNG or JPEG to train on them",
        "\(place): 2 pictures are nested too deeply and are skipped, such as those in "
          + "\(place)/cats/more; only the folder and its sub-folders, the classes, are read",
        "\(place): sub-folders without a readable picture are not classes: dogs",
      ])
    try write(1, "plain/a.png")
    var plain = dataset()
    plain.path = "plain"
    #expect(try load(plain).notes == [])
    try folder.write([1], to: "photos/a.tiff")
    plain.path = "photos"
    let sentence = message(of: .malformed) { _ = try load(plain) }
    #expect(sentence.contains("holds no JPEG, PNG, PGM or PPM image; files that are not"))
    #expect(sentence.contains("(1 .tiff)"))
  }

  @Test func `transparent pixels are laid on the background, which is said`() throws {
    // 2×1 grey pixels with alpha: 100 opaque, 100 clear.
    let clear: [UInt8] = [
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0,
      0, 2, 0, 0, 0, 1, 8, 4, 0, 0, 0, 94, 43, 183, 1, 0, 0, 0, 13, 73, 68, 65, 84, 120, 156, 99,
      72, 249, 159, 194, 0, 0, 5, 90, 1, 200, 194, 168, 228, 74, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44,
      0xae, 0x42, 0x60, 0x82,
    ]
    try folder.write(clear, to: "pictures/b.png")
    try write(7, "pictures/a.png", height: 1, width: 2)
    let black = try load(dataset())
    #expect(black.train.bytes == [7, 7, 100, 0])
    #expect(
      black.notes == [
        "1 of 2 pictures have transparent pixels, which are drawn on black; 'background' sets "
          + "another grey, such as 255"
      ])
    var white = dataset()
    white.background = 255
    #expect(try load(white).train.bytes == [7, 7, 100, 255])
    #expect(try load(white).notes.first?.contains("drawn on white") == true)
  }

  @Test func `a picture with a harmless mistake is read, and the mistake is said`() throws {
    try write(1, "pictures/a.png")
    let image = Image8(width: 3, height: 2, channels: 1, samples: [UInt8](repeating: 5, count: 6))
    try folder.write(PNG.bytes(of: image).dropLast(12), to: "pictures/b.png")
    let data = try load(dataset(), threads: 2)
    #expect(firsts(data.train) == [1, 5])
    #expect(
      data.notes == ["\(folder.path)/pictures/b.png: its end is missing; it is read anyway"])
  }

  @Test func `train, val and test folders are the parts, with one numbering of classes`() throws {
    try write(1, "pictures/train/cats/a.png")
    try write(2, "pictures/train/dogs/a.png")
    try write(3, "pictures/val/dogs/a.png")
    try write(4, "pictures/test/a.png")
    try write(5, "pictures/test/b.png")
    let data = try load(dataset())
    #expect(firsts(data.train) == [1, 2])
    #expect(data.train.labels == [0, 1])
    #expect(data.validation.map(firsts) == [3])
    #expect(data.validation?.labels == [1])
    #expect(firsts(data.test) == [4, 5])
    #expect(data.test.labels == nil)
    #expect(
      data.notes == [
        "\(folder.path)/pictures: using train to train on, val to validate on, test to test on"
      ])
    #expect(
      try dataset().counts(.offline(folder)) == ImageCounts(train: 2, validation: 1, test: 2))
    // Images held out of the others replace those that nobody asked for.
    var held = dataset()
    held.split.validation = 1
    held.heldOut.test = 1
    let other = try load(held)
    #expect(other.validation == nil)
    #expect(firsts(other.test) == [1])
    #expect(other.notes[0].contains("not used: \(folder.path)/pictures/val, "))
    try write(6, "pictures/val/fish/a.png")
    let sentence = message(of: .malformed) { _ = try load(dataset()) }
    #expect(sentence.contains("does not have the sub-folders of"))
    #expect(sentence.contains("such as fish"))
  }

  @Test func `a validation folder can be named, and a class called train is one`() throws {
    try write(1, "pictures/train/a.png")
    try write(2, "pictures/plane/a.png")
    try write(3, "others/plane/a.png")
    var named = dataset()
    named.validationPath = "others"
    let data = try load(named)
    #expect(data.train.labels == [0, 1])
    #expect(data.validation?.labels == [0])
    #expect(data.notes == [])
  }

  @Test(.needs(.namesOfAnyBytes))
  func `a name that is not UTF-8 is said to be the matter`() throws {
    try write(1, "pictures/a.png")
    let name = Array("\(folder.path)/pictures/b".utf8) + [0xff] + Array(".png\0".utf8)
    let made = name.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { name in
      name.baseAddress.map { creat($0, 0o600) } ?? -1
    }
    try #require(made >= 0)
    close(made)
    let sentence = message(of: .missing) { _ = try load(dataset()) }
    #expect(sentence.contains("is not UTF-8"))
    #expect(sentence.contains("rename it"))
  }
}
