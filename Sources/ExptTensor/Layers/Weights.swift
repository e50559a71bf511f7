/// How the weight of a layer begins, and what is done to it before it multiplies.
public struct WeightOptions: Sendable, Hashable {
  public var initialiser: WeightInitialiser
  /// Whether the weight is divided by its largest singular value.
  public var isSpectral: Bool

  public init(initialiser: WeightInitialiser = .fanInUniform, isSpectral: Bool = false) {
    self.initialiser = initialiser
    self.isSpectral = isSpectral
  }

  public static let standard = WeightOptions()

  /// How it goes on a line of the layer table.
  var suffix: String { isSpectral ? ", spectral norm" : "" }
}

/// First values of a weight `[out, in, …]` by their names in the field. Fan-in is the product of all
/// sizes but the first, fan-out that of all but the second. (A transposed convolution's weight is
/// `[in, out, …]`, and its fans are these too, as in PyTorch.)
///
/// With any of them but `fan_in_uniform` the layer's bias begins at 0.
public enum WeightInitialiser: String, Sendable, CaseIterable {
  /// Uniform in ±1/√fan-in, the bias too: PyTorch's default.
  case fanInUniform = "fan_in_uniform"
  /// Normal with variance 2/fan-in. Source: He et al., "Delving deep into rectifiers", ICCV 2015.
  case heNormal = "he_normal"
  /// Uniform in ±√(6/(fan-in + fan-out)). Source: Glorot & Bengio, AISTATS 2010.
  case glorotUniform = "glorot_uniform"
  /// Rows (or columns, if there are fewer) of `[out, fan-in]` orthonormal, drawn evenly from all such.
  /// Source: Saxe, McClelland & Ganguli, ICLR 2014.
  case orthogonal
  case zeros

  /// The first values of a weight of this shape.
  func initialiser(of shape: Shape) -> Initialiser {
    let fanIn = shape.count(from: 1)
    let fanOut = shape[0] * shape.count(from: 2)
    return switch self {
    case .fanInUniform: .fanIn(fanIn)
    case .heNormal: .normal(deviation: (2 / Float(max(1, fanIn))).squareRoot())
    case .glorotUniform: .uniform(bound: (6 / Float(max(1, fanIn + fanOut))).squareRoot())
    case .orthogonal: .orthogonal(rows: shape[0], columns: fanIn)
    case .zeros: .zeros
    }
  }
}

extension Scope {
  /// The parameter `weight`, ready to multiply with.
  ///
  /// - Parameter axis: Which axis of the shape counts the outputs.
  func weight(_ shape: Shape, _ options: WeightOptions, outputs axis: Int = 0) -> Tensor {
    let weight = parameter("weight", shape, options.initialiser.initialiser(of: shape))
    return options.isSpectral
      ? spectrallyNormalised(weight, outputs: axis, in: self) : weight
  }
}

/// A weight divided by an estimate of its largest singular value, seen as a matrix M `[out, rest]`.
///
/// The state `weight_u` `[out]` follows the first left singular vector by one power iteration a step:
///
///     v = Mᵀu / ‖Mᵀu‖        u ← M v / ‖M v‖        σ = uᵀ M v
///
/// u and v are constants to the gradient. In evaluation u stays as it is, and σ = ‖Mᵀu‖ / ‖u‖.
///
/// Source: Miyato et al., "Spectral normalization for generative adversarial networks", ICLR 2018,
/// algorithm 1.
///
/// - Parameter axis: Which axis of the weight counts the outputs: 0, or 1 as in `[in, out, …]`.
public func spectrallyNormalised(_ weight: Tensor, outputs axis: Int = 0, in scope: Scope) -> Tensor
{
  let outputs = weight.shape[axis]
  // As `[rest, out]` or `[out, rest]`, whichever is nearer to how it lies.
  let isFlipped = axis == 1
  let matrix =
    isFlipped
    ? weight.reshaped([weight.shape[0], outputs, weight.shape.count(from: 2)]).transposed()
      .reshaped([weight.shape.count / outputs, outputs])
    : weight.reshaped([outputs, weight.shape.count / outputs])
  func product(_ vector: Tensor, ofRest: Bool) -> Tensor {
    let column = vector.reshaped([vector.shape.count, 1])
    return matmul(matrix, column, transposeA: ofRest == isFlipped)
  }
  let state = scope.state("weight_u", [outputs], .normal(deviation: 1))
  let right = unit(product(state, ofRest: false)).stopGradient()
  var left = unit(state).stopGradient()
  let image = product(right, ofRest: true)
  if scope.mode == .training {
    left = unit(image).stopGradient()
    scope.move(state, to: left.reshaped([outputs]))
  }
  let largest = (image.reshaped([outputs]) * left.reshaped([outputs])).sum()
  return weight / maximum(largest, scope.graph.constant(1e-12))
}

/// x / ‖x‖, or 0 for a vector of next to nothing.
private func unit(_ x: Tensor) -> Tensor {
  x / maximum(sqrt(square(x).sum()), x.graph.constant(1e-12))
}
