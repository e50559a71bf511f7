/// The range that a setting's numbers must lie in.
public struct Limits: Sendable, Hashable {
  public var lower: Double?
  public var upper: Double?
  /// Whether the lower limit itself is refused: `above 0`.
  public var excludesLower = false
  /// Whether the upper limit itself is refused: `below 1`.
  public var excludesUpper = false

  public static let none = Limits()

  public init(
    lower: Double? = nil, upper: Double? = nil, excludesLower: Bool = false,
    excludesUpper: Bool = false
  ) {
    self.lower = lower
    self.upper = upper
    self.excludesLower = excludesLower
    self.excludesUpper = excludesUpper
  }

  /// From `lower` to `upper`, both allowed.
  public static func within(_ range: ClosedRange<Double>) -> Limits {
    Limits(lower: range.lowerBound, upper: range.upperBound)
  }

  /// From `lower`, allowed, to `upper`, not allowed.
  public static func within(_ range: Range<Double>) -> Limits {
    Limits(lower: range.lowerBound, upper: range.upperBound, excludesUpper: true)
  }

  public static func atLeast(_ lower: Double) -> Limits { Limits(lower: lower) }

  public static func above(_ lower: Double) -> Limits { Limits(lower: lower, excludesLower: true) }

  /// Above `lower` and at most `upper`.
  public static func above(_ lower: Double, upTo upper: Double) -> Limits {
    Limits(lower: lower, upper: upper, excludesLower: true)
  }

  public func contains(_ number: Double) -> Bool {
    if let lower, number < lower || (excludesLower && number == lower) { return false }
    if let upper, number > upper || (excludesUpper && number == upper) { return false }
    return true
  }

  /// `at least 1`, `above 0 and at most 1`, `from 0 to 1`; nil without limits.
  public var description: String? {
    let from = lower.map { excludesLower ? "above \(brief($0))" : "at least \(brief($0))" }
    let to = upper.map { excludesUpper ? "below \(brief($0))" : "at most \(brief($0))" }
    if let lower, let upper, !excludesLower, !excludesUpper {
      return "from \(brief(lower)) to \(brief(upper))"
    }
    let parts = [from, to].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: " and ")
  }

  var schema: [PlainEntry] {
    var entries: [PlainEntry] = []
    if let lower {
      entries.append(PlainEntry(excludesLower ? "exclusiveMinimum" : "minimum", .double(lower)))
    }
    if let upper {
      entries.append(PlainEntry(excludesUpper ? "exclusiveMaximum" : "maximum", .double(upper)))
    }
    return entries
  }
}

/// A number without a needless `.0`.
func brief(_ number: Double) -> String {
  Int64(exactly: number).map(String.init) ?? String(number)
}
