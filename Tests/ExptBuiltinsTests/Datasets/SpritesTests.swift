import ExptBuiltins
import ExptComponents
import ExptData
import ExptTensor
import Testing

@Suite("Drawn sprites")
struct SpritesTests {
  private func sprites(
    _ count: Int, size: Int = 64, _ change: (inout Sprites) -> Void = { _ in }, threads: Int = 2
  ) throws -> ImageSet {
    var dataset = Sprites()
    (dataset.train, dataset.test, dataset.size) = (count, 0, size)
    change(&dataset)
    let set = try dataset.load(DataEnvironment(pool: ThreadPool(threads: threads))).train
    #expect(set.shape == dataset.imageShape(DataEnvironment()))
    return set
  }

  private func factor(_ set: ImageSet, _ name: String) throws -> [Float] {
    try #require(set.factors.first { $0.name == name }?.values)
  }

  @Test func `factors come with the images, and labels are shapes`() throws {
    let set = try sprites(60)
    #expect(set.factors.map(\.name) == ["shape", "scale", "rotation", "x", "y"])
    #expect(set.factors.allSatisfy { $0.values.count == 60 })
    #expect(try factor(set, "shape").map { Int32($0) } == set.labels)
    #expect(Set(set.labels ?? []) == [0, 1, 2])
    #expect(try factor(set, "scale").allSatisfy { (0.5...1).contains($0) })
    #expect(try factor(set, "rotation").allSatisfy { $0 >= 0 && $0 < 6.2832 })
    #expect(try factor(set, "x").allSatisfy { (0...1).contains($0) })
  }

  // A snapshot of what x86-64 draws: another machine or version must draw the same.
  @Test func `the bytes are the same on every machine, and for all threads`() throws {
    let expected = "120×1×64×64-0e88f1b3d2cb7a1a"
    #expect(try sprites(120, threads: 1).fingerprint == expected)
    #expect(try sprites(120, threads: 3).fingerprint == expected)
  }

  @Test func `x and y say where the ink is`() throws {
    let set = try sprites(60)
    let bytes = try #require(set.bytes)
    let (labels, scale) = (try #require(set.labels), try factor(set, "scale"))
    let (x, y) = (try factor(set, "x"), try factor(set, "y"))
    for image in 0..<60 {
      var (ink, sumX, sumY) = (Float(0), Float(0), Float(0))
      for place in 0..<64 * 64 {
        let value = Float(bytes[image * 64 * 64 + place]) / 255
        ink += value
        sumX += value * (Float(place % 64) + 0.5)
        sumY += value * (Float(place / 64) + 0.5)
      }
      #expect(abs(sumX / ink - (16 + 32 * x[image])) < 0.1, "image \(image)")
      #expect(abs(sumY / ink - (16 + 32 * y[image])) < 0.1, "image \(image)")
      // A square of half side 0.7, an ellipse of half axes 1 and ½, and a heart of 3.66 / 1.3²
      // (its curve's area was summed over a fine grid).
      let reach = 16 * scale[image]
      let area = [1.96, Float.pi / 2, 2.165][Int(labels[image])] * reach * reach
      #expect(abs(ink - area) < 0.02 * area, "image \(image)")
    }
  }

  @Test func `sprites stay within the image`() throws {
    let set = try sprites(500, size: 32)
    let mean = set.meanImage(in: 0..<500)
    let edge = mean.indices.filter { [0, 31].contains($0 / 32) || [0, 31].contains($0 % 32) }
    #expect(edge.allSatisfy { mean[$0] < 0.01 })
    #expect(mean[16 * 32 + 16] > 0.05)
  }

  @Test func `on the grid factors take dSprites' values`() throws {
    let set = try sprites(400) { $0.factors = .grid }
    #expect(Set(try factor(set, "scale")).count == 6)
    #expect(Set(try factor(set, "rotation")).count <= 40)
    #expect(try factor(set, "x").allSatisfy { abs($0 * 31 - ($0 * 31).rounded()) < 1e-4 })
  }

  @Test func `without smooth edges every pixel is on or off`() throws {
    let set = try sprites(50) { $0.smooth = false }
    #expect(set.greyShare(in: 0..<50) == 0)
    #expect(try sprites(50).greyShare(in: 0..<50) > 0)
  }

  @Test func `in colour there are three channels and a hue`() throws {
    let set = try sprites(50) { $0.colour = true }
    #expect(set.shape == [3, 64, 64])
    let bytes = try #require(set.bytes)
    for (image, hue) in try factor(set, "hue").enumerated() {
      // The brightest channel is the hue's: red, green or blue.
      let brightest = (0..<3).map { channel in
        bytes[(image * 3 + channel) * 64 * 64..<(image * 3 + channel + 1) * 64 * 64].max() ?? 0
      }
      let channel = Int((hue * 3).rounded()) % 3
      #expect(brightest[channel] == brightest.max(), "hue \(hue): \(brightest)")
      #expect(brightest.min() == 0, "hue \(hue): \(brightest)")
    }
  }

  @Test func `half a turn changes neither squares nor ellipses`() throws {
    // With a grid of 40 rotations, equal factors but half a turn apart are found among many.
    let set = try sprites(6000, size: 16) { $0.factors = .grid }
    let bytes = try #require(set.bytes)
    let (scale, rotation) = (try factor(set, "scale"), try factor(set, "rotation"))
    let (x, y) = (try factor(set, "x"), try factor(set, "y"))
    var seen: [[Float]: Int] = [:]
    var pairs = 0
    for image in 0..<6000 where set.labels?[image] != 2 {
      let turns = (rotation[image] / (2 * .pi) * 40).rounded()
      let key = [
        Float(set.labels?[image] ?? 0), scale[image], turns.truncatingRemainder(dividingBy: 20),
        (x[image] * 31).rounded(), (y[image] * 31).rounded(),
      ]
      if let other = seen[key] {
        pairs += 1
        let (a, b) = (
          bytes[other * 256..<other * 256 + 256], bytes[image * 256..<image * 256 + 256]
        )
        let worst = zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
        #expect(worst <= 32, "images \(other) and \(image)")  // two of sixteen points of a pixel
      }
      seen[key] = image
    }
    #expect(pairs > 10)
  }
}
