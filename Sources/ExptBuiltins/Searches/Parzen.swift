import ExptComponents
import ExptDocument

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A density over a setting's range, taken as 0 to 1.
struct Parzen {
  private var centres: [Double] = []
  private var widths: [Double] = []
  /// For choices: the share of each.
  private var shares: [Double]?

  init(_ setting: Draws.Setting, _ points: [[Assignment]]) {
    let values = points.compactMap { point in point.last { $0.key == setting.key }?.meaning }
    if case .choice(let choices) = setting.distribution {
      let counts = choices.map { choice in
        Double(1 + values.count { $0 == CoreValue(choice) })
      }
      let sum = counts.reduce(0, +)
      shares = counts.map { $0 / sum }
      return
    }
    let seen = values.compactMap(setting.distribution.position)
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
  static func normal(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }
}
