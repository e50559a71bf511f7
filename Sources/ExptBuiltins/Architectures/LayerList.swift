import ExptComponents
import ExptTensor

/// The layers that `layers` names, one after another.
///
/// As a decoder it starts from the latents, `[latent]` or a map, and has to end with the likelihood's parameters: `[channels, height, width]`, or a row of as many numbers.
/// They are raw parameters, such as logits: no activation belongs at the end.
///
/// An activation right behind `linear`, `conv` or `conv_transpose` is computed in the products' last
/// pass. Layer i has its parameters under the name i: `3.weight`.
public struct LayerList: Architecture {
  public static let id = "layers"
  public static let summary = "Layers written out one by one."

  @Slots("The layers, from input to output.", .layer) public var layers: [any Layer] = []

  /// Whether it decodes what `layers` encode.
  private var isMirror = false

  public init() {}

  public init(_ layers: [any Layer]) { self.layers = layers }

  public func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try locating("layers") { () throws(BuildProblem) in
      try LayerSequence(layers: layers).apply(images, in: scope)
    }
  }

  public func decode(_ latents: Tensor, to target: DecoderTarget, in scope: Scope)
    throws(BuildProblem) -> Tensor
  {
    try locating("layers") { () throws(BuildProblem) in
      var sequence = LayerSequence(layers: layers)
      var x = latents
      if isMirror {
        sequence = try sequence.mirrored(input: target.shape, data: scope.data)
        x = latents.flattened()
      }
      x = try sequence.apply(
        x, lastBias: target.bias.map(Bias.starting), in: scope)
      let result = x.shape.withoutBatch
      guard result == target.shape || result == [target.shape.count] else {
        throw BuildProblem(
          "the decoder's layers end with \(result), and the likelihood needs \(target.shape)",
          help: "end with \(target.shape[0]) channels of \(target.shape[1])×\(target.shape[2]), or "
            + "with linear to \(target.shape.count) units")
      }
      return x.reshaped(target.shape.batched(latents.shape[0]))
    }
  }

  /// The last layer, where it is an activation and nothing but a change of shape or size follows it.
  public var outputActivation: (activation: Activation, setting: [String])? {
    guard
      let last = layers.lastIndex(where: { !($0 is any ShapeLayer) && !($0 is UpsampleLayer) }),
      let layer = layers[last] as? ActivationLayer, !isMirror
    else { return nil }
    return (layer.activation, ["layers", "[\(last)]"])
  }

  public func mirrored(image: Shape) -> any Architecture {
    var mirror = self
    mirror.isMirror.toggle()
    return mirror
  }
}
