import ExptComponents
import ExptTensor

/// A fully connected layer, `y = x·Wᵀ + b`. Images need a `flatten` before it.
public struct LinearLayer: ProductLayer {
  public static let id = "linear"
  public static let summary = "A fully connected layer."
  public static let exampleSettings = "{ units: 7 }"

  @Setting("Number of outputs.", .within(1...1e8)) public var units: Int
  @Setting("Whether to add a bias.") public var bias: Bool = true
  @Group public var weights = WeightSettings()

  public init() {}

  public init(units: Int, bias: Bool = true, weights: WeightOptions = .standard) {
    self.units = units
    self.bias = bias
    self.weights = WeightSettings(weights)
  }

  public func apply(_ x: Tensor, activation: Activation, bias: Bias?, in scope: Scope)
    throws(BuildProblem) -> Tensor
  {
    try linear(
      x, to: units, activation: activation, bias: self.bias ? bias ?? .drawn : .absent,
      weights: weights.options, in: scope)
  }

  public func mirrored(from input: Shape, to output: Shape) -> (any Layer)? {
    LinearLayer(units: input.count, bias: bias, weights: weights.options)
  }
}
