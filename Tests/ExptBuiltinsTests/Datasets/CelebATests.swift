import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTestSupport
import Testing

/// A made-up miniature in the layout of the original.
@Suite("The dataset celeba", .needs(.turboJPEG))
struct CelebATests {
  private let folder = TemporaryFolder()
  private static let names = (1...6).map { "00000\($0).jpg" }

  private func furnish(csv: Bool = false) throws {
    for name in Self.names {
      let place = csv ? "img_align_celeba/img_align_celeba" : "img_align_celeba"
      try folder.write(JPEGFixture.restarts.bytes, to: "celeba/\(place)/\(name)")
    }
    let values = Self.names.indices.map { ["\($0 % 2 * 2 - 1)", "1", $0 == 2 ? "1" : "-1"] }
    let parts = ["0", "0", "1", "2", "0", "2"]
    if csv {
      let rows = zip(Self.names, values).map { "\($0),\($1.joined(separator: ","))\r\n" }
      try folder.write(
        "image_id,Bald,Young,Wearing_Hat\r\n" + rows.joined(), to: "celeba/list_attr_celeba.csv")
      try folder.write(
        "image_id,partition\n" + zip(Self.names, parts).map { "\($0),\($1)\n" }.joined(),
        to: "celeba/list_eval_partition.csv")
    } else {
      let rows = zip(Self.names, values).map { "\($0)  \($1.joined(separator: "  "))\n" }
      try folder.write(
        "6\nBald Young Wearing_Hat \n" + rows.joined(), to: "celeba/list_attr_celeba.txt")
      try folder.write(
        zip(Self.names, parts).map { "\($0) \($1)\n" }.joined(),
        to: "celeba/list_eval_partition.txt")
    }
  }

  private func dataset() -> CelebA {
    var dataset = CelebA()
    dataset.centreCrop = 20
    dataset.size = 8
    return dataset
  }

  @Test(arguments: [false, true])
  func `has the official parts and its attributes as factors`(csv: Bool) throws {
    try furnish(csv: csv)
    let environment = DataEnvironment.offline(folder)
    let data = try dataset().load(environment)
    #expect(data.train.shape == [3, 8, 8])
    #expect(try dataset().imageShape(environment) == [3, 8, 8])
    #expect([data.train.count, data.validation?.count, data.test.count] == [3, 1, 2])
    #expect(data.train.factors.map(\.name) == ["Bald", "Young", "Wearing_Hat"])
    #expect(data.train.factors.map(\.values) == [[0, 1, 0], [1, 1, 1], [0, 0, 0]])
    #expect(data.validation?.factors.map(\.values) == [[0], [1], [1]])
    #expect(data.notes == [])
    #expect(
      try dataset().counts(environment) == ImageCounts(train: 3, validation: 1, test: 2))
    #expect(try dataset().annotationFacts(environment).factors == ["Bald", "Young", "Wearing_Hat"])
    var limited = dataset()
    limited.split.limit = 2
    limited.channels = .grey
    #expect(try limited.load(environment).train.count == 2)
    limited.split.validation = 1
    let own = try limited.load(environment)
    #expect(own.train.count == 3 && own.validation == nil)
    #expect(own.train.shape == [1, 8, 8])
  }

  @Test func `says what to put where`() throws {
    let sentence = message(of: .missing) { _ = try dataset().load(.offline(folder)) }
    #expect(sentence.contains("put into it: img_align_celeba/, list_attr_celeba.txt, list_eval"))
    try furnish()
    try FilePath.remove(folder.file("celeba/img_align_celeba/000002.jpg"))
    #expect(
      message(of: .missing) { _ = try dataset().load(.offline(folder)) }
        .contains("1 of 3 images are not there, such as 000002.jpg"))
  }

  @Test(arguments: [
    ("6\nBald\n000001.jpg 1 1\n", "line 3 is not the name of an image and 1 times 1 or -1"),
    ("6\nBald\n000001.jpg 2\n", "line 3 is not"), ("6\nBald\n000001.jpg 1\n", "announces 6 images"),
    ("1\nBald\n000009.jpg 1\n", "has no line of 000001.jpg"), ("", "announces 0 images"),
  ])
  func `lists that make no sense are refused`(text: String, part: String) throws {
    try furnish()
    try folder.write(text, to: "celeba/list_attr_celeba.txt")
    let sentence = message(of: .malformed) { _ = try dataset().load(.offline(folder)) }
    #expect(sentence.contains(part), "\(sentence)")
  }
}
