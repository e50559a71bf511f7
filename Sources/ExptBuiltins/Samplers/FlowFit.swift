import ExptComponents
import ExptTensor

/// What the samplers that are flows have in common.
struct FlowFit: Settings {
  static let exampleSettings =
    "{ depth: 2, hidden: [8], epochs: 6, batch_size: 32, patience: 2, learning_rate: 0.05, draws: 2 }"

  @Setting("Largest |log scale| of a dimension in a step.", .above(0, upTo: 20))
  var scaleLimit: Float = 2
  @Setting("Draws from the posterior of each image, shown in turn.", .within(1...1000))
  var draws: Int = 1
  @Group var loop = FitSettings()

  init() {}

  typealias Steps = (_ width: Int, Scope) throws(BuildProblem) -> [any FlowStep]

  func fit(
    _ latents: FittingData, through steps: @escaping Steps
  ) throws(SamplerProblem) -> FittedArrays {
    try latents.checkNumbers(atLeast: 2, for: "a flow")
    let standardized = Standardized(latents)
    let result = try GradientFit(
      settings: loop, rows: standardized.rows(latents), pool: latents.pool
    ) { (rows, scope) throws(BuildProblem) in
      let density = try Self.distribution(rows, steps, scope).logDensity(rows)
      return -(density ?? gaussianLogDensity(rows))
    }()
    return FittedArrays(
      standardized.arrays + result.arrays,
      reached: [
        result.measure(
          "negative log-likelihood", result.loss + standardized.logDeterminant, "nats a latent")
      ])
  }

  func draw(
    _ count: Int, from fitted: FittedArrays, width: Int, seed: UInt64, through steps: Steps
  ) throws(SamplerProblem) -> [Float] {
    let standardized = try Standardized(fitted, width: width)
    let rows = try fitted.draw(count, width: width, seed: seed) {
      (rows, scope) throws(BuildProblem) in
      try Self.distribution(rows, steps, scope).draw(1, batch: rows.shape[0], in: scope).values
    }
    return standardized.restored(rows)
  }

  private static func distribution(
    _ rows: Tensor, _ steps: Steps, _ scope: Scope
  ) throws(BuildProblem) -> any Distribution {
    let width = rows.shape[1]
    return StandardNormal(.vector(width)).through(try steps(width, scope.child("flow")))
  }
}
