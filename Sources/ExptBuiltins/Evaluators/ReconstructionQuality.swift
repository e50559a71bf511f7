import ExptComponents
import ExptTensor

/// How near reconstructions are to the images: the mean squared error, the peak signal-to-noise ratio and
/// the structural similarity.
///
///     mse = mean (x − x̂)²        psnr = mean over images of 10 log₁₀(1 / mse of the image), in dB
///     ssim: mean over 11×11 windows with Gaussian weights (σ 1.5) of
///       (2 μₓμᵧ + C₁)(2 σₓᵧ + C₂) / ((μₓ² + μᵧ² + C₁)(σₓ² + σᵧ² + C₂)), C₁ = 0.01², C₂ = 0.03²
///
/// Pixels are in 0 … 1; reconstructions, of the encoder's means, are brought into that range. Windows lie
/// within the image; SSIM is left out for images with a side below 11.
///
/// Source: Wang, Bovik, Sheikh & Simoncelli, "Image Quality Assessment: From Error Visibility to Structural
/// Similarity", IEEE TIP 2004.
public struct ReconstructionQuality: Evaluator {
  public static let id = "reconstruction_quality"
  public static let summary = "MSE, PSNR and SSIM of reconstructions."
  public static let direction = Direction.lowerIsBetter

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let (shape, images) = (subject.images.shape, subject.images.values)
    let told = subject.encodings.annotations
    let decoded = subject.model.decode(
      subject.encodings.mean,
      given: told.labels == nil && told.factors.isEmpty ? nil : told)
    guard decoded.count == images.count, !images.isEmpty, decoded.allSatisfy(\.isFinite) else {
      throw EvaluationProblem("the model's reconstructions are not finite numbers: it has diverged")
    }
    var (mse, psnr, ssim) = (Moments(), Moments(), Moments())
    let size = shape.count
    for image in 0..<images.count / size {
      let range = image * size..<(image + 1) * size
      let x = images[range].map(Double.init)
      let y = decoded[range].map { Double(min(1, max(0, $0))) }
      let error = zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(size)
      mse.add(error)
      psnr.add(-10 * RepeatableMath.log(max(error, 1e-10)) / RepeatableMath.log(10))
      if let similarity = Self.ssim(x, y, channels: shape[0], height: shape[1], width: shape[2]) {
        ssim.add(similarity)
      }
    }
    var numbers = [
      Score.Number("mse", mse.estimate), .init("psnr", psnr.estimate, unit: "dB"),
    ]
    if ssim.count > 0 { numbers.append(.init("ssim", ssim.estimate)) }
    return Score(numbers, method: "reconstructions of encoder means, pixels in 0 to 1")
  }

  static func ssim(
    _ x: [Double], _ y: [Double], channels: Int, height: Int, width: Int
  ) -> Double? {
    guard height >= 11, width >= 11 else { return nil }
    let bell = (-5...5).map { RepeatableMath.exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    let weights = bell.map { $0 / bell.reduce(0, +) }
    /// Weighted means over windows, first along rows, then along columns.
    func smooth(_ values: [Double]) -> [Double] {
      var rows = [Double](repeating: 0, count: height * (width - 10))
      for row in 0..<height {
        for column in 0..<width - 10 {
          var sum = 0.0
          for k in 0..<11 { sum += weights[k] * values[row * width + column + k] }
          rows[row * (width - 10) + column] = sum
        }
      }
      var result = [Double](repeating: 0, count: (height - 10) * (width - 10))
      for row in 0..<height - 10 {
        for column in 0..<width - 10 {
          var sum = 0.0
          for k in 0..<11 { sum += weights[k] * rows[(row + k) * (width - 10) + column] }
          result[row * (width - 10) + column] = sum
        }
      }
      return result
    }
    let (c1, c2) = (0.0001, 0.0009)
    var total = Moments()
    for channel in 0..<channels {
      let range = channel * height * width..<(channel + 1) * height * width
      let (a, b) = (Array(x[range]), Array(y[range]))
      let (ma, mb) = (smooth(a), smooth(b))
      let (aa, bb) = (smooth(a.map { $0 * $0 }), smooth(b.map { $0 * $0 }))
      let ab = smooth(zip(a, b).map { $0 * $1 })
      for place in ma.indices {
        let (varA, varB) = (aa[place] - ma[place] * ma[place], bb[place] - mb[place] * mb[place])
        let covariance = ab[place] - ma[place] * mb[place]
        total.add(
          (2 * ma[place] * mb[place] + c1) * (2 * covariance + c2)
            / ((ma[place] * ma[place] + mb[place] * mb[place] + c1) * (varA + varB + c2)))
      }
    }
    return total.mean
  }
}
