import ExptComponents
import ExptTensor

/// The parameters of a sparse autoencoder in a graph: see `SparseAE`.
struct SparseNetwork {
  let encoderBias: Tensor
  private let encoderWeight: Tensor
  /// W as it is used, `[latent, pixels]`.
  private let patterns: Tensor
  private let bias: Tensor
  private let image: Shape
  private let model: SparseAE
  /// ‖Wᵢ‖ of the parameter, `[latent]`.
  let lengths: Tensor

  private static let medianSteps = 20

  init(_ model: SparseAE, in scope: Scope) {
    self.model = model
    image = scope.data.image
    let (count, pixels) = (model.latent, image.count)
    let start = Initialiser.normal(deviation: 1 / Float(pixels).squareRoot())
    let dictionary = scope.parameter("dictionary", [count, pixels], start)
    lengths = sqrt(square(dictionary).sumPerExample() + 1e-12)
    patterns =
      model.patterns == .unit ? dictionary.scaledRows(by: reciprocal(lengths)) : dictionary
    let encoder = scope.child("encoder")
    encoderWeight = encoder.parameter("weight", [count, pixels], start)
    encoderBias = encoder.parameter("bias", [count], .zeros)
    bias = scope.parameter("bias", [pixels], .values(scope.data.pixelMean))
    scope.graph.note(
      LayerSummary(
        path: "dictionary", kind: "\(count) patterns of \(pixels) pixels", output: image,
        parameterCount: 2 * count * pixels + count + pixels))
  }

  /// Wₑ(x − b) + g.
  func preactivations(_ rows: Tensor) -> Tensor {
    linear(rows - bias, weight: encoderWeight, bias: encoderBias, sparseGradient: true)
  }

  /// The greatest preactivations of each row, where they are above 0, and those of the latents that `dead` names.
  func greatest(_ rows: Tensor, _ count: Int, dead: Tensor?) -> (SparseRows, dead: SparseRows) {
    let found = greatestOfLinear(
      rows - bias, weight: encoderWeight, bias: encoderBias, count: count, among: dead,
      others: dead == nil ? 0 : model.auxLatents)
    return (found.greatest, found.others)
  }

  /// f·W.
  func sum(_ latents: SparseRows) -> Tensor { latents.product(patterns) }

  /// f·W, of the first patterns where there are fewer latents.
  func sum(_ latents: Tensor, isConstant: Bool = false) -> Tensor {
    let count = latents.shape[1]
    let used = count == model.latent ? patterns : patterns.rows(0..<count)
    return sparseMatmul(
      latents, isConstant ? used.stopGradient() : used,
      passingWhereOff: model.activation.passesWhereOff)
  }

  /// f·W + b as images.
  ///
  /// - Parameter isConstant: Whether W and b are constants to the gradient.
  func image(_ latents: Tensor, isConstant: Bool = false) -> Tensor {
    image(sum: sum(latents, isConstant: isConstant), isConstant: isConstant)
  }

  /// What a sum of patterns is as images.
  func image(sum: Tensor, isConstant: Bool = false) -> Tensor {
    (sum + (isConstant ? bias.stopGradient() : bias)).reshaped(image.batched(sum.shape[0]))
  }

  /// The dictionary and its transpose with rows of length 1, and the middle of some examples.
  func firstValues(_ rows: Tensor) -> [FirstValue] {
    let unit = patterns.scaledRows(by: reciprocal(sqrt(square(patterns).sumPerExample() + 1e-12)))
    let middle =
      switch model.biasStart {
      case .mean: rows.meanOverBatch()
      case .geometricMedian: median(rows)
      }
    return [
      FirstValue("dictionary", unit), FirstValue("encoder.weight", unit),
      FirstValue("bias", middle),
    ]
  }

  /// The point with the least sum of distances from rows, by Weiszfeld's iteration from their mean.
  ///
  /// Source: Weiszfeld, "Sur le point pour lequel la somme des distances de n points donnés est minimum",
  /// Tohoku Mathematical Journal 43, 1937.
  private func median(_ rows: Tensor) -> Tensor {
    (0..<Self.medianSteps).reduce(rows.meanOverBatch()) { middle, _ in
      let weights = reciprocal(sqrt(square(rows - middle).sumPerExample() + 1e-12))
      return rows.scaledRows(by: weights / weights.sum()).sumOverBatch()
    }
  }
}
