import ExptDocument

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a setting's value is drawn from.
public enum ValueDistribution: Sendable {
  case uniform(Double, Double)
  /// Uniform in the logarithm: for learning rates and other scales.
  case logUniform(Double, Double)
  /// Whole numbers, both ends included.
  case integer(Int, Int)
  /// Whole numbers from 1 on, uniform in the logarithm: for sizes of batches and layers.
  case logInteger(Int, Int)
  /// One of these, each as likely as another.
  case choice([Node])

  /// The value at a position from 0 to 1.
  ///
  /// Numbers keep four significant digits (in a narrow range as many as tell a hundred steps
  /// apart): they read well, and do not hang on the last bit of a system's logarithm.
  public func value(at position: Double, span: SourceSpan?) -> Node {
    switch self {
    case .uniform(let low, let high):
      // The difference of the ends can be more than there are numbers.
      number(
        high - low < .infinity
          ? low + position * (high - low) : low * (1 - position) + high * position,
        low, high, span)
    case .logUniform(let low, let high):
      number(exp(log(low) + position * (log(high) - log(low))), low, high, span)
    case .integer(let low, let high):
      scalar(String(Self.whole(position, low, high)), span)
    case .logInteger(let low, let high):
      scalar(String(Self.wholeOfLogarithm(position, low, high)), span)
    case .choice(let values): values[min(values.count - 1, Int(position * Double(values.count)))]
    }
  }

  private func number(_ value: Double, _ low: Double, _ high: Double, _ span: SourceSpan?) -> Node {
    scalar(min(high, max(low, Self.rounded(value, range: high - low))).description, span)
  }

  /// Of 2⁶⁴ numbers too, though a position tells 2⁵³ of them apart.
  private static func whole(_ position: Double, _ low: Int, _ high: Int) -> Int {
    let steps = UInt64(bitPattern: Int64(high &- low))
    let step = UInt64(exactly: (position * (Double(steps) + 1)).rounded(.down)) ?? steps
    return Int(truncatingIfNeeded: UInt64(bitPattern: Int64(low)) &+ min(step, steps))
  }

  /// Each number k has the share of the logarithms from k − ½ to k + ½.
  private static func wholeOfLogarithm(_ position: Double, _ low: Int, _ high: Int) -> Int {
    let (first, last) = (log(Double(low) - 0.5), log(Double(high) + 0.5))
    let value = exp(first + position * (last - first)).rounded()
    let exact = value < 1e4 ? value : rounded(value, range: Double(high) - Double(low))
    return min(high, max(low, Int(exactly: exact.rounded()) ?? high))
  }

  private func scalar(_ text: String, _ span: SourceSpan?) -> Node {
    Node(.scalar(Scalar(text)), origin: span.map(Origin.file) ?? .defaultValue, span: span)
  }

  /// To four significant digits, or to the hundredth part of the range where that is finer.
  static func rounded(_ value: Double, range: Double) -> Double {
    guard value != 0, value.isFinite else { return value }
    func exponent(_ number: Double) -> Int { Int(log10(abs(number)).rounded(.down)) }
    let ofRange = range > 0 && range.isFinite ? 2 - exponent(range) : .min
    let digits = max(3 - exponent(value), ofRange)
    guard abs(digits) < 300 else { return value }
    let scale = pow(10, Double(abs(digits)))
    return digits >= 0 ? (value * scale).rounded() / scale : (value / scale).rounded() * scale
  }

  /// The values at the ends, which show whether an experiment takes what may be drawn.
  public func extremes(span: SourceSpan?) -> [Node] {
    if case .choice(let values) = self { return values }
    return [value(at: 0, span: span), value(at: 1, span: span)]
  }
}

extension ValueDistribution {
  /// Where in the range, from 0 to 1, a value stands: of a choice the middle of its share. Nil for
  /// what is not a value of it.
  public func position(of value: CoreValue) -> Double? {
    if case .choice(let choices) = self {
      return choices.firstIndex { CoreValue($0) == value }
        .map { (Double($0) + 0.5) / Double(choices.count) }
    }
    guard let number = value.double else { return nil }
    // Halves, since the difference of the ends can be more than there are numbers.
    func share(_ number: Double, _ low: Double, _ high: Double) -> Double {
      let position = (number / 2 - low / 2) / (high / 2 - low / 2)
      return position.isFinite ? min(1, max(0, position)) : 0.5
    }
    return switch self {
    case .uniform(let low, let high): share(number, low, high)
    case .logUniform(let low, let high): share(log(number), log(low), log(high))
    case .integer(let low, let high): share(number, Double(low) - 0.5, Double(high) + 0.5)
    case .logInteger(let low, let high):
      share(log(number), log(Double(low) - 0.5), log(Double(high) + 0.5))
    case .choice: nil
    }
  }
}
