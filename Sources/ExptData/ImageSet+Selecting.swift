public import ExptComponents

extension ImageSet {
  /// A new set of some of the images, with their labels and factors, in the given order.
  public func selecting(_ numbers: ArraySlice<Int>) -> ImageSet {
    var selected = self
    selected.count = numbers.count
    switch pixels {
    case .bytes(let bytes): selected.pixels = .bytes(rows(of: bytes, numbers))
    case .floats(let floats): selected.pixels = .floats(rows(of: floats, numbers))
    case .stored(let stored): selected.pixels = stored.selecting(Array(numbers))
    }
    selected.observed = observed.map { rows(of: $0, numbers) }
    selected.annotate(from: self, numbers)
    return selected
  }

  /// Takes over what is known about some of the images of another set besides their pixels.
  mutating func annotate(from other: ImageSet, _ numbers: ArraySlice<Int>) {
    labels = other.labels.map { labels in numbers.map { labels[$0] } }
    factors = other.factors.map { factor in
      (factor.name, numbers.map { factor.values[$0] })
    }
    rows = numbers.map(other.row)
  }

  private func rows<Value: BitwiseCopyable>(
    of values: [Value], _ numbers: ArraySlice<Int>
  ) -> [Value] {
    let size = shape.count
    return [Value](unsafeUninitializedCapacity: numbers.count * size) { target, filled in
      values.withUnsafeBufferPointer { values in
        for (row, number) in numbers.enumerated() {
          precondition(
            number >= 0 && number < count, "image \(number) is not among \(count) images")
          let source = UnsafeBufferPointer(rebasing: values[number * size..<(number + 1) * size])
          _ = UnsafeMutableBufferPointer(rebasing: target[row * size..<(row + 1) * size])
            .initialize(fromContentsOf: source)
        }
      }
      filled = numbers.count * size
    }
  }
}

extension ImageSet {
  /// The first `limit` images with their labels and factors.
  public func prefix(_ limit: Int) -> ImageSet {
    let kept = min(max(0, limit), count)
    if kept == count { return self }
    let values = kept * shape.count
    let pixels: Pixels =
      switch pixels {
      case .bytes(let bytes): .bytes(Array(bytes.prefix(values)))
      case .floats(let floats): .floats(Array(floats.prefix(values)))
      case .stored(let stored): stored.selecting(Array(0..<kept))
      }
    var prefix = self
    (prefix.count, prefix.pixels) = (kept, pixels)
    prefix.observed = observed.map { Array($0.prefix(values)) }
    prefix.labels = labels.map { Array($0.prefix(kept)) }
    prefix.factors = factors.map { ($0.name, Array($0.values.prefix(kept))) }
    prefix.rows = rows.map { Array($0.prefix(kept)) }
    return prefix
  }
}
