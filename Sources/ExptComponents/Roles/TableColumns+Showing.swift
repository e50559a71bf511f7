import ExptTensor

extension TableColumns {
  /// Rows as an encoder sees them: numbers as they are, 0 and 1 as −1 and 1, a category as as many numbers
  /// as it has levels, one of them 1, and a count n as log(1 + n) with the mean 0 and the variance 1 of the
  /// training rows. What is missing is 0 everywhere: the mean, and no category.
  ///
  /// - Parameters:
  ///   - examples: `[n] + shape`. Between whole numbers, categories pass into one another.
  ///   - observed: 1 or 0, as many.
  /// - Returns: `[n, 1, 1, numbers]`, or of windows `[n, numbers, 1, window]`.
  func shown(_ examples: Tensor, observed: Tensor?) -> Tensor {
    let rows = examples.flattened()
    let masks = observed?.flattened()
    let parts = runs.map { run in
      shown(rows.columns(run.values), masks?.columns(run.values), run.column)
    }
    guard let first = parts.first else { return examples }
    let wide = parts.count == 1 ? first : concatenate(parts)
    let numbers = wide.shape[1] / window
    let shape: Shape = window == 1 ? [1, 1, numbers] : [numbers, 1, window]
    return wide.reshaped(shape.batched(rows.shape[0]))
  }

  /// Examples with one more number for each value that says whether it is observed.
  func telling(_ shown: Tensor, _ observed: Tensor) -> Tensor {
    guard window == 1 else { return concatenate(shown, observed) }
    let wide = concatenate(shown.flattened(), observed.flattened())
    return wide.reshaped([wide.shape[0], 1, 1, wide.shape[1]])
  }

  /// Columns that are shown alike, numeric and binary ones next to one another together.
  private var runs: [(values: Range<Int>, column: TableColumn)] {
    var runs: [(values: Range<Int>, column: TableColumn)] = []
    for (number, column) in columns.enumerated() {
      let values = values(of: number)
      if let last = runs.last, last.column.kind == column.kind,
        column.kind == .numeric || column.kind == .binary
      {
        runs[runs.count - 1].values = last.values.lowerBound..<values.upperBound
      } else {
        runs.append((values, column))
      }
    }
    return runs
  }

  private func shown(_ values: Tensor, _ mask: Tensor?, _ column: TableColumn) -> Tensor {
    let seen: Tensor
    switch column.kind {
    case .numeric: seen = values
    case .binary: seen = values * 2 - 1
    case .count:
      let logarithms = log1p(clamp(values, 0...Float.greatestFiniteMagnitude))
      seen = (logarithms - Float(column.mean)) * Float(1 / column.scale)
    case .categorical: return indicators(values, mask, levels: max(1, column.levels.count))
    }
    return mask.map { seen * $0 } ?? seen
  }

  /// `[n, window]` to `[n, levels · window]`: 1 where the value is the level, 0 where it is another.
  private func indicators(_ values: Tensor, _ mask: Tensor?, levels: Int) -> Tensor {
    let (count, width) = (values.shape[0], values.shape[1])
    func repeated(_ values: Tensor) -> Tensor {
      values.repeatedExamples(levels).reshaped([count, levels, width])
    }
    let own = values.graph.constant(
      (0..<levels).flatMap { Array(repeating: Float($0), count: width) }, [levels, width])
    let is1 = clamp(1 - abs(repeated(values) - own), 0...1)
    return (mask.map { is1 * repeated($0) } ?? is1).reshaped([count, levels * width])
  }
}
