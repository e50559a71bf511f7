import ExptComponents
import ExptInference
import Testing

@Suite("Walks through the latents")
struct LatentWalksTests {
  private func rows(_ values: [Float], _ size: Int) -> [[Float]] {
    stride(from: 0, to: values.count, by: size).map { Array(values[$0..<$0 + size]) }
  }

  @Test func `a straight interpolation goes in equal steps from end to end`() {
    let way = LatentWalks.interpolation(from: [0, 4], to: [1, -4], steps: 5, spherical: false)
    #expect(rows(way, 2) == [[0, 4], [0.25, 2], [0.5, 0], [0.75, -2], [1, -4]])
  }

  @Test func `a spherical interpolation keeps the length and divides the angle`() {
    let way = rows(
      LatentWalks.interpolation(from: [2, 0, 0], to: [0, 2, 0], steps: 4, spherical: true), 3)
    let half = Float(3).squareRoot()
    let expected: [[Float]] = [[2, 0, 0], [half, 1, 0], [1, half, 0], [0, 2, 0]]
    for (seen, expected) in zip(way, expected) {
      for (a, b) in zip(seen, expected) { #expect(abs(a - b) < 1e-6) }
    }
    #expect(way.count == 4)
  }

  private static let withoutArc: [([Float], [Float])] = [
    ([1, 1], [2, 2]), ([0, 0], [1, 3]), ([1, 1], [-1, -1]),
  ]

  @Test(arguments: withoutArc)
  func `where there is no arc it goes along the chord`(_ a: [Float], _ b: [Float]) {
    let arc = LatentWalks.interpolation(from: a[...], to: b[...], steps: 3, spherical: true)
    let chord = LatentWalks.interpolation(from: a[...], to: b[...], steps: 3, spherical: false)
    #expect(arc == chord)
  }

  private func dimension(_ number: Int, kl: Double?, mean: Double = 0, variance: Double = 1)
    -> LatentDimension
  { LatentDimension(number: number, kl: kl, mean: mean, variance: variance) }

  @Test func `a traversal changes one dimension at a time`() {
    let way = LatentWalks.traversal(
      of: [9, 8, 7], along: [dimension(2, kl: 1), dimension(0, kl: 0.5)], range: 3, steps: 3)
    #expect(
      rows(way.latents, 3) == [
        [9, 8, -3], [9, 8, 0], [9, 8, 3], [-3, 8, 7], [0, 8, 7], [3, 8, 7],
      ])
  }

  @Test func `a code, which has no prior, is traversed around its mean in its deviations`() {
    let way = LatentWalks.traversal(
      of: [9, 8], along: [dimension(1, kl: nil, mean: 5, variance: 4)], range: 1.5, steps: 3)
    #expect(rows(way.latents, 2) == [[9, 2], [9, 5], [9, 8]])
  }

  @Test func `dimensions are ordered by KL, codes by variance, equals by number`() {
    let latents = [dimension(0, kl: 1), dimension(1, kl: 2), dimension(2, kl: 1)]
    #expect(latents.byImportance.map(\.number) == [1, 0, 2])
    let codes = [dimension(0, kl: nil, variance: 1), dimension(1, kl: nil, variance: 3)]
    #expect(codes.byImportance.map(\.number) == [1, 0])
  }
}

@Suite("Walks through other spaces")
struct SpaceWalksTests {
  private func rows(_ values: [Float], _ size: Int) -> [[Float]] {
    stride(from: 0, to: values.count, by: size).map { Array(values[$0..<$0 + size]) }
  }

  private func length(_ point: [Float]) -> Float {
    point.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test func `a sphere is crossed along a great circle, also between poles`() {
    let way = rows(
      LatentWalks.interpolation(
        from: [2, 0, 0], to: [0, 0, 1], steps: 3, spherical: false, in: .sphere(3)), 3)
    let half = Float(0.5).squareRoot()
    for (seen, expected) in zip(way.joined(), [1, 0, 0, half, 0, half, 0, 0, 1]) {
      #expect(abs(seen - expected) < 1e-6)
    }
    let across = rows(
      LatentWalks.interpolation(
        from: [0, 0, 1], to: [0, 0, -1], steps: 5, spherical: false, in: .sphere(3)), 3)
    for point in across { #expect(abs(length(point) - 1) < 1e-6) }
    for (a, b) in zip(across, across.dropFirst()) {
      let cosine = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(cosine - half) < 1e-5, "steps of 45°")
    }
    // The trap: the chord of a sphere leaves it.
    let chord = LatentWalks.interpolation(from: [1, 0], to: [0, 1], steps: 3, spherical: false)
    #expect(length(Array(chord[2..<4])) < 0.8)
  }

  @Test func `choices that differ change one after another, from made choices`() {
    let space = LatentSpace.codes(count: 3, size: 2)
    let way = rows(
      LatentWalks.interpolation(
        from: [0.6, 0.4, 1, 0, 0.3, 0.7], to: [0, 1, 1, 0, 0.8, 0.2], steps: 5, spherical: false,
        in: space), 6)
    #expect(way.first == [1, 0, 1, 0, 0, 1] && way.last == [0, 1, 1, 0, 1, 0])
    #expect(way[2] == [0, 1, 1, 0, 0, 1], "half-way the first has changed")
    #expect(Set(way).count == 3 && way.joined().allSatisfy { $0 == 0 || $0 == 1 })
    let bits = rows(
      LatentWalks.interpolation(
        from: [0, 1, 0], to: [1, 1, 1], steps: 3, spherical: false, in: .bits(3)), 3)
    #expect(bits == [[0, 1, 0], [1, 1, 0], [1, 1, 1]])
  }

  private let joint = LatentSpace.groups([
    LatentGroup("style", .vector(1)), LatentGroup("digit", .codes(count: 1, size: 3)),
  ])

  @Test func `groups go their own ways`() {
    let way = rows(
      LatentWalks.interpolation(
        from: [0, 1, 0, 0], to: [4, 0, 0, 1], steps: 5, spherical: false, in: joint), 4)
    #expect(way.map { $0[0] } == [0, 1, 2, 3, 4])
    #expect(way.map { Array($0[1...]).firstIndex(of: 1) } == [0, 0, 2, 2, 2])
  }

  @Test func `each unit is traversed in its own way`() {
    let space = LatentSpace.groups([
      LatentGroup("style", .vector(1)), LatentGroup("digit", .codes(count: 1, size: 3)),
      LatentGroup("on", .bits(1)), LatentGroup("place", .sphere(2)),
    ])
    let dimensions = space.units.enumerated().map {
      LatentDimension(number: $0, unit: $1, kl: 1, mean: 0, variance: 1)
    }
    let base: [Float] = [9, 0.2, 0.5, 0.3, 0.9, 2, 0]
    let way = LatentWalks.traversal(
      of: base[...], along: dimensions, range: 3, steps: 3, in: space)
    #expect(
      way.rows.map(\.name)
        == ["style", "digit", "on", "place towards axis 0", "place towards axis 1"])
    #expect(way.rows.map(\.latents.count) == [3, 3, 2, 3, 3] && way.columns == 3)
    #expect(way.rows[0].latents.map { $0[0] } == [-3, 0, 3])
    #expect(way.rows[0].latents[0][1...] == [0, 1, 0, 1, 1, 0], "the base's choice is made")
    #expect(way.rows[1].latents.map { Array($0[1..<4]) } == [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    #expect(way.rows[2].latents.map { $0[4] } == [0, 1])
    for row in way.rows[3...] {
      for latent in row.latents { #expect(abs(length(Array(latent[5...])) - 1) < 1e-6) }
      #expect(row.latents[1][5...] == [1, 0], "through the base")
    }
    let towards = way.rows[4].latents
    #expect(abs(towards[0][6] + 1) < 1e-6 && abs(towards[2][6] - 1) < 1e-6)
    #expect(way.count == 14 && way.latents.count == 14 * 7)
    let filled = way.filled((0..<14).map(Float.init), size: 1)
    #expect(filled.count == 15 && filled[8] == 96 / 255 && filled[9] == 8)
  }

  @Test func `a choice with very many values shows the first`() {
    let space = LatentSpace.codes(count: 1, size: 300)
    let row = LatentWalks.traversal(
      of: [Float](repeating: 0, count: 300)[...],
      along: [LatentDimension(number: 0, unit: space.units[0], kl: 1, mean: 0, variance: 1)],
      range: 3, steps: 3, in: space)
    #expect(row.columns == 64)
  }

  @Test func `a grid has its corners, and equal steps between`() {
    let grid = LatentWalks.grid(([0, 0, 7], [3, 0, 7], [0, -6, 7]), size: 4, in: .vector(3))
    #expect(grid.count == 16 * 3)
    for (row, column) in [(0, 0), (0, 3), (3, 0), (3, 3), (1, 2)] {
      let place = (row * 4 + column) * 3
      #expect(Array(grid[place..<place + 3]) == [Float(column), Float(-2 * row), 7])
    }
  }
}
