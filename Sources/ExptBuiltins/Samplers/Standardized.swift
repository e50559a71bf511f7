import ExptComponents
import Foundation

/// Brings each number of latents to mean 0 and deviation 1 over the images, and draws back.
///
///     x = (z − mean) / deviation        −log p(z) = −log p(x) + Σ log deviation
///
/// Shapes of what is kept: `mean` and `deviation` `[d]`.
struct Standardized {
  var mean: [Float]
  var deviation: [Float]

  private var width: Int { mean.count }

  /// Of less, a number is taken to be the same everywhere.
  private static let least = 1e-6

  /// By the first draw of each image.
  init(_ latents: FittingData) {
    let width = latents.width
    let moments = (0..<width).map { column in
      var moments = Moments()
      for place in stride(from: column, to: latents.values.count, by: width) {
        moments.add(Double(latents.values[place]))
      }
      return moments
    }
    mean = moments.map { Float($0.mean) }
    deviation = moments.map { Float(max(Self.least, $0.variance.squareRoot())) }
  }

  /// - Throws: `SamplerProblem` where it was not kept, or no deviation can be used.
  init(_ fitted: FittedArrays, width: Int) throws(SamplerProblem) {
    mean = try fitted.values("mean", [width])
    deviation = try fitted.values("deviation", [width])
    guard deviation.allSatisfy({ $0 > 0 }) else {
      throw SamplerProblem("the fitted 'deviation' holds numbers that are not above 0")
    }
  }

  var arrays: [FittedArrays.Array] {
    [.init("mean", [width], mean), .init("deviation", [width], deviation)]
  }

  /// Σ log deviation, in nats.
  var logDeterminant: Double { deviation.reduce(0) { $0 + log(Double($1)) } }

  /// All draws of all images.
  func rows(_ latents: FittingData) -> FitRows {
    FitRows(
      draws: latents.draws.map { draw in
        draw.enumerated().map { place, value in
          (value - mean[place % width]) / deviation[place % width]
        }
      }, width: width)
  }

  func restored(_ rows: [Float]) -> [Float] {
    rows.enumerated().map { place, value in
      value * deviation[place % width] + mean[place % width]
    }
  }
}

extension GradientFit.Result {
  /// What was reached, as it is told.
  ///
  /// - Parameter name: `negative log-likelihood`.
  func measure(_ name: String, _ value: Double, _ unit: String) -> FittedArrays.Measure {
    FittedArrays.Measure(
      "\(name), mean over \(count) \(isHeldOut ? "images held out" : "images fitted to")", value,
      unit)
  }
}
