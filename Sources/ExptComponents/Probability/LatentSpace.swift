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
  /// d switches, each 0 or 1 (in training perhaps between).
  case bits(Int)
  /// A point of the unit sphere in d dimensions, whose surface has d − 1.
  case sphere(Int)
  /// Several spaces one after another, each with a name.
  case groups([LatentGroup])

  /// Numbers of an example.
  public var width: Int {
    switch self {
    case .vector(let dimensions), .sphere(let dimensions), .bits(let dimensions): dimensions
    case .map(let shape): shape.count
    case .codes(let count, let size): count * size
    case .groups(let parts): parts.reduce(0) { $0 + $1.space.width }
    }
  }

  /// Whether all numbers are coordinates that can be moved one by one.
  public var isEuclidean: Bool {
    switch self {
    case .vector, .map: true
    case .codes, .sphere, .bits: false
    case .groups(let parts): parts.allSatisfy(\.space.isEuclidean)
    }
  }

  /// The parts of a group, each with its place among the numbers; empty for any other space.
  public var placedGroups: [(group: LatentGroup, numbers: Range<Int>)] {
    guard case .groups(let parts) = self else { return [] }
    var start = 0
    return parts.map { part in
      defer { start += part.space.width }
      return (part, start..<start + part.space.width)
    }
  }
}

/// A part of latents that are made of several.
public struct LatentGroup: Sendable, Hashable {
  public var name: String
  public var space: LatentSpace

  public init(_ name: String, _ space: LatentSpace) {
    self.name = name
    self.space = space
  }
}

extension LatentSpace: CustomStringConvertible {
  /// `20 numbers`, `3 choices among 10`, `a point of the sphere in 5 dimensions`.
  public var description: String {
    switch self {
    case .vector(let dimensions): dimensions == 1 ? "1 number" : "\(dimensions) numbers"
    case .map(let shape): "a map \(shape)"
    case .codes(let count, let size): "\(count) choice\(count == 1 ? "" : "s") among \(size)"
    case .bits(let dimensions): dimensions == 1 ? "1 switch" : "\(dimensions) switches"
    case .sphere(let dimensions): "a point of the sphere in \(dimensions) dimensions"
    case .groups(let parts): parts.map(\.space.description).joined(separator: " and ")
    }
  }
}
