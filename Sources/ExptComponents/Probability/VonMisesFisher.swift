import ExptTensor

/// q(z|x) = C(κ) exp(κ μᵀz) on the unit sphere in d dimensions: a mean direction μ and a concentration
/// κ for each example; κ = 0 is the uniform distribution.
///
///     z = w μ + √(1 − w²) v,   w by Wood's rejection sampling,   v uniform among the directions across μ
///
/// v is normal noise, less its part along μ, normalised: the same distribution as a reflection of the
/// pole to μ (Householder) gives, without that map's singularity at μ = e₁. Gradients go through μ, and
/// through w to κ: see `Graph.vonMisesFisherCapHeight`.
///
/// Shapes: `direction` `[batch, d]`, of length 1; `concentration` `[batch]`.
///
/// Source: Davidson, Falorsi, De Cao, Kipf & Tomczak, "Hyperspherical Variational Auto-Encoders", UAI
/// 2018.
public struct VonMisesFisher: Distribution {
  public let direction: Tensor
  public let concentration: Tensor

  public init(direction: Tensor, concentration: Tensor) {
    precondition(
      direction.shape.rank == 2 && direction.shape[1] >= 2
        && concentration.shape == [direction.shape[0]],
      "directions \(direction.shape) with concentrations \(concentration.shape)")
    self.direction = direction
    self.concentration = concentration
  }

  public var space: LatentSpace { .sphere(dimensions) }
  public var expectation: Tensor? { direction }
  public var parameters: [(name: String, value: Tensor)] {
    [("concentration", concentration.reshaped([batch, 1]))]
  }
  private var batch: Int { direction.shape[0] }
  private var dimensions: Int { direction.shape[1] }

  private func repeated(_ count: Int) -> VonMisesFisher {
    if count == 1 { return self }
    return VonMisesFisher(
      direction: direction.repeatedExamples(count),
      concentration: concentration.reshaped([batch, 1]).repeatedExamples(count)
        .reshaped([batch * count]))
  }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let wide = repeated(count)
    let (mu, kappa) = (wide.direction, wide.concentration)
    let height = scope.graph.vonMisesFisherCapHeight(
      kappa, dimensions: dimensions, stream: "height")
    let noise = scope.graph.normal(mu.shape, stream: "across")
    let across = noise - mu.scaledRows(by: (noise * mu).sumPerExample())
    let values =
      mu.scaledRows(by: 1 - height)
      + across.normalizedRows().scaledRows(by: sqrt(height * (2 - height)))
    return Draw(values, logDensity: wide.logDensity(height: height))
  }

  /// κ (μᵀz − 1) + log C + κ, where 1 − μᵀz is the height of z's cap.
  private func logDensity(height: Tensor) -> Tensor {
    vonMisesFisherLogNormaliser(concentration: concentration, dimensions: dimensions)
      - concentration * height
  }

  /// - Parameter values: Of length 1, so that 1 − μᵀz is ½‖z − μ‖².
  public func logDensity(_ values: Tensor) -> Tensor? {
    let wide = repeated(values.shape[0] / batch)
    return wide.logDensity(height: square(values - wide.direction).sumPerExample() * 0.5)
  }

  /// To the uniform distribution: κA + log C + log area. The sphere is one unit.
  public func divergence(from prior: any Distribution) -> Divergence? {
    guard let prior = prior as? UniformSphere, prior.space == space else { return nil }
    return .split(
      vonMisesFisherKL(concentration: concentration, dimensions: dimensions).reshaped([batch, 1]))
  }
}

/// Uniform on the unit sphere in d dimensions: the plain prior of `VonMisesFisher`.
public struct UniformSphere: Distribution {
  private let dimensions: Int

  public init(_ dimensions: Int) { self.dimensions = dimensions }

  public var space: LatentSpace { .sphere(dimensions) }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let values = scope.graph.normal([batch * count, dimensions], stream: "prior").normalizedRows()
    return Draw(values, logDensity: logDensity(values))
  }

  /// −log area.
  public func logDensity(_ values: Tensor) -> Tensor? {
    values.graph.constant(
      Float(-VonMisesFisherMath(dimensions: dimensions).logArea), [values.shape[0]])
  }
}

extension Tensor {
  /// Each row divided by its length, `[n, d]`; a row of zeros stays.
  public func normalizedRows() -> Tensor {
    let (count, width) = (shape[0], shape[1])
    // Values, so that an exported product has a matrix and not one number.
    let ones = graph.constant([Float](repeating: 1, count: width), [width, 1])
    let squares = matmul(square(self), ones).reshaped([count])
    return scaledRows(by: reciprocal(sqrt(squares + 1e-30)))
  }
}
