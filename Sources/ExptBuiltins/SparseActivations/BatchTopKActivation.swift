import ExptComponents
import ExptTensor

/// The k·B greatest latents of a batch of B examples: k of an example on average, more where there is
/// more to say.
///
///     f = max(0, π) where π is among the k·B greatest of the batch, else 0
///
/// In evaluation, where an example must not depend on the others, all latents above a threshold: the mean
/// over training of the least latent that was on in a batch, with recent batches counting more (state, by
/// `decay`, without a bias to its start; 0 before training).
///
/// Source: Bussmann, Leask & Nanda, "BatchTopK Sparse Autoencoders", 2024, sections 3 and 3.1.
public struct BatchTopKActivation: SparseActivation {
  public static let id = "batch_top_k"
  public static let summary = "The k greatest latents of an example, on average over the batch."

  @Setting("Latents that are on in an example, on average.", .within(1...1_000_000))
  public var k: Int = 16
  @Setting("Decay of the moving average that is the threshold.", .within(0...0.999999))
  public var decay: Float = 0.99

  public init() {}

  public var formula: String? {
    "f = max(0, π) of the {k=k}·B greatest of B examples, else 0;  penalty = 0"
  }

  private struct Threshold {
    let sum: Tensor
    let weight: Tensor

    init(_ scope: Scope) {
      sum = scope.state("threshold_sum", .scalar, .zeros)
      weight = scope.state("threshold_weight", .scalar, .zeros)
    }

    var value: Tensor { sum / clamp(weight, 1e-12...1) }
  }

  public var passesWhereOff: Bool { false }

  public func latents(_ preactivations: Tensor, bias: Tensor, in scope: Scope) -> Tensor {
    let (count, shape) = (preactivations.shape[0], preactivations.shape)
    guard scope.mode == .training else {
      return relu(preactivations) * step(preactivations - Threshold(scope).value)
    }
    let mask = preactivations.reshaped([1, shape.count]).topMask(k * count).reshaped(shape)
    return relu(preactivations) * mask
  }

  public func terms(_ pass: SparsePass) -> SparseTerms {
    let threshold = Threshold(pass.scope)
    let least = leastOn(pass.latents.stopGradient())
    let isOn = step(least)
    let rate = isOn * (1 - decay)
    pass.scope.move(
      threshold.sum, to: threshold.sum * (1 - rate) + least * rate)
    pass.scope.move(threshold.weight, to: threshold.weight * (1 - rate) + rate)
    return SparseTerms()
  }

  /// The least latent above 0, a scalar; 0 if there is none.
  private func leastOn(_ latents: Tensor) -> Tensor {
    let far: Float = 1e30
    let raised = latents + (1 - step(latents)) * far
    let least = least(of: least(of: raised).reshaped([1, latents.shape[0]])).reshaped(.scalar)
    return least * (1 - step(least - far / 2))
  }

  /// Of each row.
  private func least(of rows: Tensor) -> Tensor {
    let (count, width) = (rows.shape[0], rows.shape[1])
    let starts = rows.graph.constant((0..<count).map { Float($0 * width) }, [count])
    return rows.reshaped([count * width, 1]).gatheredRows(starts + rows.argMinPerExample())
      .reshaped([count])
  }
}
