public import ExptComponents
import ExptData
import ExptTensor
import Foundation

/// How a prior and the latents of some images go together.
public struct PriorUse: Sendable {
  /// log p(z) in nats of a latent of each image, drawn from its posterior.
  public var latents: [Double]
  /// The same of as many draws of the prior, under the images' conditions.
  public var draws: [Double]
  /// Of a prior that is a mixture.
  public var components: Components?

  public init(latents: [Double], draws: [Double], components: Components? = nil) {
    self.latents = latents
    self.draws = draws
    self.components = components
  }

  /// The components of a mixture, K.
  public struct Components: Sendable {
    /// Which part of the latents each accounts for; their sum is 1.
    public var shares: [Double]
    /// How many different ones they are worth, from 1, where all are alike, to K:
    ///
    ///     exp (1/K) Σₖ Σₗ rₗ(cₖ) log (K · rₗ(cₖ)),   r(z): the components' shares in a point, by equal weights
    ///
    /// cₖ is the centre of a component; at most the first 512 are looked at.
    public var distinct: Double
    /// What they are the posteriors of: `[K, channels, height, width]`; nil where they are of another kind.
    public var sources: [Float]?
    /// `[K, width]`; empty where they have none.
    public var centres: [Float]

    public init(
      shares: [Double], distinct: Double, sources: [Float]? = nil, centres: [Float] = []
    ) {
      self.shares = shares
      self.distinct = distinct
      self.sources = sources
      self.centres = centres
    }

    public var count: Int { shares.count }

    /// How many the latents are spread over: exp of the shares' entropy.
    public var used: Double {
      exp(shares.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 })
    }

    /// Those that account for less than a hundredth of an equal share.
    public var idle: Int { shares.count { $0 * Double(count) < 0.01 } }

    /// Their numbers, the largest share first.
    public var byShare: [Int] {
      shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }
    }
  }
}

extension NetworkAccess {
  /// How the prior goes with the latents of images; nil without a prior, or one whose density is not
  /// known.
  public func priorUse(_ images: ImageSet, seed: UInt64) -> PriorUse? {
    guard images.count > 0, isGenerative else { return nil }
    let source = BatchSource.evaluation(images, presentation, batchSize: batch)
    var use = PriorUse(latents: [], draws: [])
    var shares: [Double] = []
    var plans: [Int: PriorPlan] = [:]
    for index in 0..<source.batchCount {
      let size = source.size(ofBatch: index)
      guard let plan = plans[size] ?? PriorPlan(network, images: size) else { return nil }
      plans[size] = plan
      source.fill(plan.images, plan.inputs, with: index, pool: network.run.pool)
      plan.run(seed: seed, batch: index)
      use.latents += plan.latents
      use.draws += plan.draws
      let own = plan.shares
      if shares.isEmpty { shares = Array(repeating: 0, count: own.count) }
      for (place, share) in own.enumerated() {
        shares[place] += share * Double(size) / Double(images.count)
      }
    }
    use.components = shares.isEmpty ? nil : network.components(shares: shares)
    return use
  }
}

/// Draws a latent of each image and one of the prior, and tells their densities; ready to run.
private final class PriorPlan {
  let images: UnsafeMutableBufferPointer<Float>
  let inputs: BatchInputs
  private let network: Network
  private let plan: Plan
  private let densities: (latents: Tensor, draws: Tensor)
  /// `[K]`; nil for no mixture.
  private let meanShares: Tensor?

  /// - Returns: nil where there is no density.
  init?(_ network: Network, images count: Int) {
    let (graph, scope) = network.makeGraph()
    let batch = Batch(count, in: scope)
    let model = network.model
    let (latents, prior) = network.again { () throws(BuildProblem) in
      let posterior = try model.encode(batch, in: scope)
      let prior = try model.prior(for: batch, space: posterior.space, in: scope)
      return (posterior.draw(1, batch: count, in: scope).values, prior)
    }
    guard let prior, let ofLatents = prior.logDensity(latents),
      let ofDraws = prior.draw(1, batch: count, in: scope).logDensity
    else { return nil }
    self.network = network
    densities = (ofLatents, ofDraws)
    meanShares = (prior as? any Mixture).map {
      $0.jointLogDensity(latents).softmax(along: 1).meanOverBatch()
    }
    plan = network.plan(
      graph, outputs: [ofLatents, ofDraws] + (meanShares.map { [$0] } ?? []))
    inputs = BatchInputs(plan, network.facts)
    guard let images = inputs.examples else { return nil }
    self.images = images
  }

  func run(seed: UInt64, batch: Int) {
    network.measuring(seed: seed, position: UInt64(batch)) { plan.forward() }
  }

  var latents: [Double] { plan.value(of: densities.latents).map(Double.init) }
  var draws: [Double] { plan.value(of: densities.draws).map(Double.init) }
  var shares: [Double] { meanShares.map { plan.value(of: $0).map(Double.init) } ?? [] }
}

extension Network {
  /// Rows of the matrix of components under components.
  private static let componentLimit = 512
  /// Numbers of that matrix before it is summed over dimensions.
  private static let matrixLimit = 1 << 25

  fileprivate func components(shares: [Double]) -> PriorUse.Components? {
    let (graph, scope) = makeGraph()
    let batch = Batch(1, in: scope)
    let space = latents.space
    let prior = again { () throws(BuildProblem) in
      try model.prior(for: batch, space: space, in: scope)
    }
    guard let mixture = prior as? any Mixture else { return nil }
    let centres = mixture.centres
    let count = shares.count
    let rows = min(count, Self.componentLimit, max(1, Self.matrixLimit / (count * space.width)))
    let told = centres.map { centres in
      let logShares = mixture.componentLogDensity(centres.rows(0..<rows)).logSoftmax(along: 1)
      let scale = Float(RepeatableMath.log(Double(count)))
      return (exp(logShares) * (logShares + scale)).sumPerExample()
    }
    let plan = plan(graph, outputs: [told, centres, mixture.sources].compactMap(\.self))
    BatchInputs(plan, facts).annotate(nil, 0..<1)
    plan.forward()
    let information = told.map { plan.value(of: $0).map(Double.init) } ?? []
    return PriorUse.Components(
      shares: shares,
      distinct: information.isEmpty
        ? Double(count) : exp(information.reduce(0, +) / Double(information.count)),
      sources: mixture.sources.map { Array(plan.value(of: $0)) },
      centres: centres.map { Array(plan.value(of: $0)) } ?? [])
  }
}
