import ExptTensor

/// How the latents of a sparse autoencoder become sparse: by which rule most of them are 0, and what is added
/// to the loss to make it so.
///
/// Source of the terms: Bricken et al., "Towards Monosemanticity", 2023.
public protocol SparseActivation: Component {
  /// The latents: `[batch, n]`, none below 0.
  ///
  /// - Parameters:
  ///   - preactivations: What the encoder says of each, `[batch, n]`.
  ///   - bias: The encoder's, `[n]`, which they hold.
  func latents(_ preactivations: Tensor, bias: Tensor, in scope: Scope) -> Tensor

  /// What is added to the loss, and what moves after a step.
  func terms(_ pass: SparsePass) -> SparseTerms

  /// Whether the reconstruction's gradient by a latent that is 0 is used: not where a ReLU, or a choice among
  /// the latents, stops it. False saves a product of the size of the decoder. The default is true.
  var passesWhereOff: Bool { get }

  /// k, if the latents are the k greatest preactivations of an example where they are above 0, and nothing is added
  /// to the loss: then nothing else is computed of wide dictionaries. The default is nil.
  var greatest: Int? { get }
}

extension SparseActivation {
  public var passesWhereOff: Bool { true }
  public var greatest: Int? { nil }
}

/// What a sparse activation's terms follow from.
public struct SparsePass {
  public let pass: LossPass
  /// Where its parameters and state are made.
  public let scope: Scope
  /// `[batch, n]`.
  public let preactivations: Tensor
  /// What `latents` made of them.
  public let latents: Tensor
  /// The length of each latent's pattern, `[n]`; nil where all are 1.
  public let lengths: Tensor?

  public init(
    pass: LossPass, scope: Scope, preactivations: Tensor, latents: Tensor, lengths: Tensor?
  ) {
    self.pass = pass
    self.scope = scope
    self.preactivations = preactivations
    self.latents = latents
    self.lengths = lengths
  }

  private var batch: Float { Float(preactivations.shape[0]) }

  /// Σ fᵢ·‖Wᵢ‖ of each example, averaged over the batch.
  public func sum(of latents: Tensor) -> Tensor {
    (lengths.map { latents * $0 } ?? latents).sum() / batch
  }
}

/// What a sparse activation adds to the loss of an example.
public struct SparseTerms {
  /// Its penalty, not weighted, and the weight; nil for a rule that needs none.
  public var penalty: (value: Tensor, weight: Tensor)?
  /// Other latents, whose reconstruction by the dictionary as it is (a constant) is added to the loss; nil:
  /// none.
  public var auxiliary: Tensor?

  public init(penalty: (value: Tensor, weight: Tensor)? = nil, auxiliary: Tensor? = nil) {
    self.penalty = penalty
    self.auxiliary = auxiliary
  }
}

extension Role where Value == any SparseActivation {
  public static var sparseActivation: Self {
    Role(
      "sparse_activation", title: "sparse activation",
      includes: { $0 is any SparseActivation.Type }, cast: { $0 as? any SparseActivation })
  }
}
