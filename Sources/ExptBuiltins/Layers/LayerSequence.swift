import ExptComponents
import ExptTensor

/// Layers one after another. Layer i has its parameters under the name i.
struct LayerSequence {
  var layers: [any Layer]

  /// - Parameter lastBias: The first values of the last layer's bias, if it has one.
  func apply(_ x: Tensor, lastBias: Bias? = nil, in scope: Scope) throws(BuildProblem) -> Tensor {
    var x = x
    var fused: Int?
    for (index, layer) in layers.enumerated() where index != fused {
      x = try locating("[\(index)]") { () throws(BuildProblem) in
        let scope = scope.child("\(index)")
        guard let products = layer as? any ProductLayer else {
          return try layer.apply(x, in: scope)
        }
        fused = activation(after: index)
        let follower = fused.flatMap { layers[$0] as? ActivationLayer }
        return try products.apply(
          x, activation: follower?.activation ?? .none,
          bias: index == layers.count - 1 ? lastBias : nil, in: scope)
      }
    }
    return x
  }

  /// The activation that the layer at `index` can take into its last pass: the next layer, or the
  /// next after a change of shape, which does not matter to it.
  private func activation(after index: Int) -> Int? {
    layers.indices.dropFirst(index + 1).first { !(layers[$0] is any ShapeLayer) }
      .flatMap { layers[$0] is ActivationLayer ? $0 : nil }
  }

  /// The layers that lead back from this sequence's result to `input`.
  ///
  /// Each layer is replaced by its mirror and the order reversed, except that what follows a layer
  /// without having a mirror of its own (normalisation, activation, dropout) still follows in that
  /// order: linear, batch_norm, relu, linear becomes linear, batch_norm, relu, linear. What comes
  /// before the first of the layers it could follow has no counterpart.
  func mirrored(input: Shape, data: DataFacts) throws(BuildProblem) -> LayerSequence {
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    let scope = Scope(graph, data: data)
    var x = graph.input("images", input.batched(1))
    var groups: [[any Layer]] = []
    var isPastInput = false
    for (index, layer) in layers.enumerated() {
      try locating("[\(index)]") { () throws(BuildProblem) in
        let before = x.shape.withoutBatch
        x = try layer.apply(x, in: scope.child("\(index)"))
        if let mirror = try layer.mirrored(from: before, to: x.shape.withoutBatch) {
          groups.append([mirror])
          isPastInput = isPastInput || !(layer is any ShapeLayer)
        } else if isPastInput {
          groups[groups.count - 1].append(layer)
        }
      }
    }
    let last = x.shape.withoutBatch
    var start: [any Layer] = [LinearLayer(units: last.count)]
    if last.rank != 1 { start.append(ReshapeLayer(shape: last.dimensions)) }
    return LayerSequence(
      layers: start + groups.reversed().flatMap { Array($0.dropFirst()) + [$0[0]] })
  }
}
