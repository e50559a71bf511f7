extension Tensor {
  /// The same numbers in the same order under another shape of as many elements. Costs nothing.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(
      shape.count == self.shape.count, "cannot reshape \(self.shape) to \(shape)")
    return graph.view(self, as: shape)
  }

  /// `[batch, …]` as `[batch, n]`.
  public func flattened() -> Tensor {
    shape.rank == 2 ? self : reshaped([shape[0], shape.count(from: 1)])
  }
}
