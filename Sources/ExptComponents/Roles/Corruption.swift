import ExptTensor

/// Noise put on the images before the encoder sees them, for denoising autoencoders.
public protocol Corruption: Component {
  /// Images `[batch, channels, height, width]` to the same shape. Called in training only.
  func corrupt(_ images: Tensor, in scope: Scope) -> Tensor
}

extension Role where Value == any Corruption {
  public static var corruption: Self {
    Role(
      "corruption", title: "corruption", includes: { $0 is any Corruption.Type },
      cast: { $0 as? any Corruption })
  }
}
