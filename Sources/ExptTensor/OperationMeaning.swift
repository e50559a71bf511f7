/// What an operation computes in a graph for evaluation, in terms that other programs know too, so
/// that a graph can be written in their formats. Shapes are those of the graph.
public enum OperationMeaning: Sendable, Hashable {
  /// Of each element: `relu`, `exp`, `log_sigmoid`, … with the parameter of an activation.
  case elementwise(String, parameter: Float)
  /// x·factor + summand.
  case affine(factor: Float, summand: Float)
  case clamp(ClosedRange<Float>)
  /// `add`, `subtract`, `multiply`, `divide`, `maximum` of the first and second input, or, reversed,
  /// of the second and first; the second is stretched over the first from the right, or from the
  /// left if it is a column.
  case arithmetic(String, isReversed: Bool, isColumn: Bool)
  case matrixProduct(transposeA: Bool, transposeB: Bool)
  /// The same of each example.
  case batchedMatrixProduct(transposeA: Bool, transposeB: Bool)
  /// Inputs x, weight `[out, in]` and maybe bias.
  case linear(Activation)
  /// Inputs x, weight `[out, in, kh, kw]` and maybe bias.
  case convolution(ConvolutionGeometry, Activation)
  /// Inputs x, weight `[in, out, kh, kw]` and maybe bias.
  case transposedConvolution(ConvolutionGeometry, Activation)
  /// Inputs x, running mean and variance, and maybe scale and shift.
  case batchNorm(epsilon: Float)
  /// Inputs x, and maybe scale and shift of one example's shape.
  case layerNorm(epsilon: Float)
  /// Inputs x, and maybe scale and shift of each channel.
  case groupNorm(groups: Int, epsilon: Float)
  /// Padding not counted.
  case averagePool(PoolingGeometry)
  case maxPool(PoolingGeometry)
  /// Channels to pixels, in PyTorch's order.
  case pixelShuffle(Int)
  case pixelUnshuffle(Int)
  /// Nearest neighbours.
  case upsample(Int)
  /// Entries `first` onwards of the second axis.
  case slice(first: Int)
  /// Along the second axis.
  case concatenate
  /// Over the second axis of two.
  case softmax
  case logSoftmax(axis: Int)
  /// The sum over these axes, which go.
  case sum(axes: Range<Int>)
  /// Inputs mean, log-variance and noise.
  case reparameterize
  /// The column of each row's largest number, of equal ones the lowest: a whole number, as a float.
  case argMax
  /// Of its smallest number.
  case argMin
  /// 1 in the column that each number of a list says, else 0.
  case oneHot
  /// 1 for so many of each row's largest numbers, else 0; of equal ones the first.
  case topMask(Int)
  /// Those numbers themselves where they are above 0, else 0.
  case rectifiedTop(Int)
  /// Rows of the first input, by the numbers that the second lists.
  case gatherRows
  /// Each row so many times, one after another.
  case repeatRows(Int)
  /// The last two axes change places.
  case transpose
  case constant(Float)
  /// Given numbers, of the result's shape.
  case values([Float])
}

extension Graph {
  /// A value of a graph and where it comes from.
  public struct Step: Sendable {
    /// Its number among all values of the graph.
    public var number: Int
    /// Numbers of what it is computed from.
    public var inputs: [Int]
    public var shape: Shape
    /// Where in the model it was recorded: `encoder.0`.
    public var path: String
    public var origin: Origin
  }

  public enum Origin: Sendable {
    case input(String)
    case parameter(String)
    /// The same numbers in the same order under another shape.
    case view
    /// Its name, and what it means where other programs know it.
    case operation(String, OperationMeaning?)
  }

  /// The value of a number: see `Step.number`.
  public func tensor(number: Int) -> Tensor {
    Tensor(graph: self, shape: nodes[number].shape, node: number)
  }

  /// What the outputs are computed from, and they themselves, in the order of computation.
  public func steps(to outputs: [Tensor]) -> [Step] {
    var isNeeded = Array(repeating: false, count: nodes.count)
    for output in outputs { isNeeded[output.node] = true }
    for number in nodes.indices.reversed() where isNeeded[number] {
      for input in nodes[number].inputs { isNeeded[input] = true }
    }
    return nodes.indices.filter { isNeeded[$0] }.map { number in
      let node = nodes[number]
      let origin: Origin =
        switch node.source {
        case .input(let name, _): .input(name)
        case .parameter(let index): .parameter(parameters.specs[index].name)
        case .view, .stoppedView: .view
        case .operation(let operation): .operation(operation.name, operation.meaning)
        }
      return Step(
        number: number, inputs: node.inputs, shape: node.shape, path: node.path, origin: origin)
    }
  }
}

extension Tensor {
  /// Its number among the values of its graph: see `Graph.steps`.
  public var number: Int { node }
}
