import Foundation

/// The ranges of a chart's axes, and the numbers along them.
struct Frame: Sendable {
  let xLow: Double
  let xHigh: Double
  /// Scaled: of a logarithmic axis the logarithms.
  let yLow: Double
  let yHigh: Double
  let isLogarithmic: Bool
  let isLogarithmicX: Bool
  /// Whether the first epochs, far from all later ones, were left outside.
  let isCut: Bool
  let xTicks: [(value: Double, label: String)]
  let yTicks: [(value: Double, label: String)]

  /// - Parameter shown: The range of x; nil: that of the points.
  /// - Returns: nil if there are no points.
  init?(
    _ series: [LineChart.Series], isLogarithmic: Bool, isLogarithmicX: Bool = false,
    shown: ClosedRange<Double>? = nil
  ) {
    let points = series.flatMap(\.points).filter { shown?.contains($0.x) ?? true }
    guard let lowest = points.map(\.x).min(), let highest = points.map(\.x).max() else {
      return nil
    }
    let (first, last) = (shown?.lowerBound ?? lowest, shown?.upperBound ?? highest)
    (xLow, xHigh) = (isLogarithmicX ? max(first, lowest) : first, last)
    self.isLogarithmic = isLogarithmic
    self.isLogarithmicX = isLogarithmicX
    // Losses fall steeply at first: with many epochs the frame shows what comes after.
    let settled = points.filter { $0.x >= first + (last - first) / 8 }
    let all = Self.range(points, isLogarithmic)
    let later = Self.range(settled, isLogarithmic)
    isCut =
      last - first >= 8 && !isLogarithmic && !isLogarithmicX && shown == nil
      && later.upperBound - later.lowerBound < 0.4 * (all.upperBound - all.lowerBound)
    let range = isCut ? later : all
    let spread = range.upperBound - range.lowerBound
    let margin = spread > 0 ? spread * 0.06 : max(abs(range.lowerBound) * 0.1, 1e-12)
    // What cannot be negative, and comes near 0, starts at 0.
    let isNearZero = range.lowerBound >= 0 && range.lowerBound < 0.25 * range.upperBound
    yLow = isNearZero && !isLogarithmic ? 0 : range.lowerBound - margin
    yHigh = range.upperBound + margin
    if isLogarithmic {
      yTicks = Self.powers(yLow, yHigh)
    } else {
      let values = Ticks.values(from: yLow, to: yHigh, count: 5)
      yTicks = Array(zip(values, Self.labels(values)))
    }
    if isLogarithmicX {
      xTicks = Self.powers(log10(xLow), log10(xHigh))
    } else {
      let epochs = Ticks.values(from: xLow, to: xHigh, count: 8).filter { $0 == $0.rounded() }
      let whole = epochs.isEmpty ? [xLow] : epochs
      xTicks = whole.map { ($0, Words.fixed($0, 0)) }
    }
  }

  func scaled(_ value: Double) -> Double { isLogarithmic ? log10(value) : value }
  func scaledX(_ value: Double) -> Double { isLogarithmicX ? log10(value) : value }

  private static func range(
    _ points: [LineChart.Point], _ isLogarithmic: Bool
  ) -> ClosedRange<Double> {
    var low = Double.infinity
    var high = -Double.infinity
    for point in points {
      for value in [point.y, point.low, point.high] {
        guard let value, value.isFinite, !isLogarithmic || value > 0 else { continue }
        let scaled = isLogarithmic ? log10(value) : value
        (low, high) = (min(low, scaled), max(high, scaled))
      }
    }
    return low <= high ? low...high : 0...1
  }

  private static func labels(_ values: [Double]) -> [String] {
    let largest = values.map(abs).max() ?? 0
    guard largest > 0, largest < 1e-3 || largest >= 1e6 else { return Ticks.labels(values) }
    return values.map { Words.significant($0, 3) }
  }

  /// Powers of ten between two logarithms, or the ends if there are none.
  private static func powers(_ low: Double, _ high: Double) -> [(value: Double, label: String)] {
    let exponents = stride(from: low.rounded(.up), through: high.rounded(.down), by: 1)
    let whole = Array(exponents.prefix(20))
    let values = whole.isEmpty ? [pow(10, low), pow(10, high)] : whole.map { pow(10, $0) }
    return values.map { ($0, Words.significant($0, 2)) }
  }
}
