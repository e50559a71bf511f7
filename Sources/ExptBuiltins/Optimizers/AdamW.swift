import ExptComponents
import ExptTensor

/// Adam with weight decay apart from the gradient: each step first takes θ ← θ − η·λ·θ.
///
/// Source: Loshchilov & Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
public struct AdamW: ElementwiseOptimizer {
  public static let id = "adamw"
  public static let summary = "Adam with decoupled weight decay."

  @Group public var step = StepSettings(weightDecay: 1e-2)
  @Group public var means = AdamSettings()

  public init() {}

  public var slots: [String] { AdamSettings.slots }

  public func rule(_ update: ParameterUpdate) -> UpdateRule {
    means.rule(update, step, isDecoupled: true)
  }
}
