public import ExptDocument

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a setting is drawn from.
public enum Distribution: Sendable {
  case uniform(Double, Double)
  /// Uniform in the logarithm: for learning rates and other scales.
  case logUniform(Double, Double)
  /// Whole numbers, both ends included.
  case integer(Int, Int)
  /// One of these, each as likely as another.
  case choice([Node])

  static let keys = ["uniform", "log_uniform", "integer", "choice"]

  /// The value at a position from 0 to 1.
  ///
  /// Numbers keep four significant digits: they read well, and do not hang on the last bit of a
  /// system's logarithm.
  func value(at position: Double, span: SourceSpan?) -> Node {
    switch self {
    case .uniform(let low, let high): number(low + position * (high - low), low, high, span)
    case .logUniform(let low, let high):
      number(exp(log(low) + position * (log(high) - log(low))), low, high, span)
    case .integer(let low, let high):
      scalar(String(low + min(high - low, Int(position * Double(high - low + 1)))), span)
    case .choice(let values): values[min(values.count - 1, Int(position * Double(values.count)))]
    }
  }

  private func number(_ value: Double, _ low: Double, _ high: Double, _ span: SourceSpan?) -> Node {
    scalar(min(high, max(low, Self.rounded(value))).description, span)
  }

  private func scalar(_ text: String, _ span: SourceSpan?) -> Node {
    Node(.scalar(Scalar(text)), origin: span.map(Origin.file) ?? .defaultValue, span: span)
  }

  /// To four significant digits.
  static func rounded(_ value: Double) -> Double {
    guard value != 0, value.isFinite else { return value }
    let exponent = Int(log10(abs(value)).rounded(.down))
    let digits = 3 - exponent
    guard abs(digits) < 300 else { return value }
    let scale = pow(10, Double(abs(digits)))
    return digits >= 0 ? (value * scale).rounded() / scale : (value / scale).rounded() * scale
  }

  /// The values at the ends, which show whether an experiment takes what may be drawn.
  func extremes(span: SourceSpan?) -> [Node] {
    if case .choice(let values) = self { return values }
    return [value(at: 0, span: span), value(at: 1, span: span)]
  }
}

/// Settings drawn at random, a number of times.
///
/// The draws follow from the seed, the number of the draw and the place of the setting in the file.
public struct Draws: Sendable {
  public struct Setting: Sendable {
    public var key: String
    public var keySpan: SourceSpan?
    public var distribution: Distribution
    public var span: SourceSpan?
  }

  public var count: Int
  public var seed: UInt64
  public var settings: [Setting]

  /// The `number`th point.
  func point(_ number: Int) -> [Assignment] {
    settings.enumerated().map { place, setting in
      var random = SplitMix64(seed, UInt64(number), UInt64(place))
      return Assignment(
        key: setting.key, keySpan: setting.keySpan,
        value: setting.distribution.value(at: random.unit(), span: setting.span))
    }
  }
}

/// Steele, Lea and Flood's SplitMix64 (OOPSLA 2014), started from any number of keys.
struct SplitMix64: Sendable {
  private var state: UInt64 = 0

  init(_ keys: UInt64...) {
    for key in keys {
      state = next() ^ key
    }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// From 0 to below 1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A standard normal number (Box and Muller 1958).
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - unit())).squareRoot()
    return radius * cos(2 * .pi * unit())
  }
}
