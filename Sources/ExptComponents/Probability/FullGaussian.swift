import ExptTensor

/// q(z|x) = N(μ, L·Lᵀ): a Gaussian whose dimensions depend on each other, by a lower triangular L with
/// a positive diagonal for each example.
///
///     z = μ + L·ε        log q(z) = −½ Σ ε² − Σ log Lᵢᵢ − ½ d log 2π,   ε = L⁻¹(z − μ)
///
/// Shapes: `mean` `[batch, d]`; `factor` `[batch, d·(d + 1)/2]`, packed row by row as in
/// `triangularProduct`, with the logarithms of L on its diagonal.
public struct FullGaussian: Distribution {
  public let mean: Tensor
  public let factor: Tensor
  private let dimensions: Int

  /// Numbers of an encoder's head for this many dimensions: the mean's, then the factor's.
  public static func headWidth(_ dimensions: Int) -> Int {
    dimensions + dimensions * (dimensions + 1) / 2
  }

  /// - Parameter head: `[batch, headWidth(d)]`.
  public init(head: Tensor, dimensions: Int) {
    precondition(
      head.shape.rank == 2 && head.shape[1] == Self.headWidth(dimensions),
      "a head \(head.shape) for a Gaussian of \(dimensions) dimensions")
    self.dimensions = dimensions
    mean = head.columns(0..<dimensions)
    factor = head.columns(dimensions..<head.shape[1])
  }

  private init(mean: Tensor, factor: Tensor) {
    dimensions = mean.shape[1]
    self.mean = mean
    self.factor = factor
  }

  public var detached: (any Distribution)? {
    FullGaussian(mean: mean.stopGradient(), factor: factor.stopGradient())
  }

  public var space: LatentSpace { .vector(dimensions) }
  public var expectation: Tensor? { mean }
  public var parameters: [(name: String, value: Tensor)] { [("factor", factor)] }
  private var batch: Int { mean.shape[0] }

  /// 1 where the packed factor holds its diagonal, else 0.
  private var isDiagonal: Tensor {
    let count = dimensions * (dimensions + 1) / 2
    var mask = [Float](repeating: 0, count: count)
    for row in 0..<dimensions { mask[row * (row + 1) / 2 + row] = 1 }
    return mean.graph.constant(mask, [count])
  }

  /// L, packed, and Σ log Lᵢᵢ of each example, `[batch]`.
  private var lower: (matrix: Tensor, logDeterminant: Tensor) {
    let mask = isDiagonal
    let logDiagonal = factor * mask
    return (factor - logDiagonal + exp(logDiagonal) * mask, logDiagonal.sumPerExample())
  }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let (matrix, logDeterminant) = lower
    let noise = scope.graph.normal([self.batch * count, dimensions], stream: "latent")
    let values =
      mean.repeatedExamples(count) + triangularProduct(matrix.repeatedExamples(count), noise)
    let density = gaussianLogDensity(noise) - repeated(logDeterminant, count)
    return Draw(values, logDensity: density)
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    let count = values.shape[0] / batch
    let (matrix, logDeterminant) = lower
    let noise = triangularSolve(
      matrix.repeatedExamples(count), values - mean.repeatedExamples(count))
    return gaussianLogDensity(noise) - repeated(logDeterminant, count)
  }

  /// To N(0, I): ½ (tr Σ + μᵀμ − d − log det Σ); to another Gaussian of independent dimensions, one for
  /// each example or one for all:
  ///
  ///     ½ Σᵢ ((Σᵢᵢ + (μᵢ − mᵢ)²) / sᵢ² + log sᵢ² − 1) − Σ log Lᵢᵢ
  public func divergence(from prior: any Distribution) -> Divergence? {
    let (matrix, logDeterminant) = lower
    switch prior {
    case is StandardNormal:
      let squares = square(matrix).sumPerExample() + square(mean).sumPerExample()
      return .whole((squares - Float(dimensions)) * 0.5 - logDeterminant)
    case let prior as DiagonalGaussian where prior.batch == batch || prior.batch == 1:
      let shape = prior.batch == batch ? mean.shape : space.shape
      let (location, spread) = (prior.mean.reshaped(shape), prior.logVariance.reshaped(shape))
      let variances = matmul(square(matrix), rowsOfFactor)
      let each = (variances + square(mean - location)) * exp(-spread) + spread - 1
      return .whole(each.sumPerExample() * 0.5 - logDeterminant)
    default: return nil
    }
  }

  /// 1 where a number of the packed factor is in a row: `[d(d + 1)/2, d]`.
  private var rowsOfFactor: Tensor {
    let count = dimensions * (dimensions + 1) / 2
    var mask = [Float](repeating: 0, count: count * dimensions)
    for row in 0..<dimensions {
      for place in row * (row + 1) / 2...row * (row + 1) / 2 + row {
        mask[place * dimensions + row] = 1
      }
    }
    return mean.graph.constant(mask, [count, dimensions])
  }

  private func repeated(_ perExample: Tensor, _ count: Int) -> Tensor {
    perExample.reshaped([batch, 1]).repeatedExamples(count).reshaped([batch * count])
  }
}
