import ExptTensor

extension TableColumns {
  /// How far reconstructions are from rows, value by value, in units that compare: numbers squared as they
  /// are, standardized; a category 0 or 1; a count by its logarithm; 0 where a value is missing.
  ///
  /// - Parameters:
  ///   - rows: `[n] + shape`, and as many `reconstructions`.
  ///   - observed: 1 or 0 for each; nil: all are.
  func squaredErrors(
    _ rows: [Float], _ reconstructions: [Float], observed: [UInt8]?
  ) -> [Float] {
    let size = max(1, shape.count)
    return rows.indices.map { index in
      if let observed, index < observed.count, observed[index] == 0 { return 0 }
      let column = columns[place(of: index % size).column]
      let (value, again) = (rows[index], reconstructions[index])
      switch column.kind {
      case .numeric, .binary: return (value - again) * (value - again)
      case .categorical: return value == again.rounded() ? 0 : 1
      case .count:
        let difference = (logarithm(value) - logarithm(again)) / column.scale
        return Float(difference * difference)
      }
    }
  }

  /// log(1 + n).
  private func logarithm(_ count: Float) -> Double {
    RepeatableMath.log(1 + max(0, Double(count)))
  }
}
