import ExptComponents
import ExptDocument

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How likely a point is to work, from those that worked and those that failed.
///
/// Each trial is a kernel over all settings at once, so that two values that fail only together are
/// told from either with another: a product of normal distributions truncated to the range, and for
/// choices of nine tenths on the value itself and a tenth shared out among the others. The chance at
/// a point is the share of those that worked in the kernels there; one trial that worked and half of
/// one that failed are spread evenly over everything.
///
/// Source: the expected improvement is weighted with it as in Gelbart, Snoek and Adams, "Bayesian
/// Optimization with Unknown Constraints", UAI 2014.
struct Feasibility {
  private let settings: [Draws.Setting]
  private let worked: [[Double]]
  private let failed: [[Double]]
  private let width: Double

  /// The latest thousand trials of each kind count.
  init(_ settings: [Draws.Setting], worked: [[Assignment]], failed: [[Assignment]]) {
    func positions(_ points: [[Assignment]]) -> [[Double]] {
      points.suffix(1000).map { point in
        settings.map { setting in
          point.last { $0.key == setting.key }
            .flatMap { setting.distribution.position(of: $0.meaning) } ?? 0.5
        }
      }
    }
    self.settings = settings
    self.worked = positions(worked)
    self.failed = positions(failed)
    let count = Double(self.worked.count + self.failed.count)
    // Scott's rule, for a spread of a fifth of the range.
    width = 0.2 * pow(max(1, count), -1 / Double(settings.count + 4))
  }

  func logChance(at point: [Double]) -> Double {
    let good = worked.reduce(1) { $0 + kernel(point, $1) }
    let bad = failed.reduce(0.5) { $0 + kernel(point, $1) }
    return log(good / (good + bad))
  }

  /// As a multiple of the even density.
  private func kernel(_ point: [Double], _ centre: [Double]) -> Double {
    var product = 1.0
    for (index, setting) in settings.enumerated() {
      if case .choice(let values) = setting.distribution {
        let count = Double(values.count)
        let isSame = Int(point[index] * count) == Int(centre[index] * count)
        product *= values.count == 1 ? 1 : isSame ? 0.9 * count : 0.1 * count / (count - 1)
      } else {
        let z = (point[index] - centre[index]) / width
        let inside =
          Parzen.normal((1 - centre[index]) / width) - Parzen.normal(-centre[index] / width)
        product *= exp(-z * z / 2) / (width * inside * (2 * Double.pi).squareRoot())
      }
    }
    return product
  }
}
