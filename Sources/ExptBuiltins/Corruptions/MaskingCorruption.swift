import ExptComponents
import ExptTensor

/// Pixels set to 0 at random, others in each batch. All channels of a pixel are drawn apart.
///
/// Unlike dropout, the pixels that stay are not scaled.
///
/// Source: Vincent et al., "Extracting and composing robust features with denoising autoencoders",
/// ICML 2008.
public struct MaskingCorruption: Corruption {
  public static let id = "masking"
  public static let summary = "Pixels set to 0 at random."

  @Setting("Share of the pixels set to 0.", .within(0...1)) public var rate: Float = 0.3

  public init() {}

  public var formula: String? {
    "x̃ = x with a share {r=rate} of its values set to 0,  others in each batch of training"
  }

  public init(rate: Float) { self.rate = rate }

  public func corrupt(_ images: Tensor, in scope: Scope) -> Tensor {
    scope.graph.within(scope.path) {
      // Uniform numbers are multiples of 2⁻²⁴, and so is the threshold: those at or above it become
      // 1, those below it 0, exactly.
      let threshold = (rate * 0x1p24).rounded() * 0x1p-24
      let drawn = scope.graph.uniform(images.shape, stream: "corruption")
      return images * clamp((drawn - threshold) * 0x1p24 + 1, 0...1)
    }
  }
}
