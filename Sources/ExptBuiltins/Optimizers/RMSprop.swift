import ExptComponents
import ExptTensor

/// RMSprop: steps divided by the root of a running mean of the squared gradient.
///
///     s ← α·s + (1 − α)·g²        θ ← θ − η·g / (√s + ε)
///
/// Centered: s − m² stands for s, where m is the running mean of g. With momentum μ the quotient
/// goes into a velocity v ← μ·v + g / (√s + ε), and θ ← θ − η·v.
///
/// Source: Tieleman & Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012;
/// centered: Graves, "Generating Sequences With Recurrent Neural Networks", arXiv 1308.0850, 2013.
public struct RMSprop: ElementwiseOptimizer {
  public static let id = "rmsprop"
  public static let summary = "Steps divided by the root mean square of the gradient."

  @Group public var step = StepSettings()
  @Setting("Decay of the running mean of the squared gradient.", .within(0..<1))
  public var alpha: Double = 0.99
  @Setting("Added to the root.", .above(0, upTo: 1)) public var epsilon: Double = 1e-8
  @Setting("How much of the velocity is kept at each step; 0: no momentum.", .within(0..<1))
  public var momentum: Double = 0
  @Setting("Use the variance of the gradient in place of its mean square.")
  public var centered: Bool = false

  public init() {}

  public var slots: [String] {
    ["square"] + (centered ? ["mean"] : []) + (momentum > 0 ? ["velocity"] : [])
  }

  public func rule(_ update: ParameterUpdate) -> UpdateRule {
    FusedUpdate(update, step).rmsprop(
      alpha: alpha, epsilon: epsilon, momentum: momentum, square: update.slots[0],
      mean: centered ? update.slots[1] : nil, velocity: momentum > 0 ? update.slots.last : nil)
  }
}
