import ExptComponents
import ExptTensor

/// The encoder in reverse, for `decoder: mirror`: a placeholder for the encoder's `mirrored`.
public struct MirrorDecoder: Architecture {
  public static let id = "mirror"
  public static let summary = "As a decoder: the encoder in reverse."

  public init() {}

  public func asDecoder(for encoder: any Architecture, image: Shape) throws(BuildProblem)
    -> any Architecture
  { try encoder.mirrored(image: image) }

  public func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    throw problem
  }

  public func decode(_ latents: Tensor, to target: DecoderTarget, in scope: Scope)
    throws(BuildProblem) -> Tensor
  { throw problem }

  public func mirrored(image: Shape) throws(BuildProblem) -> any Architecture { throw problem }

  private var problem: BuildProblem {
    BuildProblem(
      "a mirror has nothing to mirror here",
      help: "mirror is for the decoder, beside an encoder such as mlp or conv")
  }
}
