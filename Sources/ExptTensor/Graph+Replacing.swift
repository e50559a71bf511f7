extension Graph {
  /// What `tensor` would be with other values in place of some: whatever depends on those is recorded
  /// a second time, all else is shared and computed once.
  ///
  ///     graph.replacing([(beta, graph.constant(1))], in: loss)     // the same loss at β = 1
  ///
  /// Parameters and noise keep their numbers: they depend on nothing.
  public func replacing(
    _ replacements: [(tensor: Tensor, with: Tensor)], in tensor: Tensor
  ) -> Tensor {
    var new: [Int: Tensor] = [:]
    for (old, other) in replacements {
      precondition(
        old.shape == other.shape, "cannot replace \(old.shape) by \(other.shape) in a graph")
      new[old.node] = other
    }
    for index in nodesBehind(tensor) where new[index] == nil {
      let node = nodes[index]
      guard node.inputs.contains(where: { new[$0] != nil }) else { continue }
      let inputs = node.inputs.map {
        new[$0] ?? Tensor(graph: self, shape: nodes[$0].shape, node: $0)
      }
      new[index] = repeating(node, on: inputs)
    }
    return new[tensor.node] ?? tensor
  }

  /// The nodes that a tensor follows from and itself, in the order of their recording.
  private func nodesBehind(_ tensor: Tensor) -> [Int] {
    var isBehind = Array(repeating: false, count: tensor.node + 1)
    isBehind[tensor.node] = true
    for index in isBehind.indices.reversed() where isBehind[index] {
      for input in nodes[index].inputs { isBehind[input] = true }
    }
    return isBehind.indices.filter { isBehind[$0] }
  }
}
