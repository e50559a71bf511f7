import ExptComponents
import ExptTensor

/// One normal distribution of the latents' own mean and covariance, of greatest likelihood.
///
///     z = μ + L·ε,   L·Lᵀ = (1/n) Σ (zᵢ − μ)(zᵢ − μ)ᵀ + floor·I
///
/// Shapes of what is kept: `mean` `[d]`; `factor` `[d, d]`, L, or `[d]` where it is diagonal.
public struct GaussianSampler: Sampler {
  public static let id = "gaussian"
  public static let summary = "One normal distribution, with the latents' own mean and covariance."

  @Setting("The covariance of the latents: full, or diagonal for independent numbers.")
  public var covariance: Covariance = .full
  @Setting("Added to each variance.", .within(0...1e6)) public var floor: Double = 1e-6

  public init() {}

  public func fit(_ latents: FittingData) throws(SamplerProblem) -> FittedArrays {
    let width = latents.width
    try latents.checkNumbers(
      atLeast: covariance == .full ? width + 1 : 2, for: "a normal distribution of \(width) numbers"
    )
    let normal = FittedNormal(
      latents.values.map(Double.init), width: width,
      weights: [Double](repeating: 1, count: latents.count), covariance: covariance, floor: floor)
    guard let normal else { throw .singular }
    return FittedArrays([
      .init("mean", [width], normal.mean.map(Float.init)),
      .init("factor", factorShape(width), normal.factor.map(Float.init)),
    ])
  }

  public func draw(
    _ count: Int, from fitted: FittedArrays, width: Int, seed: UInt64
  ) throws(SamplerProblem) -> [Float] {
    let mean = try fitted.values("mean", [width])
    let factor = try fitted.values("factor", factorShape(width))
    let noise = samplerNoise(count * width, seed: seed)
    return (0..<count).flatMap { row in
      normalDraw(
        mean: mean[...], factor: factor[...], noise: noise[row * width..<(row + 1) * width])
    }
  }

  public func tempered(_ fitted: FittedArrays, by temperature: Float) -> FittedArrays? {
    fitted.scaling("factor", by: temperature)
  }

  private func factorShape(_ width: Int) -> [Int] {
    covariance == .full ? [width, width] : [width]
  }
}

extension SamplerProblem {
  static let singular = SamplerProblem(
    "the covariance of the latents is not positive definite: raise 'floor'")
}

/// Standard normal numbers that samplers draw with: the first of many are those of few.
func samplerNoise(_ count: Int, seed: UInt64) -> [Float] {
  [Float](unsafeUninitializedCapacity: count) { memory, filled in
    Random.fillNormal(
      UnsafeMutableBufferPointer(rebasing: memory[..<count]), seed: seed,
      stream: Random.stream("sampler"))
    filled = count
  }
}
