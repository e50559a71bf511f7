public import ExptTensor

/// What every layer with a weight has: how that begins, and whether its largest singular value is kept
/// at 1.
///
///     @Group var weights = WeightSettings()       // adds initialiser and spectral_norm
public struct WeightSettings: Settings {
  @Setting("First values of weights; with any but fan_in_uniform biases begin at 0.")
  public var initialiser: WeightInitialiser = .fanInUniform
  @Setting(
    "Divide weights by their largest singular value, estimated by one power iteration a step.")
  public var spectralNorm: Bool = false

  public init() {}

  public init(_ options: WeightOptions) {
    initialiser = options.initialiser
    spectralNorm = options.isSpectral
  }

  /// For the layers.
  public var options: WeightOptions {
    WeightOptions(initialiser: initialiser, isSpectral: spectralNorm)
  }
}

extension WeightInitialiser: NamedChoice {}
