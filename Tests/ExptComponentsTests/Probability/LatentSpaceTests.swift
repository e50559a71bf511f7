import ExptComponents
import Testing

@Suite("Spaces of latents")
struct LatentSpaceTests {
  private let space = LatentSpace.groups([
    LatentGroup("style", .vector(2)), LatentGroup("digit", .codes(count: 1, size: 3)),
    LatentGroup("place", .sphere(3)), LatentGroup("on", .bits(2)),
  ])

  @Test func `say how many numbers they take and what they are`() {
    let space = LatentSpace.groups([
      LatentGroup("a", .vector(4)), LatentGroup("b", .codes(count: 3, size: 10)),
      LatentGroup("c", .map([2, 3, 3])),
    ])
    #expect(space.width == 4 + 30 + 18)
    #expect(!space.isEuclidean && LatentSpace.map([2, 3, 3]).isEuclidean)
    #expect(!LatentSpace.bits(4).isEuclidean && LatentSpace.bits(4).width == 4)
    #expect("\(space)" == "4 numbers and 3 choices among 10 and a map 2×3×3")
    #expect("\(LatentSpace.codes(count: 1, size: 5))" == "1 choice among 5")
    #expect("\(LatentSpace.bits(1))" == "1 switch" && "\(LatentSpace.bits(3))" == "3 switches")
  }

  @Test func `are made of units with names and places`() {
    #expect(
      space.units == [
        LatentUnit("style 0", .number, 0..<1), LatentUnit("style 1", .number, 1..<2),
        LatentUnit("digit", .choice, 2..<5), LatentUnit("place", .sphere, 5..<8),
        LatentUnit("on 0", .bit, 8..<9), LatentUnit("on 1", .bit, 9..<10),
      ])
    #expect(LatentSpace.codes(count: 2, size: 2).units[1] == LatentUnit("1", .choice, 2..<4))
  }

  @Test func `name the columns of files`() {
    #expect(
      space.columnNames == [
        "style_mean_0", "style_mean_1", "digit_probability_0_0", "digit_probability_0_1",
        "digit_probability_0_2", "place_mean_0", "place_mean_1", "place_mean_2",
        "on_probability_0", "on_probability_1",
      ])
  }

  @Test func `know their points nearest to means`() {
    let means: [Float] = [0.3, -7, 0.2, 0.5, 0.3, 0, 3, 4, 0.4, 0.6]
    let points = space.points(nearest: means + means)
    let expected: [Float] = [0.3, -7, 0, 1, 0, 0, 0.6, 0.8, 0, 1]
    #expect(points == expected + expected)
    #expect(LatentSpace.sphere(2).points(nearest: [0, 0]) == [1, 0])
    #expect(LatentSpace.codes(count: 1, size: 3).points(nearest: [0.4, 0.4, 0.2]) == [1, 0, 0])
  }

  @Test func `importance is by unit: the KL of a choice, the variance of all its numbers`() {
    let encodings = Encodings(
      count: 2,
      space: .groups([
        LatentGroup("style", .vector(1)), LatentGroup("digit", .codes(count: 1, size: 2)),
      ]), mean: [1, 1, 0, 3, 0, 1], kl: [0.5, 0.75, 1.5, 0.25])
    let units = encodings.dimensions
    #expect(units.map(\.unit.name) == ["style", "digit"])
    #expect(units.map(\.kl) == [1, 0.5])
    #expect(units.map(\.mean) == [2, 0] && units.map(\.variance) == [2, 1])
    #expect(encodings.centre == [2, 1, 0])
  }
}
