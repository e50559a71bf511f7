extension LatentSpace {
  /// The points of the space nearest to rows of numbers, such as posterior means: the most probable of
  /// the values of each choice and switch, the direction on a sphere; real numbers stay.
  ///
  /// - Parameter values: `[count, width]`.
  public func points(nearest values: [Float]) -> [Float] {
    guard width > 0, !isEuclidean else { return values }
    var points = values
    for unit in units where unit.kind != .number {
      for row in stride(from: 0, to: values.count - width + 1, by: width) {
        let place = row + unit.numbers.lowerBound..<row + unit.numbers.upperBound
        points.replaceSubrange(place, with: unit.point(nearest: values[place]))
      }
    }
    return points
  }
}

extension LatentUnit {
  /// - Parameter values: Of its numbers.
  func point(nearest values: ArraySlice<Float>) -> [Float] {
    switch kind {
    case .number: return Array(values)
    case .bit: return values.map { $0 > 0.5 ? 1 : 0 }
    case .code: return values.map { $0 > 0 ? min($0.rounded(), Float(max(1, size) - 1)) : 0 }
    case .choice:
      let best = mode(of: values)
      return values.indices.map { $0 - values.startIndex == best ? 1 : 0 }
    case .sphere:
      let length = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      // Of the centre no point is nearest.
      guard length > 1e-12 else { return [1] + [Float](repeating: 0, count: values.count - 1) }
      return values.map { Float(Double($0) / length) }
    }
  }

  /// The place of the largest, of equal ones the first.
  public func mode(of values: ArraySlice<Float>) -> Int {
    values.indices.reduce(values.startIndex) { values[$1] > values[$0] ? $1 : $0 }
      - values.startIndex
  }
}
