import ExptComponents
import ExptTensor

/// Stochastic gradient descent with momentum.
///
///     v ← μ·v + g        θ ← θ − η·v        (Nesterov: θ ← θ − η·(g + μ·v))
///
/// with learning rate η, momentum μ and gradient g (plus λ·θ under weight decay λ), as PyTorch's.
///
/// Source: Sutskever et al., "On the importance of initialization and momentum in deep learning",
/// ICML 2013, in the form of PyTorch's `SGD`, where η stands outside the velocity.
public struct SGD: ElementwiseOptimizer {
  public static let id = "sgd"
  public static let summary = "Stochastic gradient descent with momentum."

  @Group public var step = StepSettings()
  @Setting("How much of the velocity is kept at each step; 0: no momentum.", .within(0..<1))
  public var momentum: Double = 0.9
  @Setting("Look ahead along the velocity.") public var nesterov: Bool = false

  public init() {}

  public func check(_ report: SettingsReport) {
    if nesterov && momentum == 0 {
      report.error("'nesterov' needs a momentum above 0", at: "nesterov")
    }
  }

  public var slots: [String] { momentum > 0 ? ["velocity"] : [] }

  public func rule(_ update: ParameterUpdate) -> UpdateRule {
    FusedUpdate(update, step).sgd(
      momentum: momentum, nesterov: nesterov, velocity: update.slots.first)
  }
}
