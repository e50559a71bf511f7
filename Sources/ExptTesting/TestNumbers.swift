import ExptTensor

/// Numbers for tests, the same at every run.
public enum TestNumbers {
  /// Standard normal.
  public static func normal(_ count: Int, seed: UInt64 = 1) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { memory, filled in
      Random.fillNormal(
        UnsafeMutableBufferPointer(rebasing: memory[..<count]), seed: seed,
        stream: Random.stream("test"))
      filled = count
    }
  }

  /// Uniform in `range`.
  public static func uniform(_ count: Int, in range: ClosedRange<Float>, seed: UInt64 = 1)
    -> [Float]
  {
    [Float](unsafeUninitializedCapacity: count) { memory, filled in
      Random.fillUniform(
        UnsafeMutableBufferPointer(rebasing: memory[..<count]), seed: seed,
        stream: Random.stream("test"))
      filled = count
    }.map { range.lowerBound + $0 * (range.upperBound - range.lowerBound) }
  }
}

/// The largest difference between two arrays, relative to the largest number of the second.
/// Infinite if the counts differ or if one of the numbers is not finite.
public func largestError(_ seen: [Float], _ expected: [Double]) -> Double {
  guard seen.count == expected.count, seen.allSatisfy(\.isFinite) else { return .infinity }
  let scale = expected.map(abs).max() ?? 0
  let error = zip(seen, expected).map { abs(Double($0) - $1) }.max() ?? 0
  return error == 0 ? 0 : error / max(scale, 1e-30)
}
