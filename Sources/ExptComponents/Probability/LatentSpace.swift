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
  /// A grid of codes by their number, `[depth, height, width]`, row by row: whole numbers from 0, all
  /// below `size`. The same as `codes`, in one number each: for codebooks of hundreds of codes.
  case indices(Shape, size: Int)
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
    case .indices(let grid, _): grid.count
    case .groups(let parts): parts.reduce(0) { $0 + $1.space.width }
    }
  }

  /// Whether all numbers are coordinates that can be moved one by one.
  public var isEuclidean: Bool {
    switch self {
    case .vector, .map: true
    case .codes, .indices, .sphere, .bits: false
    case .groups(let parts): parts.allSatisfy(\.space.isEuclidean)
    }
  }

  /// Whether all numbers say which codes of a table were chosen.
  public var isOfCodes: Bool {
    switch self {
    case .codes, .indices: true
    default: false
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
  /// `20 numbers`, `3 choices among 10`, `a grid 1×7×7 of codes below 512`, `a point of the sphere in 5 dimensions`.
  public var description: String {
    switch self {
    case .vector(let dimensions): dimensions == 1 ? "1 number" : "\(dimensions) numbers"
    case .map(let shape): "a map \(shape)"
    case .codes(let count, let size): "\(count) choice\(count == 1 ? "" : "s") among \(size)"
    case .bits(let dimensions): dimensions == 1 ? "1 switch" : "\(dimensions) switches"
    case .indices(let grid, let size): "a grid \(grid) of codes below \(size)"
    case .sphere(let dimensions): "a point of the sphere in \(dimensions) dimensions"
    case .groups(let parts): parts.map(\.space.description).joined(separator: " and ")
    }
  }
}

extension LatentSpace {
  /// Whether latents are numbers of codes, which mean nothing as numbers.
  public var isNumbered: Bool { if case .indices = self { true } else { false } }
}

// Choices, whether their latents are one-hot rows or numbers.
extension LatentSpace {
  /// The grid that the choices of an example stand in, `[depth, height, width]`, and how many there are
  /// to choose from; nil for latents that are no choices.
  public var choices: (grid: Shape, size: Int)? {
    switch self {
    case .codes(let count, let size): ([1, 1, count], size)
    case .indices(let grid, let size): (grid, size)
    case .vector, .map, .sphere, .bits, .groups: nil
    }
  }

  /// The choices of latents, as numbers from 0, `[examples, grid.count]`; nil where there are none.
  ///
  /// - Parameter latents: `[examples, width]`. What is no whole number in range is read as the nearest
  ///   one, of soft choices the strongest.
  public func choices(of latents: [Float]) -> [Int32]? {
    switch self {
    case .codes(_, let size) where size > 0:
      return stride(from: 0, to: latents.count, by: size).map { start in
        let row = latents[start..<min(start + size, latents.count)]
        let best = row.indices.max { (row[$0], $1) < (row[$1], $0) } ?? start
        return Int32(best - start)
      }
    case .indices(_, let size):
      return latents.map { $0 > 0 ? Int32(min($0.rounded(), Float(max(1, size) - 1))) : 0 }
    default:
      return nil
    }
  }

  /// The latents of choices: the inverse of `choices(of:)`; nil where there are none.
  ///
  /// - Parameter choices: `[examples, grid.count]`, each from 0 to below the size.
  public func latents(choosing choices: [Int32]) -> [Float]? {
    switch self {
    case .codes(_, let size):
      var rows = [Float](repeating: 0, count: choices.count * size)
      for (place, choice) in choices.enumerated() { rows[place * size + Int(choice)] = 1 }
      return rows
    case .indices:
      return choices.map(Float.init)
    case .vector, .map, .sphere, .bits, .groups:
      return nil
    }
  }
}
