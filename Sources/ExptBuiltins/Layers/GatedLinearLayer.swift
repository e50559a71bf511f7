import ExptComponents
import ExptTensor

/// A gated fully connected layer, `y = (x·Wᵀ + b) ⊙ σ(x·Vᵀ + c)`. Images need a `flatten` before it.
///
/// Parameters: `value.weight` W, `[units, n]`, `value.bias`, `gate.weight` V, `gate.bias`.
///
/// Source: Dauphin et al., "Language Modeling with Gated Convolutional Networks", ICML 2017, equation 1; as the
/// hidden layers of VAEs: Tomczak & Welling, "VAE with a VampPrior", AISTATS 2018, section 4.2.
public struct GatedLinearLayer: Layer {
  public static let id = "gated_linear"
  public static let summary = "A fully connected layer, each output times a gate of its own."
  public static let exampleSettings = "{ units: 7 }"

  @Setting("Number of outputs.", .within(1...1e8)) public var units: Int
  @Group public var weights = WeightSettings()

  public init() {}

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    let value = try linear(x, to: units, weights: weights.options, in: scope.child("value"))
    return value
      * (try linear(
        x, to: units, activation: .sigmoid, weights: weights.options, in: scope.child("gate")))
  }

  public func mirrored(from input: Shape, to output: Shape) -> (any Layer)? {
    var mirror = self
    mirror.units = input.count
    return mirror
  }
}
