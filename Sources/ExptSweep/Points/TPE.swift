import ExptDocument

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The tree-structured Parzen estimator: draws where good trials lie and bad ones do not.
///
/// The trials so far are split at the best tenth (at most 25). For each setting by itself, the
/// good and the bad ones each give a density: a mixture of normal distributions, truncated to the
/// range, one at each trial's value and one over the whole range; for choices, counts plus one. Of
/// `candidates` draws from the good density l, the one with the greatest l(x)/g(x) is next. The
/// first `startup` trials are drawn at random.
///
/// Source: Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011, section 4.
/// Widths are as there: the greater distance to a neighbour, at least range/(1 + n), n ≤ 100.
public struct TPE: Sendable {
  public var trials: Int
  public var seed: UInt64
  public var startup: Int
  public var candidates: Int
  public var settings: [Draws.Setting]

  /// A trial that ended: what was tried, and how good it was; lower is better.
  struct Result {
    var point: [Assignment]
    var value: Double
  }

  /// The `number`th trial, from 0. Follows from the seed and the results in their order.
  func propose(_ number: Int, after results: [Result]) -> [Assignment] {
    let useful = results.filter { $0.value.isFinite }
    guard number >= startup, useful.count >= 2 else {
      return Draws(count: trials, seed: seed, settings: settings).point(number)
    }
    let order = useful.indices.sorted { (useful[$0].value, $0) < (useful[$1].value, $1) }
    let split = max(1, min(25, Int((Double(useful.count) / 10).rounded(.up))))
    let good = order.prefix(split).map { useful[$0].point }
    let bad = order.dropFirst(split).map { useful[$0].point }
    return settings.enumerated().map { place, setting in
      var random = SplitMix64(seed, UInt64(number), UInt64(place), 1)
      let above = Parzen(setting, good)
      let below = Parzen(setting, bad)
      var best: (position: Double, score: Double)?
      for _ in 0..<candidates {
        let position = above.draw(&random)
        let score = above.logDensity(position) - below.logDensity(position)
        if score > best?.score ?? -.infinity { best = (position, score) }
      }
      return Assignment(
        key: setting.key, keySpan: setting.keySpan,
        value: setting.distribution.value(
          at: min(best?.position ?? 0.5, 1 - 0x1p-53), span: setting.span))
    }
  }
}

/// A density over a setting's range, taken as 0 to 1.
private struct Parzen {
  private var centres: [Double] = []
  private var widths: [Double] = []
  /// For choices: the share of each.
  private var shares: [Double]?

  init(_ setting: Draws.Setting, _ points: [[Assignment]]) {
    let texts = points.compactMap { point in point.last { $0.key == setting.key }?.text }
    if case .choice(let values) = setting.distribution {
      let names = values.map { Assignment.text(of: $0) }
      let counts = names.map { name in Double(1 + texts.count { $0 == name }) }
      let sum = counts.reduce(0, +)
      shares = counts.map { $0 / sum }
      return
    }
    let seen = texts.compactMap { Double($0) }.map { setting.distribution.position(of: $0) }
    centres = (seen + [0.5]).sorted()
    let least = 1 / Double(1 + min(100, centres.count))
    widths = centres.indices.map { index in
      let left = index > 0 ? centres[index] - centres[index - 1] : 0
      let right = index + 1 < centres.count ? centres[index + 1] - centres[index] : 0
      return min(1, max(least, left, right))
    }
    // One wide kernel in the middle stands for the whole range.
    if let middle = centres.firstIndex(of: 0.5) { widths[middle] = 1 }
  }

  func draw(_ random: inout SplitMix64) -> Double {
    if let shares {
      var rest = random.unit()
      for (index, share) in shares.enumerated() {
        if rest < share { return (Double(index) + 0.5) / Double(shares.count) }
        rest -= share
      }
      return 1 - 0.5 / Double(shares.count)
    }
    let index = min(centres.count - 1, Int(random.unit() * Double(centres.count)))
    for _ in 0..<100 {
      let value = centres[index] + widths[index] * random.normal()
      if (0...1).contains(value) { return value }
    }
    return centres[index]
  }

  func logDensity(_ x: Double) -> Double {
    if let shares {
      return log(shares[min(shares.count - 1, Int(x * Double(shares.count)))])
    }
    var sum = 0.0
    for (centre, width) in zip(centres, widths) {
      let z = (x - centre) / width
      let inside = Self.normal((1 - centre) / width) - Self.normal(-centre / width)
      sum += exp(-z * z / 2) / (width * inside)
    }
    return log(sum / Double(centres.count))
  }

  /// The normal distribution function.
  private static func normal(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }
}

extension Distribution {
  /// Where in the range, from 0 to 1, a number stands.
  fileprivate func position(of value: Double) -> Double {
    let position =
      switch self {
      case .uniform(let low, let high): (value - low) / (high - low)
      case .logUniform(let low, let high): (log(value) - log(low)) / (log(high) - log(low))
      case .integer(let low, let high): (value - Double(low) + 0.5) / Double(high - low + 1)
      case .choice: 0.5
      }
    return min(1, max(0, position))
  }
}
