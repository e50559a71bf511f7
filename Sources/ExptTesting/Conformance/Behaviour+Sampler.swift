import ExptComponents

extension Behaviour {
  /// A sampler is fitted to 120 latents of 3 numbers that lie around two places.
  mutating func examine(_ sampler: any Sampler) {
    let width = 3
    let latents = TestNumbers.normal(120 * width, seed: 5).enumerated().map { place, number in
      (place / width).isMultiple(of: 3) ? 4 + number / 2 : number * (1 + Float(place % width))
    }
    do {
      let data = try FittingData(latents, space: .vector(width))
      let fitted = try sampler.fit(data)
      for array in fitted.arrays {
        record(array.name)
        record(array.values)
        expectFinite(array.values, "the fitted '\(array.name)'")
      }
      let drawn = try sampler.draw(40, from: fitted, width: width, seed: 3)
      record(drawn)
      if isBrief { return }
      expect(drawn.count == 40 * width, "40 draws are \(drawn.count) numbers, not \(40 * width)")
      expectFinite(drawn, "a draw")
      expect(try sampler.fit(data) == fitted, "it learns something else from the same latents")
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
      examine(sampler, damaged: fitted)
    } catch { expect(false, "it fails: \(error)") }
  }

  /// What a file lacks has to be said.
  private mutating func examine(_ sampler: any Sampler, damaged fitted: FittedArrays) {
    for place in fitted.arrays.indices {
      var damaged = fitted
      let array = damaged.arrays.remove(at: place)
      let isRefused = (try? sampler.draw(4, from: damaged, width: 3, seed: 3)) == nil
      expect(isRefused, "it draws though '\(array.name)' is missing")
    }
  }
}
