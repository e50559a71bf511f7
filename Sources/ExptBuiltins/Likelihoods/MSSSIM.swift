import ExptComponents
import ExptTensor

/// How unlike the decoder's image and the image are by multi-scale structural similarity; the decoder
/// gives the logits of the pixels.
///
///     loss = w·(1 − MS-SSIM),  MS-SSIM = l_M^β_M · Π_{j ≤ M} (c·s)_j^β_j
///
/// of an image's channels on average. l is the mean of (2μ_x μ_y + C₁)/(μ_x² + μ_y² + C₁), c·s that of
/// (2σ_xy + C₂)/(σ_x² + σ_y² + C₂), and at the last scale M the mean of their product stands for both;
/// moments are taken in an 11×11 Gaussian window of deviation 1.5, C₁ = 0.01², C₂ = 0.03². A scale is half
/// the size of the one before, by means of 2×2 pixels (an odd row or column is left out). There are as
/// many of the paper's five as the window fits in; their exponents β are divided by their sum.
///
/// It is a loss and no density: log-likelihoods and bounds on them are not given. The weight w, by default
/// the numbers of an image, puts it beside a KL in nats.
///
/// Source: Wang, Simoncelli & Bovik, "Multi-scale structural similarity for image quality assessment",
/// Asilomar 2003.
public struct MSSSIM: Likelihood {
  public static let id = "ms_ssim"
  public static let summary = "Structural similarity at several scales: a loss, not a density."

  @Setting("Weight w of 1 − MS-SSIM; null: the numbers of an image.", .above(0))
  public var weight: Float? = nil
  @Setting("The most scales to compare.", .within(1...5)) public var scales: Int = 5

  public init() {}

  public var formula: String? {
    "w·(1 − MS-SSIM(x, x̂)),  x̂ = decode(z),  over {M=scales} scales at most"
  }

  public var support: Support { .unitInterval }
  public var decoded: DecodedNumbers { .logits }
  public var measure: Measure { .loss }

  static let window = 11
  static let exponents: [Float] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

  public func outputShape(for image: Shape) throws(BuildProblem) -> Shape {
    guard min(image[1], image[2]) >= Self.window else {
      throw BuildProblem(
        "ms_ssim compares windows of \(Self.window)×\(Self.window) pixels, and the images are "
          + "\(image[1])×\(image[2])", help: "use another likelihood")
    }
    return image
  }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let similarity = structuralSimilarity(sigmoid(parameters), images, scales: scales)
    return (weight ?? Float(images.shape.withoutBatch.count)) * (1 - similarity)
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor { sigmoid(parameters) }

  public func location(forMean mean: Float) -> Float {
    Float(RepeatableMath.logit(Double(min(max(mean, 0.001), 0.999))))
  }
}

/// MS-SSIM of each pair of images `[batch, channels, height, width]` with values from 0 to 1: `[batch]`.
func structuralSimilarity(_ x: Tensor, _ y: Tensor, scales: Int) -> Tensor {
  let (batch, channels) = (x.shape[0], x.shape[1])
  let planes: Shape = [batch * channels, x.shape[2], x.shape[3]]
  var (x, y) = (x.reshaped(planes), y.reshaped(planes))
  var size = min(planes[1], planes[2])
  var count = 0
  while count < min(scales, MSSSIM.exponents.count), size >= MSSSIM.window {
    count += 1
    size /= 2
  }
  let exponents = MSSSIM.exponents.prefix(count)
  let all = exponents.reduce(0, +)
  var logarithm: Tensor?
  for (index, exponent) in exponents.enumerated() {
    let (luminance, contrast) = similarityMaps(x, y)
    let isLast = index == count - 1
    let mean = (isLast ? luminance * contrast : contrast).flattened().mean(along: 1)
    // Structures may even oppose each other, and powers of negative numbers are none.
    let term = log(clamp(mean, 1e-6...1)) * (exponent / all)
    logarithm = logarithm.map { $0 + term } ?? term
    if !isLast { (x, y) = (halved(x), halved(y)) }
  }
  let similarity = exp(logarithm ?? x.graph.constant(0, [batch * channels]))
  return similarity.reshaped([batch, channels]).mean(along: 1)
}

/// Luminance, and contrast with structure, wherever the window fits into planes `[n, height, width]`.
private func similarityMaps(_ x: Tensor, _ y: Tensor) -> (luminance: Tensor, contrast: Tensor) {
  let n = x.shape[0]
  // Variances do not change with a shift, and grey planes then lose fewer digits in them.
  let shift: Float = 0.25
  let (x, y) = (x - shift, y - shift)
  let blurred = filtered(
    concatenateRows(x, y, x * x, y * y, x * y),
    { gaussianBand($0) }, { gaussianBand($0) })
  let parts = (0..<5).map { blurred.rows($0 * n..<($0 + 1) * n) }
  let (c1, c2): (Float, Float) = (0.01 * 0.01, 0.03 * 0.03)
  let (meanX, meanY) = (parts[0] + shift, parts[1] + shift)
  let luminance =
    (2 * meanX * meanY + c1) / (meanX * meanX + meanY * meanY + c1)
  let (squareX, squareY, product) = (parts[0] * parts[0], parts[1] * parts[1], parts[0] * parts[1])
  let contrast =
    (2 * (parts[4] - product) + c2) / (parts[2] - squareX + (parts[3] - squareY) + c2)
  return (luminance, contrast)
}

/// Means of 2×2 pixels.
private func halved(_ x: Tensor) -> Tensor {
  filtered(x, halvingBand, halvingBand)
}

/// Planes `[n, height, width]` times a matrix on the width and one on the height, the result's axes
/// exchanged twice over: `[n, height', width']`.
private func filtered(
  _ x: Tensor, _ columns: (Int) -> Band, _ rows: (Int) -> Band
) -> Tensor {
  func times(_ x: Tensor, _ band: Band) -> Tensor {
    let matrix = x.graph.constant(band.values, [band.from, band.to])
    return matmul(x.reshaped([x.shape[0] * x.shape[1], x.shape[2]]), matrix)
      .reshaped([x.shape[0], x.shape[1], band.to])
  }
  let wide = times(x, columns(x.shape[2])).transposed()
  return times(wide, rows(x.shape[1])).transposed()
}

/// A matrix `[from, to]` that combines neighbours.
private struct Band {
  var from: Int
  var to: Int
  var values: [Float]

  /// - Parameters:
  ///   - step: From one result to the next.
  init(_ from: Int, to: Int, step: Int, weights: [Float]) {
    (self.from, self.to) = (from, to)
    values = Array(repeating: 0, count: from * to)
    for column in 0..<to {
      for (offset, weight) in weights.enumerated() {
        values[(column * step + offset) * to + column] = weight
      }
    }
  }
}

private func halvingBand(_ size: Int) -> Band {
  Band(size, to: size / 2, step: 2, weights: [0.5, 0.5])
}

/// e^(−d²/(2·1.5²)) for d = −5 … 5, divided by the sum.
private func gaussianBand(_ size: Int) -> Band {
  let half: [Double] = [
    1, 0.8007374029168081, 0.4111122905071876, 0.1353352832366127, 0.02856550078455038,
    0.003865920139472807,
  ]
  let weights = half.reversed() + half.dropFirst()
  let sum = weights.reduce(0, +)
  return Band(
    size, to: size - MSSSIM.window + 1, step: 1, weights: weights.map { Float($0 / sum) })
}
