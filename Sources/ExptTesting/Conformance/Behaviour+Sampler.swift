import ExptComponents
import ExptTensor

extension Behaviour {
  /// Latents for a sampler: 120 that lie around two places in 3 dimensions, or 120 times 3 choices
  /// among 4 that depend on each other.
  private static let latents: [(space: LatentSpace, values: [Float])] = [
    (
      .vector(3),
      TestNumbers.normal(120 * 3, seed: 5).enumerated().map { place, number in
        (place / 3).isMultiple(of: 3) ? 4 + number / 2 : number * (1 + Float(place % 3))
      }
    ),
    (
      .codes(count: 3, size: 4),
      (0..<120 * 3).flatMap { place -> [Float] in
        let choice = place % 3 == 1 ? place / 7 % 4 : place / 9 % 3
        return (0..<4).map { $0 == choice ? 1 : 0 }
      }
    ),
  ]

  /// A sampler is fitted to latents of the first space that it does not refuse.
  mutating func examine(_ sampler: any Sampler) {
    let spaces = Self.latents
    let fitting = spaces.first { latents in
      do throws(SamplerProblem) {
        _ = try sampler.fit(FittingData(latents.values, space: latents.space))
        return true
      } catch { return latents.space == spaces[spaces.count - 1].space }
    }
    guard let fitting else { return }
    examine(sampler, fitting.values, fitting.space)
  }

  private mutating func examine(
    _ sampler: any Sampler, _ latents: [Float], _ space: LatentSpace
  ) {
    let width = space.width
    do {
      let data = try FittingData(latents, space: space)
      let fitted = try sampler.fit(data)
      for array in fitted.arrays {
        record(array.name)
        record(array.values)
        expectFinite(array.values, "the fitted '\(array.name)'")
      }
      record(fitted.reached.map(\.value))
      record([Double(sampler.draws)])
      let drawn = try sampler.draw(40, from: fitted, width: width, seed: 3)
      record(drawn)
      if isBrief { return }
      expect(drawn.count == 40 * width, "40 draws are \(drawn.count) numbers, not \(40 * width)")
      expectFinite(drawn, "a draw")
      expect(try sampler.fit(data) == fitted, "it learns something else from the same latents")
      let threads = try FittingData(latents, space: space, pool: ThreadPool(threads: 3))
      expect(try sampler.fit(threads) == fitted, "what it learns depends on the number of threads")
      expect(
        try sampler.draw(40, from: fitted, width: width, seed: 3) == drawn,
        "the same seed draws other latents")
      expect(
        try sampler.draw(15, from: fitted, width: width, seed: 3)
          == Array(drawn.prefix(15 * width)),
        "the first of 40 draws are not those of 15")
      expect(
        try sampler.draw(40, from: fitted, width: width, seed: 4) != drawn,
        "another seed draws the same latents")
      examine(sampler, damaged: fitted, width: width)
    } catch { expect(false, "it fails: \(error)") }
  }

  /// What a file lacks has to be said.
  private mutating func examine(
    _ sampler: any Sampler, damaged fitted: FittedArrays, width: Int
  ) {
    for place in fitted.arrays.indices {
      var damaged = fitted
      let array = damaged.arrays.remove(at: place)
      let isRefused = (try? sampler.draw(4, from: damaged, width: width, seed: 3)) == nil
      expect(isRefused, "it draws though '\(array.name)' is missing")
    }
  }
}
