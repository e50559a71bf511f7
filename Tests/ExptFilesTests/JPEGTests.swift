import ExptTestSupport
import Foundation
import Testing

@testable import ExptFiles

@Suite("JPEG images", .needs(.turboJPEG))
struct JPEGTests {
  private func read(_ bytes: [UInt8]) throws -> ImageReading {
    try ImageReading(bytes, path: "a.jpg")
  }

  private func problem(_ bytes: [UInt8]) -> FileProblem? {
    #expect(throws: FileProblem.self) { try read(bytes) }
  }

  /// Where the segment of a marker begins.
  private func place(of marker: UInt8, in bytes: [UInt8]) throws -> Int {
    try #require(
      bytes.indices.dropLast().first { bytes[$0] == 0xff && bytes[$0 + 1] == marker })
  }

  @Test(arguments: JPEGFixture.all)
  func `decode to what Pillow makes of them`(_ fixture: JPEGFixture) throws {
    let reading = try read(fixture.bytes)
    #expect(reading.image.width == fixture.width)
    #expect(reading.image.height == fixture.height)
    #expect(reading.oddities == [])
    #expect(SHA256.hex(of: reading.image.samples) == fixture.sha256)
  }

  @Test(.needs(.pillow))
  func `of many sizes, kinds and orientations are within 2 levels of Pillow's`() throws {
    let folder = TemporaryFolder()
    try Python.run(file: packageFolder + "/Tests/Python/jpegs.py", ["write", folder.path, "120"])
    var largest = 0
    for number in 0..<120 {
      let path = folder.file(String(repeating: "0", count: 4 - "\(number)".count) + "\(number).jpg")
      let (ours, theirs) = (try Image8.read(path), try Image8.read(path + ".pnm"))
      let sides: [[Int]] = [ours, theirs].map { [$0.width, $0.height, $0.channels] }
      try #require(sides[0] == sides[1])
      for (a, b) in zip(ours.samples, theirs.samples) {
        largest = max(largest, abs(Int(a) - Int(b)))
      }
    }
    #expect(largest <= 2)
  }

  @Test func `are turned as their orientation says`() {
    // The letter F in 3 rows of 2: where its pixels go in each of EXIF's orientations.
    let stored = Image8(width: 2, height: 3, channels: 1, samples: [1, 2, 3, 4, 5, 6])
    let expected: [Int: [UInt8]] = [
      1: [1, 2, 3, 4, 5, 6], 2: [2, 1, 4, 3, 6, 5], 3: [6, 5, 4, 3, 2, 1], 4: [5, 6, 3, 4, 1, 2],
      5: [1, 3, 5, 2, 4, 6], 6: [5, 3, 1, 6, 4, 2], 7: [6, 4, 2, 5, 3, 1], 8: [2, 4, 6, 1, 3, 5],
    ]
    for (orientation, samples) in expected {
      let turned = stored.turned(orientation)
      #expect(turned.samples == samples, "orientation \(orientation)")
      #expect(turned.width == (orientation < 5 ? 2 : 3))
    }
    #expect(stored.turned(0) == stored)
    #expect(stored.turned(9) == stored)
  }

  @Test func `whose EXIF makes no sense are read as they are`() throws {
    let bytes = JPEGFixture.turned.bytes
    let turned = try read(bytes).image
    let start = try place(of: 0xe1, in: bytes)
    let size = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
    for change in 4..<2 + size {
      var damaged = bytes
      damaged[start + change] ^= 0xff
      let image = try read(damaged).image
      let sides = [[turned.width, turned.height], [turned.height, turned.width]]
      #expect(sides.contains([image.width, image.height]), "byte \(change)")
    }
  }

  @Test func `with a missing end mark, or bytes behind it, are read, and that is said`() throws {
    let bytes = JPEGFixture.colour.bytes
    let image = try read(bytes).image
    let endless = try read(bytes.dropLast(2))
    #expect(endless.image == image)
    #expect(endless.oddities == ["its end is missing"])
    #expect(try read(bytes + [1, 2, 3]).image == image)
    // What a progressive picture lacks at its end cannot be told.
    #expect(problem(JPEGFixture.progressive.bytes.dropLast(2))?.code == .truncated)
  }

  @Test(arguments: JPEGFixture.all)
  func `cut short are refused`(_ fixture: JPEGFixture) throws {
    // The last two bytes are the end mark; of the byte before, the last bits are padding.
    for count in 2..<fixture.bytes.count - 3 {
      #expect(throws: FileProblem.self, "cut to \(count) of \(fixture.bytes.count) bytes") {
        try read(Array(fixture.bytes.prefix(count)))
      }
    }
  }

  @Test(arguments: JPEGFixture.all)
  func `damaged are read or refused`(_ fixture: JPEGFixture) throws {
    let refused = try survivesMutations(fixture.bytes, rounds: 1500) { try read($0) }
    #expect(refused > 300)
  }

  @Test func `of kinds that are not read say what they are`() throws {
    #expect(problem(JPEGFixture.printing.bytes)?.message.contains("CMYK") == true)
    var bytes = JPEGFixture.colour.bytes
    let frame = try place(of: 0xc0, in: bytes)
    bytes[frame + 1] = 0xc3
    #expect(problem(bytes)?.message.contains("lossless") == true)
    bytes[frame + 1] = 0xc0
    bytes[frame + 4] = 12
    #expect(problem(bytes)?.message.contains("12 bits") == true)
    bytes[frame + 4] = 8
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0, 0, 0, 19])
    #expect(problem(bytes)?.code == .unsupported)
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xff, 0xff, 0xff, 0xff])
    #expect(problem(bytes)?.code == .tooLarge)
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0x1f, 0xff, 0x1f, 0xff])
    #expect(problem(bytes)?.code == .truncated)
    bytes[frame + 9] = 2
    #expect(problem(bytes)?.message.contains("2 colour components") == true)
  }

  @Test func `have one size, wherever it is said`() throws {
    // A second frame header of another size: whoever looks at only one of them sees one size.
    let bytes = JPEGFixture.colour.bytes
    let frame = try place(of: 0xc0, in: bytes)
    var other = Array(bytes[frame..<frame + 19])
    other[8] = 200
    #expect(problem(Array(bytes[..<frame]) + other + bytes[frame...]) != nil)
  }

  @Test(arguments: [
    "RIFF\0\0\0\0WEBPVP8 ", "GIF89a", "\0\0\0\u{1c}ftypheic", "\0\0\0\u{1c}ftypavif",
  ])
  func `others are named`(text: String) {
    let kinds = ["WebP", "GIF", "HEIC", "AVIF"]
    let message = problem(Array(text.utf8))?.message ?? ""
    #expect(kinds.contains { message.contains("this is a \($0) image; convert it") }, "\(message)")
  }
}
