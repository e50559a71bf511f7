extension Tensor {
  /// The same numbers, as a constant to the gradient: nothing upstream of it learns through it. Costs
  /// nothing.
  ///
  ///     let straight = x + (round(x) - x).stopGradient()  // rounds; the gradient is that of x
  public func stopGradient() -> Tensor { graph.stopped(self) }
}
