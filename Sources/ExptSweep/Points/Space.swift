public import ExptComponents
public import ExptDocument

/// Which values settings take: parts that are multiplied with one another, or follow one another.
public indirect enum Space: Sendable {
  /// Each value of the first setting with each of the second, …; the last varies fastest.
  case grid([Axis])
  /// The first values together, then the second, …
  case zip([Axis])
  /// Values drawn at random.
  case random(Draws)
  /// The points of one space after those of another.
  case chain([Space])
  /// Each point of the first with each of the second, ….
  case product([Space])
  /// A space for those points only that have certain values.
  case when([Condition], Space)

  /// A setting and the values it takes.
  public struct Axis: Sendable {
    public var key: String
    public var keySpan: SourceSpan?
    public var values: [Node]
  }

  /// A setting and what it must be: this value, or where that is a list one of its elements.
  public struct Condition: Sendable {
    public var key: String
    public var keySpan: SourceSpan?
    public var value: Node

    /// By what the values mean, not how they are spelt.
    func holds(for meaning: CoreValue) -> Bool {
      CoreValue(value) == meaning
        || value.elements?.contains { CoreValue($0) == meaning } ?? false
    }
  }

  /// More points than any machine runs: a mistake in the file.
  static let largest = 100_000

  public var isEmpty: Bool {
    if case .product(let parts) = self { parts.isEmpty } else { false }
  }

  /// The settings that are varied.
  public var keys: [String] {
    switch self {
    case .grid(let axes), .zip(let axes): axes.map(\.key)
    case .random(let draws): draws.settings.map(\.key)
    case .chain(let spaces), .product(let spaces): spaces.flatMap(\.keys)
    case .when(_, let space): space.keys
    }
  }

  /// The draws in it, those of its parts too.
  var draws: [Draws] {
    switch self {
    case .grid, .zip: []
    case .random(let draws): [draws]
    case .chain(let spaces), .product(let spaces): spaces.flatMap(\.draws)
    case .when(_, let space): space.draws
    }
  }

  /// The conditions in it, those of its parts too.
  var conditions: [[Condition]] {
    switch self {
    case .grid, .zip, .random: []
    case .chain(let spaces), .product(let spaces): spaces.flatMap(\.conditions)
    case .when(let conditions, let space): [conditions] + space.conditions
    }
  }

  /// An upper bound on the number of points; nil for more than can be counted.
  public var bound: Int? {
    func multiplied(_ counts: [Int?]) -> Int? {
      counts.reduce(1) { total, count in
        guard let total, let count else { return nil }
        let (product, overflow) = total.multipliedReportingOverflow(by: count)
        return overflow || product > 1 << 40 ? nil : product
      }
    }
    switch self {
    case .grid(let axes): return multiplied(axes.map(\.values.count))
    case .zip(let axes): return axes.first?.values.count ?? 1
    case .random(let draws): return draws.count
    case .product(let spaces): return multiplied(spaces.map(\.bound))
    case .when(_, let space): return space.bound.map { max(1, $0) }
    case .chain(let spaces):
      return spaces.reduce(0) { total, space in
        guard let total, let count = space.bound else { return nil }
        return total + count
      }
    }
  }

  /// Each of the points so far with each point of this space.
  func points(after prefixes: [[Assignment]] = [[]]) -> [[Assignment]] {
    switch self {
    case .grid(let axes):
      return axes.reduce(prefixes) { points, axis in
        points.flatMap { point in axis.values.map { point.setting(axis, to: $0) } }
      }
    case .zip(let axes):
      let count = axes.first?.values.count ?? 1
      return prefixes.flatMap { prefix in
        (0..<count).map { index in
          axes.reduce(prefix) { $0.setting($1, to: $1.values[index]) }
        }
      }
    case .random(let draws):
      return prefixes.flatMap { prefix in
        (0..<draws.count).map { prefix.setting(draws.point($0)) }
      }
    case .chain(let spaces): return spaces.flatMap { $0.points(after: prefixes) }
    case .product(let spaces): return spaces.reduce(prefixes) { $1.points(after: $0) }
    case .when(let conditions, let space):
      return prefixes.flatMap { prefix in
        conditions.allSatisfy { $0.holds(for: prefix) } ? space.points(after: [prefix]) : [prefix]
      }
    }
  }
}

extension Space.Condition {
  func holds(for point: [Assignment]) -> Bool {
    point.last { $0.key == key }.map { holds(for: $0.meaning) } ?? false
  }
}
