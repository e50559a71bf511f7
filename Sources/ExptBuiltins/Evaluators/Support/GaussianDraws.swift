import ExptComponents
import ExptTensor

/// A draw of each image's posterior, where that is a Gaussian with independent dimensions.
struct GaussianDraws {
  /// `[images, width]`.
  let mean: [Float]
  let logVariance: [Float]
  let width: Int

  /// - Parameter who: The evaluator that needs them, for messages.
  /// - Throws: `EvaluationProblem` for another posterior, and for more dimensions than can be summed over.
  init(_ encodings: Encodings, for who: String) throws(EvaluationProblem) {
    guard let logVariance = encodings[parameter: "log_variance"],
      logVariance.count == encodings.mean.count, encodings.parameters.count == 1
    else {
      throw EvaluationProblem(
        "'\(who)' needs a posterior that is a Gaussian with independent dimensions")
    }
    guard encodings.latent <= AggregateDensity.largestWidth else {
      throw EvaluationProblem(
        "'\(who)' needs at most \(AggregateDensity.largestWidth) latents, and there are "
          + "\(encodings.latent)")
    }
    (mean, self.logVariance, width) = (encodings.mean, logVariance, encodings.latent)
  }

  /// The densities of all of them together.
  var aggregate: AggregateDensity {
    AggregateDensity(mean: mean, logVariance: logVariance, width: width)
  }

  /// The same of some images only.
  func aggregate(of images: [Int]) -> AggregateDensity {
    AggregateDensity(
      mean: rows(mean, images), logVariance: rows(logVariance, images), width: width)
  }

  /// The rows of some images, of `[images, width]`.
  func rows(_ values: [Float], _ images: [Int]) -> [Float] {
    images.flatMap { values[$0 * width..<($0 + 1) * width] }
  }

  /// A draw of each image, and its log density under the image's own posterior.
  ///
  /// - Parameters:
  ///   - stream: Whose draws they are.
  ///   - number: Which of several.
  func draw(
    seed: UInt64, stream: String, number: Int = 0
  ) -> (values: [Float], logDensity: [Double]) {
    var noise = [Float](repeating: 0, count: mean.count)
    noise.withUnsafeMutableBufferPointer {
      Random.fillNormal($0, seed: seed, stream: Random.stream(stream), position: UInt64(number))
    }
    var density = [Double](repeating: 0, count: mean.count / width)
    for place in noise.indices {
      let spread = Double(logVariance[place])
      let e = Double(noise[place])
      density[place / width] -= 0.5 * (RepeatableMath.log(2 * Double.pi) + spread + e * e)
      noise[place] = mean[place] + Float(RepeatableMath.exp(0.5 * spread) * e)
    }
    return (noise, density)
  }
}
