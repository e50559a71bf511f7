import ExptComponents
import ExptTensor

/// Fully connected layers: linear, normalisation, activation, dropout, as many times as `hidden`
/// has entries.
///
/// Encoding, images are flattened, and the last hidden layer is the result. Decoding, one more
/// linear layer without activation gives the image.
///
/// Parameters: `0.weight` `[hidden[0], n]`, `0.bias`, `1.weight`, …
public struct MLP: Architecture {
  public static let id = "mlp"
  public static let summary = "Fully connected layers."

  @Setting("Units of each hidden layer, from input to output; [] for none.", .within(1...1e6))
  public var hidden: [Int] = [400]
  @Setting("The function after each hidden layer.")
  public var activation: Activation = .relu
  @Setting("Share of each hidden layer's outputs dropped in training.", .within(0...0.99))
  public var dropout: Float = 0
  @Setting("Normalise each hidden layer over the batch, before the activation.")
  public var batchNorm: Bool = false
  @Setting("Normalise each hidden layer over its units, before the activation.")
  public var layerNorm: Bool = false
  @Group public var weights = WeightSettings()

  public init() {}

  public init(hidden: [Int], activation: Activation = .relu) {
    self.hidden = hidden
    self.activation = activation
  }

  public func check(_ report: SettingsReport) {
    if batchNorm && layerNorm {
      report.error(
        "batch_norm and layer_norm cannot both be true", at: "layer_norm",
        help: "leave one of them out")
    }
  }

  public func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try throughHidden(images.flattened(), in: scope)
  }

  public func decode(_ latents: Tensor, to target: DecoderTarget, in scope: Scope)
    throws(BuildProblem) -> Tensor
  {
    let x = try linear(
      throughHidden(latents.flattened(), in: scope), to: target.shape.count,
      bias: target.bias.map(Bias.starting) ?? .drawn, weights: weights.options,
      in: scope.child("\(hidden.count)"))
    return x.reshaped(target.shape.batched(latents.shape[0]))
  }

  public func mirrored(image: Shape) -> any Architecture {
    var mirror = self
    mirror.hidden = hidden.reversed()
    return mirror
  }

  private func throughHidden(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    let layer = HiddenLayer(
      activation: activation,
      normalization: batchNorm ? .batch : layerNorm ? .layer : .none, dropout: dropout,
      weights: weights.options)
    var x = x
    for (index, units) in hidden.enumerated() {
      x = try locating("hidden") { () throws(BuildProblem) in
        try layer.linear(x, to: units, in: scope.child("\(index)"))
      }
    }
    return x
  }
}
