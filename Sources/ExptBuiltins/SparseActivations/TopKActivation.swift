import ExptComponents
import ExptTensor

/// The k greatest latents of each example, and 0 for the others: no penalty, and so no pull towards 0.
///
///     f = max(0, π) where π is among the k greatest, else 0
///
/// Source: Makhzani & Frey, "k-Sparse Autoencoders", ICLR 2014; Gao et al., "Scaling and evaluating sparse
/// autoencoders", 2024, section 2.3.
public struct TopKActivation: SparseActivation {
  public static let id = "top_k"
  public static let summary = "The k greatest latents of each example."

  @Setting("Latents that may be on in an example.", .within(1...1_000_000)) public var k: Int = 16

  public init() {}

  public var formula: String? {
    "f = max(0, π) of the {k=k} greatest of an example, else 0;  penalty = 0"
  }

  public var passesWhereOff: Bool { false }
  public var greatest: Int? { k }

  public func latents(_ preactivations: Tensor, bias: Tensor, in scope: Scope) -> Tensor {
    preactivations.rectifiedTop(k)
  }

  public func terms(_ pass: SparsePass) -> SparseTerms { SparseTerms() }
}
