import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import Foundation
import Testing

/// What `images` does about pictures as cameras and people leave them.
@Suite("Photographs")
struct PhotographsTests {
  private let folder = TemporaryFolder()

  /// Columns of 0, 10, 20, … over rows of the same.
  private func write(_ name: String, height: Int, width: Int) throws {
    let samples = (0..<height).flatMap { _ in (0..<width).map { UInt8(clamping: $0 * 10) } }
    let image = Image8(width: width, height: height, channels: 1, samples: samples)
    try folder.write(PNG.bytes(of: image), to: name)
  }

  private func dataset() -> Images {
    var dataset = Images()
    dataset.path = "pictures"
    dataset.heldOut.mix = false
    return dataset
  }

  private func load(_ dataset: Images, _ edition: DataEdition = .current) throws -> LoadedData {
    var environment = DataEnvironment.offline(folder)
    environment.edition = edition
    environment.pool = ThreadPool(threads: 2)
    return try dataset.load(environment)
  }

  @Test func `other proportions are cropped, padded or stretched`() throws {
    try write("pictures/a.png", height: 2, width: 6)
    var dataset = dataset()
    dataset.size = 2
    dataset.background = 99
    #expect(try load(dataset).train.bytes == [20, 30, 20, 30])
    dataset.fit = .stretch
    #expect(try load(dataset).train.bytes == [10, 40, 10, 40])
    dataset.fit = .pad
    dataset.size = 6
    let row: [UInt8] = [0, 10, 20, 30, 40, 50]
    let edge = [UInt8](repeating: 99, count: 12)
    #expect(try load(dataset).train.bytes == edge + row + row + edge)
    // Runs that were trained before there was a choice stretched.
    dataset.fit = .crop
    dataset.size = 2
    #expect(try load(dataset, .second).train.bytes == [10, 40, 10, 40])
  }

  @Test func `the middle is cut out first, and what is smaller is refused`() throws {
    try write("pictures/a.png", height: 4, width: 7)
    var dataset = dataset()
    dataset.centreCrop = ImageSize(height: 2, width: 3)
    #expect(try load(dataset).train.shape == [1, 2, 3])
    #expect(try load(dataset).train.bytes == [20, 30, 40, 20, 30, 40])
    for resize in Images.Resize.allCases {
      // A square of the middle, whose larger half is left out on the right: 20 and 30.
      (dataset.size, dataset.resize) = (1, resize)
      #expect(try load(dataset).train.bytes == [25])
    }
    dataset.centreCrop = 5
    #expect(
      message(of: .malformed) { _ = try load(dataset) }
        .contains("is 4×7, smaller than the 'centre_crop' of 5×5"))
  }

  @Test(.needs(.turboJPEG)) func `JPEGs are read, but not for runs that skipped them`() throws {
    try write("pictures/a.png", height: 13, width: 19)
    try folder.write(JPEGFixture.grey.bytes, to: "pictures/b.JPEG")
    try folder.write(JPEGFixture.turned.bytes, to: "pictures/c.jpg")
    var dataset = dataset()
    dataset.size = 8
    dataset.channels = .rgb
    #expect(try load(dataset).train.count == 3)
    #expect(try load(dataset, .second).train.count == 1)
    #expect(try dataset.imageShape(.offline(folder)) == [3, 8, 8])
  }

  @Test func `labels, factors and parts come from a table`() throws {
    for name in ["a", "b", "c", "d"] { try write("pictures/\(name).png", height: 1, width: 1) }
    var dataset = dataset()
    dataset.labels = "t.csv"
    // Header of known names; no line break at the end; names without endings.
    try folder.write(
      "age,label,id,split,remark\r\n1.5,dog,c,test,x\r\n2,cat,a,train,y\r\n3,dog,b,val,z\r\n"
        + "4,cat,d,train,\"a, b\"", to: "t.csv")
    let data = try load(dataset)
    #expect(data.train.labels == [0, 0])
    #expect(data.train.rows == [0, 3])
    #expect(data.train.factors.map(\.name) == ["age"])
    #expect(data.train.factors.map(\.values) == [[2, 4]])
    #expect(data.validation?.labels == [1])
    #expect(data.test.labels == [1])
    #expect(data.test.factors.map(\.values) == [[1.5]])
    #expect(data.notes.contains { $0.hasSuffix("classes by name: cat is 0, dog is 1") })
    #expect(data.notes.contains { $0.hasSuffix("are not used: 'remark'") })
    #expect(
      try dataset.counts(.offline(folder)) == ImageCounts(train: 2, validation: 1, test: 1))
    let facts = try dataset.annotationFacts(.offline(folder))
    #expect(facts.classes == 2 && facts.factors == ["age"])
    // Shares that are asked for replace parts that nobody asked for.
    dataset.heldOut.test = 2
    let held = try load(dataset)
    #expect(held.train.count == 2 && held.test.count == 2 && held.validation == nil)
  }

  @Test func `a table without known names has files first and labels second`() throws {
    for name in ["x/a", "x/b", "y/a"] { try write("pictures/\(name).png", height: 1, width: 1) }
    var dataset = dataset()
    dataset.labels = "t.csv"
    try folder.write("x/a.png,7\nx/b.png,8\n./y/a.png,9\n", to: "t.csv")
    #expect(try load(dataset).train.labels == [7, 8, 9])
    try folder.write("what,which\nx/a.png,7\npictures/x/b.png,8\ny/a,9\n", to: "t.csv")
    #expect(try load(dataset).train.labels == [7, 8, 9])
    try folder.write("x/a,7\nx/b,8\ny/a,9\n", to: "t.csv")
    #expect(try load(dataset).train.labels == [7, 8, 9])
    try folder.write("a.png,7\nb.png,8\n", to: "t.csv")
    #expect(
      message(of: .malformed) { _ = try load(dataset) }
        .contains("row 1 is that of both x/a.png and y/a.png"))
  }

  @Test func `pictures without a row are refused or left out, and rows without a picture told`()
    throws
  {
    for name in ["a", "b", "c"] { try write("pictures/\(name).png", height: 1, width: 1) }
    var dataset = dataset()
    dataset.labels = "t.csv"
    try folder.write("file,label\na.png,1\nz.png,2\n", to: "t.csv")
    let sentence = message(of: .malformed) { _ = try load(dataset) }
    #expect(sentence.contains("has no row for 2 of the 3 pictures"))
    #expect(sentence.contains(": b.png, c.png; 'on_error: skip' leaves them out"))
    dataset.onError = .skip
    let data = try load(dataset)
    #expect(data.train.labels == [1] && data.train.row(0) == 0)
    #expect(data.notes.contains { $0.contains("which are left out: b.png, c.png") })
    #expect(data.notes.contains { $0.contains("1 of its 2 rows are of no picture") })
  }

  @Test func `parts come from a table or from lists of names`() throws {
    for name in ["a", "b", "c", "d", "e"] { try write("pictures/\(name).png", height: 1, width: 1) }
    var dataset = dataset()
    dataset.partsFile = "parts.txt"
    try folder.write("a.png 0\nb.png 1\nc.png 2\nd.png 0\n", to: "parts.txt")
    func rows() throws -> [[Int]?] {
      let data = try load(dataset)
      #expect(data.notes.contains { $0.contains("1 of the 5 pictures") && $0.contains("as e.png") })
      return [data.train.rows, data.validation?.rows, data.test.rows]
    }
    #expect(try rows() == [[0, 3], [1], [2]])
    dataset.partsFile = "lists"
    try folder.write("d\na\n", to: "lists/train.txt")
    try folder.write("b.png\n", to: "lists/valid.txt")
    try folder.write("c.png", to: "lists/test.txt")
    try folder.write("nothing", to: "lists/readme.txt")
    #expect(try rows() == [[0, 3], [1], [2]])
    try folder.write("z.png\n", to: "lists/train.txt")
    #expect(
      message(of: .malformed) { _ = try load(dataset) }.contains("lists none of the pictures"))
    dataset.partsFile = "t.csv"
    try folder.write("file,split\na.png,train\nb.png,elsewhere\n", to: "t.csv")
    #expect(
      message(of: .malformed) { _ = try load(dataset) }.contains("row 3 has 'elsewhere'"))
    try folder.write("file,weight\na.png,1\n", to: "t.csv")
    #expect(message(of: .malformed) { _ = try load(dataset) }.contains("has no column of parts"))
  }

  @Test(arguments: [
    ("", "names no pictures"), ("file,label\na.png,\n", "row 2 has no label"),
    ("file,label\na.png,1\na.png,2\n", "row 3 names 'a.png', as row 2 does"),
    ("file,label\na.png\n", "has 1 fields"), ("a.png 1\nb.png 1 2\n", "row 2 has 3 words"),
  ])
  func `a table that makes no sense is refused`(text: String, part: String) throws {
    try write("pictures/a.png", height: 1, width: 1)
    try folder.write(text, to: "t.csv")
    var dataset = dataset()
    dataset.labels = "t.csv"
    #expect(message(of: .malformed) { _ = try load(dataset) }.contains(part))
  }
}
