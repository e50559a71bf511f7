import ExptTensor

/// A family of distributions q(z|x) that an encoder's numbers choose from.
public protocol Posterior: Component {
  /// How many numbers the encoder's last layer gives for each example.
  ///
  /// - Parameter latent: The model's `latent`.
  func headWidth(latent: Int) -> Int

  /// The distribution of each example.
  ///
  /// - Parameter head: The encoder's numbers, `[batch, headWidth(latent)]`.
  /// - Throws: `BuildProblem` if the settings do not fit.
  func distribution(head: Tensor, latent: Int, in scope: Scope) throws(BuildProblem)
    -> any Distribution
}

extension Role where Value == any Posterior {
  public static var posterior: Self {
    Role(
      "posterior", title: "posterior", includes: { $0 is any Posterior.Type },
      cast: { $0 as? any Posterior })
  }
}
