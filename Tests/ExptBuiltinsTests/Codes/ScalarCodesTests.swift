import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("Codes without a codebook")
struct ScalarCodesTests {
  /// Values and numbers of rows, given column by column.
  private func coded(_ levels: [Int], _ rows: [[Float]]) -> (values: [Float], numbers: [Float]) {
    let scalars = FiniteScalars(levels)
    let shape: Shape = [rows.count, levels.count]
    let run = GraphRun([(shape, rows.flatMap(\.self))]) { _, x in
      concatenate(
        scalars.quantized(x[0]), scalars.indices(of: x[0]).reshaped([rows.count, 1]))
    }
    let width = levels.count + 1
    return (
      rows.indices.flatMap { run.output[$0 * width..<$0 * width + levels.count] },
      rows.indices.map { run.output[$0 * width + levels.count] }
    )
  }

  @Test(arguments: 2...9)
  func `take exactly L values`(_ level: Int) {
    let rows = stride(from: Float(-12), through: 12, by: 0.05).map { [$0] }
    let (values, numbers) = coded([level], rows)
    #expect(Set(values).count == level)
    #expect(Set(numbers) == Set((0..<level).map(Float.init)))
    let half = Float(level / 2)
    #expect(Set(values) == Set((0..<level).map { (Float($0) - half) * (1 / half) }))
    // Rising, and 0 at 0.
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(coded([level], [[0]]).values == [0])
  }

  /// With two levels the value changes where tanh(z + atanh(½ / ½·1.001)) = 0, at −3.80; with tan in the
  /// place of atanh, the known mistake, at −1.56.
  @Test func `of two values change where atanh says, not tan`() {
    let place = atanh(0.5 / 0.5005)
    #expect(abs(place - 3.8007) < 1e-4 && abs(tan(0.5 / 0.5005) - 1.554) < 1e-3)
    let (values, _) = coded([2], [[-3.9], [-3.7], [-1.6]])
    #expect(values == [-1, 0, 0])
  }

  @Test(arguments: [[8, 5, 5, 5], [2, 2, 2], [3], [4, 7, 2]])
  func `are known by their number, and the other way round`(_ levels: [Int]) {
    let scalars = FiniteScalars(levels)
    let rows = (0..<500).map { row in
      TestNumbers.normal(levels.count, seed: UInt64(row)).map { $0 * 2 }
    }
    let (values, numbers) = coded(levels, rows)
    let (table, width) = (scalars.table, levels.count)
    #expect(
      Set((0..<scalars.size).map { Array(table[$0 * width..<($0 + 1) * width]) }).count
        == scalars.size)
    for (row, number) in numbers.enumerated() {
      let code = Int(number) * width
      #expect(Array(table[code..<code + width]) == Array(values[row * width..<(row + 1) * width]))
    }
  }

  @Test func `have the gradient of what is rounded`() {
    let scalars = FiniteScalars([8, 5, 2])
    let x = TestNumbers.normal(30, seed: 4)
    let run = GraphRun([([10, 3], x)]) { _, t in scalars.quantized(t[0]) }
    for (place, number) in x.enumerated() {
      let level = [8, 5, 2][place % 3]
      let half = Double(level - 1) * 1.001 / 2
      let offset = level % 2 == 0 ? 0.5 : 0
      let t = tanh(Double(number) + atanh(offset / half))
      let expected = half * (1 - t * t) / Double(level / 2)
      #expect(abs(Double(run.inputGradients[0][place]) - expected) < 1e-5)
    }
  }

  @Test(arguments: [3, 12])
  func `of signs have the entropies of a soft choice among all codes`(_ bits: Int) {
    let signs = SignBits(bits)
    let rows = 6
    let x = TestNumbers.normal(rows * bits, seed: 5)
    let run = GraphRun([([rows, bits], x)]) { _, t in
      let (each, mean) = signs.entropies(t[0], temperature: 0.7)
      return concatenate(each.reshaped([1, 1]), mean.reshaped([1, 1]))
    }
    // All codes of a group of bits, one by one.
    func choices(_ group: Range<Int>, _ row: Int) -> [Double] {
      let weights = (0..<1 << group.count).map { code in
        exp(
          group.enumerated().reduce(0.0) { sum, bit in
            let value = code >> bit.offset & 1 == 1 ? 1.0 : -1
            let difference = Double(x[row * bits + bit.element]) - value
            return sum - difference * difference / 0.7
          })
      }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
    func entropy(_ shares: [Double]) -> Double { shares.reduce(0) { $0 - $1 * log($1) } }
    let each = (0..<rows).reduce(0.0) { $0 + entropy(choices(0..<bits, $1)) } / Double(rows)
    let groups = bits <= 10 ? [0..<bits] : [0..<10, 10..<bits]
    let mean = groups.reduce(0.0) { sum, group in
      let all = (0..<rows).map { choices(group, $0) }
      return sum
        + entropy(all[0].indices.map { code in all.reduce(0) { $0 + $1[code] } / Double(rows) })
    }
    #expect(abs(Double(run.output[0]) / each - 1) < 1e-5)
    #expect(abs(Double(run.output[1]) / mean - 1) < 1e-5)
  }

  @Test func `of signs are known by their number, also at 0`() {
    let signs = SignBits(4)
    let x = TestNumbers.normal(40, seed: 6) + [0, 0, 0, 0]
    let run = GraphRun([([11, 4], x)]) { _, t in
      concatenate(signs.quantized(t[0]), signs.indices(of: t[0]).reshaped([11, 1]))
    }
    for row in 0..<11 {
      let values = run.output[row * 5..<row * 5 + 4].map { $0.rounded() }
      let code = Int(run.output[row * 5 + 4]) * 4
      #expect(values == Array(signs.table[code..<code + 4]))
      #expect(values.allSatisfy { abs($0) == 1 }, "a sign of 0")
    }
  }

  @Test func `are learned and drawn alike by number and one-hot`() throws {
    let numbers: [Int32] = (0..<90).map { place in
      let choice = place % 3 == 1 ? place / 7 % 4 : place / 9 % 3
      return Int32(choice)
    }
    let sampler = try builtins.make(.sampler, "{type: autoregressive, channels: 4, epochs: 3}")
    let spaces = [LatentSpace.indices([1, 1, 3], size: 4), .codes(count: 3, size: 4)]
    var fitted: [FittedArrays] = []
    var drawn: [[Int32]] = []
    for space in spaces {
      let latents = try #require(space.latents(choosing: numbers))
      let arrays = try sampler.fit(FittingData(latents, space: space))
      let draws = try sampler.draw(20, from: arrays, width: space.width, seed: 3)
      fitted.append(arrays)
      drawn.append(try #require(space.choices(of: draws)))
    }
    #expect(fitted[0].arrays == fitted[1].arrays)
    #expect(drawn[0] == drawn[1] && Set(drawn[0]).count == 4)
  }

  @Test func `stand in latents by number or one-hot`() throws {
    let numbers: [Int32] = [2, 0, 1, 2]
    let compact = LatentSpace.indices([1, 2, 1], size: 3)
    let wide = LatentSpace.codes(count: 2, size: 3)
    #expect(compact.width == 2 && wide.width == 6 && !compact.isEuclidean)
    for space in [compact, wide] {
      let latents = try #require(space.latents(choosing: numbers))
      #expect(latents.count == 2 * space.width)
      #expect(try FittingData(latents, space: space).choices == numbers)
    }
    #expect(compact.choices(of: [-3, 0.6, 99, .nan]) == [0, 1, 2, 0])
    #expect(LatentSpace.vector(2).choices(of: [1, 2]) == nil)
    #expect("\(compact)" == "a grid 1×2×1 of codes below 3")
  }
}
