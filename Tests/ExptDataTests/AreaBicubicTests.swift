import ExptData
import ExptTestSupport
import Testing

@Suite("Resizing by areas and cubics")
struct AreaBicubicTests {
  private static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed)
    return generator.bytes(count)
  }

  private func resize(
    _ samples: [UInt8], _ from: (height: Int, width: Int), _ to: (height: Int, width: Int),
    channels: Int = 1
  ) -> [UInt8] {
    AreaBicubic.resize(
      samples, width: from.width, channels: channels,
      region: PixelRegion(height: from.height, width: from.width), to: to)
  }

  /// The share of each old pixel in a new one, straight from the definitions, in Double.
  private static func shares(_ pixel: Int, _ old: Int, _ new: Int) -> [Double] {
    let scale = Double(old) / Double(new)
    let all = (0..<old).map { index in
      if new <= old {
        let (start, end) = (Double(pixel) * scale, Double(pixel + 1) * scale)
        return max(0, min(end, Double(index + 1)) - max(start, Double(index)))
      }
      let x = abs((Double(pixel) + 0.5) * scale - 0.5 - Double(index))
      return x < 1
        ? 1.5 * x * x * x - 2.5 * x * x + 1
        : x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0
    }
    let total = all.reduce(0, +)
    return all.map { $0 / total }
  }

  @Test(arguments: [
    [7, 5, 3, 2], [40, 31, 16, 16], [5, 7, 13, 9], [3, 3, 8, 8], [30, 4, 12, 9], [4, 30, 9, 12],
    [1, 1, 4, 4], [2, 1, 1, 5], [12, 12, 12, 12], [3, 90, 3, 7],
  ])
  func `a new pixel is within half a level of what Double says`(sides: [Int]) {
    let (from, to) = ((height: sides[0], width: sides[1]), (height: sides[2], width: sides[3]))
    let rows = (0..<to.height).map { Self.shares($0, from.height, to.height) }
    let columns = (0..<to.width).map { Self.shares($0, from.width, to.width) }
    for channels in [1, 3] {
      let samples = Self.noise(from.height * from.width * channels, seed: 4)
      let result = resize(samples, from, to, channels: channels)
      var worst = 0.0
      for (place, seen) in result.enumerated() {
        let (channel, y, x) = (
          place / (to.height * to.width), place / to.width % to.height, place % to.width
        )
        var exact = 0.0
        for (row, a) in rows[y].enumerated() where a != 0 {
          for (column, b) in columns[x].enumerated() where b != 0 {
            exact += a * b * Double(samples[(row * from.width + column) * channels + channel])
          }
        }
        worst = max(worst, abs(Double(seen) - min(max(exact, 0), 255)))
      }
      // Cubic weights are rounded to 2⁻¹⁴: 0.1 levels at most. Areas are exact.
      #expect(worst <= 0.6, "\(sides), \(channels) channels")
    }
  }

  @Test func `halves are rounded up, and an even image stays even`() {
    #expect(resize([0, 1], (1, 2), (1, 1)) == [1])
    #expect(resize([0, 10, 20, 30], (2, 2), (1, 1)) == [15])
    for to in [(height: 3, width: 4), (height: 50, width: 3), (height: 11, width: 20)] {
      let even = resize([UInt8](repeating: 201, count: 35), (5, 7), to)
      #expect(even.allSatisfy { $0 == 201 }, "\(to)")
    }
    let own = Self.noise(35, seed: 1)
    #expect(resize(own, (5, 7), (5, 7)) == own)
  }

  @Test func `a region is what it would be alone, its channels one after another`() {
    let samples = Self.noise(6 * 9 * 3, seed: 2)
    let region = PixelRegion(top: 1, left: 2, height: 4, width: 5)
    let part: [UInt8] = (1..<5).flatMap { y -> ArraySlice<UInt8> in
      let start = (y * 9 + 2) * 3
      return samples[start..<start + 15]
    }
    for to in [(height: 2, width: 3), (height: 7, width: 3), (height: 4, width: 5)] {
      let cut = AreaBicubic.resize(samples, width: 9, channels: 3, region: region, to: to)
      #expect(cut == resize(part, (4, 5), to, channels: 3))
    }
    let same = AreaBicubic.resize(samples, width: 9, channels: 3, region: region, to: (4, 5))
    #expect(
      same
        == (0..<3).flatMap { channel in
          stride(from: channel, to: part.count, by: 3).map { part[$0] }
        })
  }

  @Test func `the middle leaves the larger half out below and on the right`() {
    let whole = PixelRegion(height: 7, width: 4)
    #expect(whole.centre(height: 4, width: 1) == PixelRegion(top: 1, left: 1, height: 4, width: 1))
    #expect(whole.centre(height: 9, width: 2) == PixelRegion(top: 0, left: 1, height: 7, width: 2))
  }

  /// Pillow's BICUBIC has the same cubic, and rounds and clamps after each axis: the levels are such that
  /// nothing is clamped. Its BOX is the mean of the area where the new size divides the old one.
  @Test(.needs(.pillow))
  func `Pillow gets the same within 1 level`() throws {
    let cases = [
      (from: (height: 9, width: 7), to: (height: 20, width: 33)),
      (from: (height: 5, width: 6), to: (height: 6, width: 64)),
      (from: (height: 40, width: 60), to: (height: 8, width: 20)),
    ]
    for (from, to) in cases {
      let samples = Self.noise(from.height * from.width * 3, seed: 3).map { 64 + $0 / 2 }
      let program = """
        import sys
        from PIL import Image
        h, w, height, width, filter = map(int, sys.argv[1:6])
        image = Image.frombytes("RGB", (w, h), bytes(map(int, sys.argv[6].split())))
        print(*image.resize((width, height), filter).tobytes())
        """
      let isLarger = to.height > from.height
      let printed = try Python.run(
        program,
        [from.height, from.width, to.height, to.width, isLarger ? 3 : 4].map { "\($0)" }
          + [samples.map { "\($0)" }.joined(separator: " ")])
      let theirs = printed.split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
      let ours = resize(samples, from, to, channels: 3)
      let count = to.height * to.width
      try #require(theirs.count == count * 3)
      let differences = ours.enumerated().map { place, value in
        abs(Int(value) - theirs[place % count * 3 + place / count])
      }
      #expect(differences.allSatisfy { $0 <= 1 }, "\(from) to \(to): \(differences.max() ?? 0)")
    }
  }
}
