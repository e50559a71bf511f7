import ExptComponents
import ExptTensor

/// A Gaussian of its own for each condition c, such as each class: the latents of a class need not lie
/// where those of another do.
///
///     p(z|c) = N(μ(c), diag(σ²(c))),   (μ, log σ²) = W·h(c) + b
///
/// h are the hidden layers, or c itself; W and b begin at 0, so that training begins at N(0, I). The KL
/// from a Gaussian posterior has a closed form:
///
///     KL = ½ Σⱼ (log σⱼ²(c) − log sⱼ² + (sⱼ² + (mⱼ − μⱼ(c))²) / σⱼ²(c) − 1),   q = N(m, diag(s²))
///
/// Units: nats. Parameters: `prior.0.weight` `[hidden[0], n]`, `prior.0.bias`, …, the last with `2 · latent`
/// rows: the means, then the log-variances.
///
/// Source: Sohn, Lee & Yan, "Learning Structured Output Representation using Deep Conditional Generative
/// Models", NIPS 2015, section 4.1.
public struct ConditionalGaussianPrior: Prior {
  public static let id = "conditional_gaussian"
  public static let summary =
    "A Gaussian that depends on the condition, such as one for each class."
  public static let exampleSettings = "{ hidden: [4] }"

  @Setting(
    "Units of each hidden layer; [] for none: linear in the condition.", .within(1...65536))
  public var hidden: [Int] = []
  @Setting("The function after each hidden layer.") public var activation: Activation = .relu

  public init() {}

  public var formula: String? {
    "p(z|c) = N(z; μ(c), diag σ²(c))"
  }

  public func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    guard case .vector(let latent) = context.space else {
      throw BuildProblem(
        "a Gaussian needs latents that are numbers, and these are \(context.space)",
        help: "choose a prior that goes with the posterior")
    }
    guard let condition = context.condition else {
      throw BuildProblem(
        "\(Self.id) depends on a condition, and the model has none",
        help: "write 'condition: labels' into the model, or use standard_normal")
    }
    var x = condition
    for (index, units) in hidden.enumerated() {
      x = try linear(x, to: units, activation: activation, in: context.scope.child("\(index)"))
    }
    let both = last(x, to: 2 * latent, in: context.scope.child("\(hidden.count)"))
    return DiagonalGaussian(
      mean: both.columns(0..<latent), logVariance: both.columns(latent..<2 * latent),
      stream: "prior")
  }

  /// A linear layer that begins at 0.
  private func last(_ x: Tensor, to units: Int, in scope: Scope) -> Tensor {
    scope.layer("linear \(x.shape[1]) → \(units), from 0") {
      linear(
        x, weight: scope.parameter("weight", [units, x.shape[1]], .zeros),
        bias: scope.parameter("bias", [units], .zeros))
    }
  }
}
