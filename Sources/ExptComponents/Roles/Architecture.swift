import ExptTensor

/// Turns images into features, and latents into the decoder's output.
///
/// The code below runs while a graph is recorded; it creates its parameters through the scope, so
/// sizes follow from the shapes that come in.
public protocol Architecture: Component {
  /// Images `[batch, channels, height, width]` to features `[batch, n]`, or `[batch, c, h, w]` for one
  /// that ends with maps.
  ///
  /// - Throws: `BuildProblem` if the settings do not fit the shape.
  func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor

  /// Latents `[batch, latent]`, or maps `[batch, c, h, w]`, to `[batch] + target.shape`, without a final activation: the
  /// likelihood's raw parameters, such as logits.
  ///
  /// - Throws: `BuildProblem` if the target cannot be reached.
  func decode(_ latents: Tensor, to target: DecoderTarget, in scope: Scope) throws(BuildProblem)
    -> Tensor

  /// The decoder that undoes this encoder, for `decoder: mirror`.
  ///
  /// - Parameter image: The shape of one image, `[channels, height, width]`.
  func mirrored(image: Shape) throws(BuildProblem) -> any Architecture

  /// As a decoder, the activation that its output goes through last and the setting that says so,
  /// such as `["layers", "[3]"]`; nil, the default, for raw numbers.
  var outputActivation: (activation: Activation, setting: [String])? { get }

  /// The architecture that decodes in this one's place: itself, except for `mirror`.
  func asDecoder(for encoder: any Architecture, image: Shape) throws(BuildProblem)
    -> any Architecture
}

extension Architecture {
  public var outputActivation: (activation: Activation, setting: [String])? { nil }

  public func asDecoder(for encoder: any Architecture, image: Shape) throws(BuildProblem)
    -> any Architecture
  { self }
}

/// What a decoder has to produce.
public struct DecoderTarget: Sendable {
  /// `[channels, height, width]` of its output: the likelihood's parameters for each pixel.
  public var shape: Shape
  /// The first values of the output's bias, one for each number of `shape`; nil to draw them.
  public var bias: (@Sendable () -> [Float])?

  public init(shape: Shape, bias: (@Sendable () -> [Float])? = nil) {
    self.shape = shape
    self.bias = bias
  }
}

/// A setting of architectures that use one activation throughout: its name alone, with the default
/// parameter.
extension Activation: Choice {
  public static var names: [String] { all.map(\.name) }
}

extension Role where Value == any Architecture {
  public static var architecture: Self {
    Role(
      "architecture", title: "architecture", includes: { $0 is any Architecture.Type },
      cast: { $0 as? any Architecture })
  }
}
