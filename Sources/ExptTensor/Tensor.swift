/// A value in a graph: Float32, contiguous, of a shape known when the graph is recorded.
///
/// A tensor holds no numbers. Writing `relu(x)` records an operation; a `Plan` made from the graph
/// computes it, again and again, in memory laid out once.
public struct Tensor {
  public let graph: Graph
  public let shape: Shape
  let node: Int

  /// Records `operation` on `inputs`.
  ///
  /// - Parameter shape: The shape of the result, which the caller has checked against the inputs.
  public static func applying(_ operation: any Operation, to inputs: [Tensor], shape: Shape)
    -> Tensor
  {
    guard let graph = inputs.first?.graph else {
      preconditionFailure("\(operation.name) has no input: record it on a graph")
    }
    return graph.record(operation, inputs: inputs, shape: shape)
  }
}
