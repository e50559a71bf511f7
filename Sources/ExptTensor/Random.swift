internal import CKernels

/// Counter-based random numbers (Philox 4×32-10): what is drawn depends only on the seed, the
/// stream, the position and the index, never on who drew before.
///
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public enum Random {
  /// The number of a stream by name (FNV-1a, 64 bits).
  public static func stream(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Fills `values` with numbers in [0, 1).
  public static func fillUniform(
    _ values: UnsafeMutableBufferPointer<Float>, seed: UInt64, stream: UInt64, position: UInt64 = 0,
    pool: ThreadPool? = nil
  ) {
    guard let base = values.baseAddress else { return }
    ck_random_uniform(pool?.handle, seed, stream, position, values.count, base)
  }

  /// Fills `values` with standard normal numbers.
  public static func fillNormal(
    _ values: UnsafeMutableBufferPointer<Float>, seed: UInt64, stream: UInt64, position: UInt64 = 0,
    pool: ThreadPool? = nil
  ) {
    guard let base = values.baseAddress else { return }
    ck_random_normal(pool?.handle, seed, stream, position, values.count, base)
  }
}

extension Initialiser {
  /// Fills a parameter's memory.
  func fill(
    _ values: UnsafeMutableBufferPointer<Float>, seed: UInt64, name: String, pool: ThreadPool?
  ) {
    let stream = Random.stream("initialise/" + name)
    switch self {
    case .constant(let value):
      values.update(repeating: value)
    case .uniform(let bound):
      Random.fillUniform(values, seed: seed, stream: stream)
      for index in values.indices { values[index] = bound * (2 * values[index] - 1) }
    case .normal(let deviation):
      Random.fillNormal(values, seed: seed, stream: stream)
      for index in values.indices { values[index] *= deviation }
    case .around(let deviation, let make):
      let made = make()
      precondition(
        !made.isEmpty && values.count % made.count == 0,
        "\(made.count) values do not fill \(name), \(values.count) numbers")
      Random.fillNormal(values, seed: seed, stream: stream)
      for index in values.indices {
        values[index] = made[index % made.count] + values[index] * deviation
      }
    case .orthogonal(let rows, let columns):
      Random.fillNormal(values, seed: seed, stream: stream, pool: pool)
      orthogonalise(values, rows: rows, columns: columns, pool: pool)
    case .values(let make):
      let made = make()
      precondition(made.count == values.count, "\(name) needs \(values.count) first values")
      for index in values.indices { values[index] = made[index] }
    }
  }
}
