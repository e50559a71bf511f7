import ExptTensor
import ExptComponents

/// p(z) = N(0, I).
public struct StandardNormalPrior: Prior {
  public static let id = "standard_normal"
  public static let summary = "N(0, I): independent standard normal dimensions."

  public init() {}

  public var formula: String? { "p(z) = N(z; 0, I)" }

  public func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    guard context.space.isEuclidean else {
      throw BuildProblem(
        "a normal distribution needs latents that are numbers, and these are \(context.space)",
        help: context.space.priorHelp)
    }
    return StandardNormal(context.space)
  }
}
