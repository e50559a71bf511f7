import ExptTensor

/// A radial step: rows are moved towards a point or away from it, by how far they are.
///
///     y = x + β·h·(x − c)        h = 1 / (α + r),  r = |x − c|
///     log |det| = (d − 1)·log(1 + β·h) + log(1 + β·α·h²)
///
/// It is invertible where α > 0 and β > −α. From two numbers a and b of the head come
///
///     α = log(1 + eᵃ)        β = s − α,  s = log(1 + exp(a + b)) > 0
///
/// so that b = 0 is the identity. (The paper has s = log(1 + eᵇ), which is the identity nowhere in
/// particular.)
///
/// The distance solves a quadratic equation, and so the step has an inverse in closed form.
///
/// Shapes: `centre` c `[batch, d]`, a and b `[batch, 1]`, of each example.
///
/// Source: Rezende & Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, equation 14
/// and appendix A.2.
public struct RadialStep: FlowStep {
  private let centre: Tensor
  /// α and s, `[batch, 1]`.
  private let alpha: Tensor
  private let sum: Tensor

  /// Numbers of an encoder's head for one step.
  public static func headWidth(_ dimensions: Int) -> Int { dimensions + 2 }

  /// - Parameter head: `[batch, headWidth(d)]`: c, a, b.
  public init(head: Tensor, dimensions d: Int) {
    precondition(
      head.shape.rank == 2 && head.shape[1] == Self.headWidth(d),
      "a head \(head.shape) for a radial step in \(d) dimensions")
    centre = head.columns(0..<d)
    let a = head.columns(d..<d + 1)
    alpha = softplus(a)
    sum = softplus(a + head.columns(d + 1..<d + 2))
  }

  /// Keeps r² above 0, where its root has no gradient.
  private static let least: Float = 1e-12

  public func forward(_ x: Tensor) -> FlowValues {
    let (offset, r) = offset(x)
    let (alpha, sum) = ofEachRow(x)
    let near = alpha + r
    return FlowValues(
      x + offset.scaledRows(by: (sum - alpha) / near),
      logDeterminant: logDeterminant(r, alpha, sum, dimensions: x.shape[1]))
  }

  /// |y − c| = r·(r + s) / (r + α), solved for r.
  public func inverse(_ y: Tensor) -> FlowValues? {
    let (offset, length) = offset(y)
    let (alpha, sum) = ofEachRow(y)
    // r² + p·r − q = 0 with q > 0: the root above 0, without the difference of near numbers.
    let (p, q) = (sum - length, alpha * length)
    let root = sqrt(square(p) + 4 * q)
    let large = (abs(p) + root) * 0.5
    let isPositive = step(p)
    let r = isPositive * (q / large) + (1 - isPositive) * large
    let x = centre.forRows(of: y) + offset.scaledRows(by: r / length)
    return FlowValues(
      x, logDeterminant: -logDeterminant(r, alpha, sum, dimensions: y.shape[1]))
  }

  /// x − c and its length.
  private func offset(_ x: Tensor) -> (Tensor, length: Tensor) {
    let offset = x - centre.forRows(of: x)
    return (offset, sqrt(square(offset).sumPerExample() + Self.least))
  }

  private func ofEachRow(_ x: Tensor) -> (alpha: Tensor, sum: Tensor) {
    let n = x.shape[0]
    return (alpha.forRows(of: x).reshaped([n]), sum.forRows(of: x).reshaped([n]))
  }

  /// 1 + β·h = (r + s) / (r + α); 1 + β·α·h² = (r² + 2·α·r + α·s) / (r + α)².
  private func logDeterminant(
    _ r: Tensor, _ alpha: Tensor, _ sum: Tensor, dimensions: Int
  ) -> Tensor {
    let logNear = log(r + alpha)
    let along = log(square(r) + alpha * (2 * r + sum)) - 2 * logNear
    guard dimensions > 1 else { return along }
    return (log(r + sum) - logNear) * Float(dimensions - 1) + along
  }
}
