import ExptFiles
import Foundation

/// Round numbers along an axis.
public enum Ticks {
  /// Up to `count` (at least 2) multiples of 1, 2 or 5 times a power of ten, from `low` to `high`.
  public static func values(from low: Double, to high: Double, count: Int) -> [Double] {
    guard low.isFinite, high.isFinite, high > low, count > 1 else { return [low] }
    let rough = (high - low) / Double(count)
    let power = pow(10, log10(rough).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 1000 else { return [low] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  /// The numbers with as many decimals as tell them apart.
  public static func labels(_ values: [Double]) -> [String] {
    let step = values.count > 1 ? abs(values[1] - values[0]) : abs(values.first ?? 1)
    guard step > 0 else { return values.map { Words.metric($0) } }
    let decimals = max(0, min(10, Int(nearest: (-log10(step) - 1e-9).rounded(.up))))
    return values.map { Words.fixed($0, decimals) }
  }
}
