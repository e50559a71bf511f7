public import ExptTensor

/// Where the latents of an example live. Everywhere they are rows of `width` numbers, `[batch, width]`;
/// the space says what the numbers mean.
public indirect enum LatentSpace: Sendable, Hashable {
  /// d real numbers.
  case vector(Int)
  /// A map of real numbers, `[channels, height, width]`, row by row.
  case map(Shape)
  /// `count` choices among `size` each: rows of one-hot (in training perhaps soft) choices, one after
  /// another.
  case codes(count: Int, size: Int)
  /// A point of the unit sphere in d dimensions, whose surface has d − 1.
  case sphere(Int)
  /// Several spaces one after another.
  case groups([LatentSpace])

  /// Numbers of an example.
  public var width: Int {
    switch self {
    case .vector(let dimensions), .sphere(let dimensions): dimensions
    case .map(let shape): shape.count
    case .codes(let count, let size): count * size
    case .groups(let parts): parts.reduce(0) { $0 + $1.width }
    }
  }

  /// Whether all numbers are coordinates that can be moved one by one.
  public var isEuclidean: Bool {
    switch self {
    case .vector, .map: true
    case .codes, .sphere: false
    case .groups(let parts): parts.allSatisfy(\.isEuclidean)
    }
  }
}

extension LatentSpace: CustomStringConvertible {
  /// `20 numbers`, `3 choices among 10`, `a point of the sphere in 5 dimensions`.
  public var description: String {
    switch self {
    case .vector(let dimensions): "\(dimensions) numbers"
    case .map(let shape): "a map \(shape)"
    case .codes(let count, let size): "\(count) choices among \(size)"
    case .sphere(let dimensions): "a point of the sphere in \(dimensions) dimensions"
    case .groups(let parts): parts.map(\.description).joined(separator: " and ")
    }
  }
}
