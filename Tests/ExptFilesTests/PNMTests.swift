import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("PGM and PPM images")
struct PNMTests {
  static let grey = Image8(width: 3, height: 2, channels: 1, samples: [0, 50, 100, 150, 200, 255])
  static let colour = Image8(width: 1, height: 2, channels: 3, samples: [1, 2, 3, 4, 5, 6])

  private func parse(_ text: String, _ raw: [UInt8] = []) throws -> Image8 {
    try Image8.parse(Array(text.utf8) + raw, path: "a.pgm")
  }

  @Test func `have the bytes that the format prescribes`() {
    #expect(PNM.bytes(of: Self.grey) == Array("P5\n3 2\n255\n".utf8) + Self.grey.samples)
    #expect(PNM.bytes(of: Self.colour) == Array("P6\n1 2\n255\n".utf8) + Self.colour.samples)
  }

  @Test func `read back as they were written`() throws {
    let folder = TemporaryFolder()
    for image in [Self.grey, Self.colour] {
      try image.writePNM(to: folder.file("a"))
      #expect(try Image8.read(folder.file("a")) == image)
    }
  }

  @Test func `in text form with comments read too`() throws {
    #expect(try parse("P2 # a\n#b\n3 2 # c\n255\n0 50 100\n150 200 255") == Self.grey)
    #expect(try parse("P3 1 2 255 1 2 3 4 5 6\n") == Self.colour)
    #expect(try parse("P5\n# made by hand\n3 2\n255\n", Self.grey.samples) == Self.grey)
  }

  @Test func `of any depth are scaled to 255 and rounded`() throws {
    #expect(try parse("P2 4 1 15 0 1 7 15").samples == [0, 17, 119, 255])
    #expect(try parse("P5 2 1 1\n", [0, 1]).samples == [0, 255])
    // 32768 · 255 / 65535 = 127.501…
    #expect(try parse("P5 3 1 65535\n", [255, 255, 128, 0, 0, 0]).samples == [255, 128, 0])
    #expect(try parse("P2 2 1 65535 128 129").samples == [0, 1])
  }

  @Test(arguments: [
    ("P5 0 2 255\n", "declares 0 × 2"), ("P2 1 1 0 0", "must be 1 to 65535"),
    ("P2 1 1 70000 0", "must be 1 to 65535"), ("P2 1 1 5 6", "the sample 6, above"),
    ("P5 100000 100000 255\n", "at most 67108864"), ("P5 9999999999 1 255\n", "too large"),
    ("P5 60000 1000 255\n", "declares 60000000 samples"), ("P4 1 1\n", "not a PGM or PPM"),
    ("P2 x", "width is not a number"), ("P2 1 #", "ends before its height"),
    ("P5 1 1 255", "one space must follow"),
    ("GIF89a", "this is a GIF image; convert it to PNG or JPEG"),
  ])
  func `that make no sense are refused`(text: String, part: String) {
    let problem = #expect(throws: FileProblem.self) { try parse(text) }
    #expect(problem?.message.contains(part) == true, "\(String(describing: problem))")
  }

  @Test func `cut short or damaged are read or refused`() throws {
    let bytes = PNM.bytes(of: Self.colour)
    try expectTruncationRefused(bytes) { try Image8.parse($0, path: "a") }
    try survivesMutations(bytes) { try Image8.parse($0, path: "a") }
    let text = Array("P2 # a\n3 2\n255\n0 50 100\n150 200 255 ".utf8)
    try survivesMutations(text) { try Image8.parse($0, path: "a") }
  }
}

@Suite("Images")
struct ImageTests {
  @Test func `planes and pixels side by side turn into each other`() {
    let image = Image8(width: 2, height: 1, planes: [[1, 2], [3, 4], [5, 6]])
    #expect(image.samples == [1, 3, 5, 2, 4, 6])
    #expect(image.planar == [1, 2, 3, 4, 5, 6])
  }

  @Test func `grey is the luma of the colours`() {
    let image = Image8(
      width: 4, height: 1, channels: 3, samples: [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    #expect(image.grey.samples == [76, 150, 29, 9])
    #expect(image.grey.colour.grey == image.grey)
  }
}
