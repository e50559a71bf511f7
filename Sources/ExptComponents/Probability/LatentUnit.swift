/// The smallest part of a space that has a meaning of its own, and where the KL splits, a KL: a number, a
/// choice, a switch, a whole sphere, or the number of a code.
public struct LatentUnit: Sendable, Hashable {
  public enum Kind: Int, Sendable, Hashable {
    case number, choice, bit, sphere, code
  }

  /// `3`; in a group `style 3`, or `digit` for the only one there.
  public var name: String
  public var kind: Kind
  /// Its numbers among those of a latent.
  public var numbers: Range<Int>
  /// Of how many values a choice, a switch or a code takes one.
  public var size: Int

  /// - Parameter size: nil: as many as there are numbers.
  public init(_ name: String, _ kind: Kind, _ numbers: Range<Int>, size: Int? = nil) {
    self.name = name
    self.kind = kind
    self.numbers = numbers
    self.size = size ?? numbers.count
  }
}

extension LatentSpace {
  /// All units, in the order of their numbers.
  public var units: [LatentUnit] {
    switch self {
    case .vector(let dimensions): Self.units(dimensions, .number)
    case .map(let shape): Self.units(shape.count, .number)
    case .bits(let dimensions): Self.units(dimensions, .bit)
    case .codes(let count, let size): Self.units(count, .choice, of: size)
    case .sphere(let dimensions): Self.units(1, .sphere, of: dimensions)
    case .indices(let grid, let size):
      (0..<grid.count).map { LatentUnit("\($0)", .code, $0..<$0 + 1, size: size) }
    case .groups:
      placedGroups.flatMap { group, numbers -> [LatentUnit] in
        let own = group.space.units
        return own.map { unit in
          let range = unit.numbers
          return LatentUnit(
            own.count == 1 ? group.name : "\(group.name) \(unit.name)", unit.kind,
            numbers.lowerBound + range.lowerBound..<numbers.lowerBound + range.upperBound,
            size: unit.size)
        }
      }
    }
  }

  private static func units(_ count: Int, _ kind: LatentUnit.Kind, of size: Int = 1) -> [LatentUnit]
  {
    (0..<count).map { LatentUnit("\($0)", kind, $0 * size..<($0 + 1) * size) }
  }

  /// A name for each number of a posterior's mean, as files head their columns: `mean_3`, the
  /// probability of a switch `probability_3`, that of value 7 of choice 2 `probability_2_7`; in groups
  /// `style_mean_3`.
  public var columnNames: [String] {
    switch self {
    case .vector, .map, .sphere: (0..<width).map { "mean_\($0)" }
    case .bits: (0..<width).map { "probability_\($0)" }
    case .indices: (0..<width).map { "code_\($0)" }
    case .codes(_, let size): (0..<width).map { "probability_\($0 / size)_\($0 % size)" }
    case .groups(let parts):
      parts.flatMap { part in part.space.columnNames.map { "\(part.name)_\($0)" } }
    }
  }
}
