import ExptComponents
import ExptTensor

/// Normal noise added to every pixel, new noise for each batch.
///
/// The result is not cut to 0 … 1: the noise then has the same size on every pixel.
///
/// Source: Vincent et al., "Stacked denoising autoencoders", JMLR 2010, section 3.3.
public struct GaussianCorruption: Corruption {
  public static let id = "gaussian"
  public static let summary = "Normal noise added to every pixel."

  @Setting("Standard deviation of the noise, for pixels in 0 … 1.", .within(0...100))
  public var deviation: Float = 0.3

  public init() {}

  public var formula: String? {
    "x̃ = x + {σ=deviation}·ε,  ε ~ N(0, I),  new in each batch of training"
  }

  public init(deviation: Float) { self.deviation = deviation }

  public func corrupt(_ images: Tensor, in scope: Scope) -> Tensor {
    scope.graph.within(scope.path) {
      images + deviation * scope.graph.normal(images.shape, stream: "corruption")
    }
  }
}
