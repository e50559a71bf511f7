/// The values that a likelihood gives a probability to.
///
///     var support: Support { .unitInterval }
public struct Support: Sendable, Hashable {
  /// Nil: any number.
  public var range: ClosedRange<Float>?
  /// How far values lie apart, counted from the lower end of the range: 1 for whole numbers; nil: any
  /// value in the range.
  public var step: Float?
  /// Whether the ends of the range are not in it.
  public var isOpen: Bool

  public init(_ range: ClosedRange<Float>? = nil, step: Float? = nil, isOpen: Bool = false) {
    (self.range, self.step, self.isOpen) = (range, step, isOpen)
  }

  public static let anyNumber = Support()
  public static let unitInterval = Support(0...1)
  /// From 0 to 1, both excluded.
  public static let openUnitInterval = Support(0...1, isOpen: true)
  /// 0 or 1.
  public static let binary = Support(0...1, step: 1)
  /// 0, 1, 2, ….
  public static let counts = Support(0...Float.greatestFiniteMagnitude, step: 1)

  public func contains(_ value: Float) -> Bool {
    guard let range else { return true }
    guard range.contains(value) else { return false }
    if isOpen, value == range.lowerBound || value == range.upperBound { return false }
    guard let step else { return true }
    let steps = (value - range.lowerBound) / step
    return abs(steps - steps.rounded()) <= 1e-3
  }
}

/// What the numbers are that a decoder gives a likelihood.
public enum DecodedNumbers: Sendable, Hashable {
  /// Logits, any number: the likelihood makes probabilities of them.
  case logits
  /// Logarithms of means, any number.
  case logarithms
  /// Pixel values, or their middles.
  case pixels
}

extension Support: CustomStringConvertible {
  public var description: String {
    guard let range else { return "any number" }
    let kind =
      step == 1 ? "whole numbers" : step.map { "multiples of \(brief(Double($0)))" } ?? "values"
    let lower = brief(Double(range.lowerBound))
    if isOpen { return "\(kind) between \(lower) and \(brief(Double(range.upperBound)))" }
    return range.upperBound == .greatestFiniteMagnitude
      ? "\(kind) from \(lower) on" : "\(kind) from \(lower) to \(brief(Double(range.upperBound)))"
  }
}
