import ExptTensor

/// A planar step: rows are moved along û, by how far they are to one side of a plane.
///
///     y = x + û·tanh(w·x + b)
///     log |det| = log (t² + (1 − t²)·s)        t = tanh(w·x + b),  s = 1 + w·û
///
/// It is invertible where w·û > −1, and so û is u with its part along w replaced:
///
///     û = u + (s − 1 − w·u)·w / |w|²           s = log(1 + (e − 1)·exp(w·u)) > 0
///
/// The paper has s = log(1 + exp(w·u)), which is log 2 at u = 0: û is then −0.31·w / |w|² even where
/// the head gives nothing, and without bound for small w. With the factor e − 1, u = 0 is the identity.
///
/// There is no inverse in closed form.
///
/// Shapes: `u`, `w` `[batch, d]`, `b` `[batch, 1]`, of each example.
///
/// Source: Rezende & Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, equations 10
/// to 12 and appendix A.1.
public struct PlanarStep: FlowStep {
  private let direction: Tensor
  private let normal: Tensor
  private let offset: Tensor
  /// s, `[batch, 1]`.
  private let stretch: Tensor

  /// Numbers of an encoder's head for one step.
  public static func headWidth(_ dimensions: Int) -> Int { 2 * dimensions + 1 }

  /// - Parameter head: `[batch, headWidth(d)]`: u, w, b.
  public init(head: Tensor, dimensions d: Int) {
    precondition(
      head.shape.rank == 2 && head.shape[1] == Self.headWidth(d),
      "a head \(head.shape) for a planar step in \(d) dimensions")
    let batch = head.shape[0]
    let u = head.columns(0..<d)
    normal = head.columns(d..<2 * d)
    offset = head.columns(2 * d..<2 * d + 1)
    let product = (normal * u).sumPerExample()
    let s = softplus(product + Self.shift)
    let length = square(normal).sumPerExample() + Self.least
    direction = u + normal.scaledRows(by: (s - product - 1) / length)
    stretch = s.reshaped([batch, 1])
  }

  /// log(e − 1): softplus is 1 there.
  private static let shift: Float = 0.541_324_85
  /// Keeps |w|² above 0.
  private static let least: Float = 1e-12

  public func forward(_ x: Tensor) -> FlowValues {
    let n = x.shape[0]
    let angle = (x * normal.forRows(of: x)).sumPerExample() + offset.forRows(of: x).reshaped([n])
    let t = tanh(angle)
    let squared = square(t)
    let determinant = squared + (1 - squared) * stretch.forRows(of: x).reshaped([n])
    return FlowValues(
      x + direction.forRows(of: x).scaledRows(by: t), logDeterminant: log(determinant))
  }
}
