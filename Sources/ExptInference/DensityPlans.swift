public import ExptComponents
import ExptData
import ExptTensor

/// log p(x|z)·t + log p(z) of latents of some images, and its gradient by the latents; ready to run. At
/// t = 0 this is the prior, at t = 1 the posterior but for a constant.
///
/// Shapes: images `[n, channels, height, width]`; latents `[n·k, width]`, the k of an image one after
/// another.
final class JointPlan {
  let images: UnsafeMutableBufferPointer<Float>
  let latents: UnsafeMutableBufferPointer<Float>
  let inputs: BatchInputs
  private let plan: Plan
  private let reconstruction: Tensor
  private let prior: Tensor
  private let place: Tensor

  static let latentsInput = "latents"
  static let temperatureInput = "t"

  /// - Returns: nil where the model has no prior with a density.
  init?(_ network: Network, images count: Int, chains: Int) {
    let (graph, whole) = network.makeGraph()
    // Weights are constants here: only the latents get a gradient.
    let scope = whole.frozen
    let model = network.model
    let space = network.latents.space
    let batch = Batch(count, in: scope)
    let place = graph.input(
      Self.latentsInput, [count * chains, space.width], wantsGradient: true)
    let temperature = graph.scalar(Self.temperatureInput)
    let recorded = network.again { () throws(BuildProblem) -> (Tensor, Tensor)? in
      let decoded = try model.decode(place, given: batch, in: scope)
      let reconstruction = model.parts.negativeLogLikelihood(decoded, of: batch, in: scope)
      guard
        let prior = try model.prior(for: batch, space: space, in: scope)?.logDensity(place)
      else { return nil }
      return (reconstruction, prior)
    }
    guard let (reconstruction, prior) = recorded else { return nil }
    (self.reconstruction, self.prior, self.place) = (reconstruction, prior, place)
    plan = network.plan(
      graph, loss: prior.sum() - reconstruction.sum() * temperature,
      outputs: [reconstruction, prior])
    inputs = BatchInputs(plan, network.facts)
    guard let images = inputs.examples, let latents = plan.input(Self.latentsInput) else {
      preconditionFailure("a joint density without images or latents")
    }
    (self.images, self.latents) = (images, latents)
  }

  func run(temperature: Double) {
    plan.setScalar(Self.temperatureInput, Float(temperature))
    plan.forward()
    plan.backward()
  }

  /// log p(x|z) of each row.
  var logLikelihood: [Double] { plan.value(of: reconstruction).map { -Double($0) } }
  /// log p(z) of each row.
  var logPrior: [Double] { plan.value(of: prior).map(Double.init) }
  /// Of log p(x|z)·t + log p(z), `[rows, width]`.
  var gradient: [Float] {
    plan.gradient(of: place).map(Array.init) ?? [Float](repeating: 0, count: latents.count)
  }
}

extension NetworkAccess {
  /// log p(z) of a latent of each image, `[range.count]`; nil where the model has no prior with a density.
  ///
  /// - Parameter latents: `[range.count, space.width]`.
  public func logPrior(_ latents: [Float], _ images: ImageSet, _ range: Range<Int>) -> [Double]? {
    let width = space.width
    precondition(latents.count == range.count * width, "\(latents.count) numbers for \(range)")
    var densities: [Double] = []
    for start in stride(from: 0, to: range.count, by: batch) {
      let rows = start..<min(start + batch, range.count)
      let (graph, scope) = network.makeGraph()
      let examples = Batch(rows.count, in: scope)
      let values = graph.input(JointPlan.latentsInput, [rows.count, width])
      let density = network.again { () throws(BuildProblem) in
        try network.model.prior(for: examples, space: space, in: scope)?.logDensity(values)
      }
      guard let density else { return nil }
      let plan = network.plan(graph, outputs: [density])
      _ = plan.input(JointPlan.latentsInput)?.update(
        fromContentsOf: latents[rows.lowerBound * width..<rows.upperBound * width])
      BatchInputs(plan, network.facts).annotate(
        images.annotations, rows.map { range.lowerBound + $0 })
      plan.forward()
      densities += plan.value(of: density).map(Double.init)
    }
    return densities
  }

  /// log p(x|z) and log p(z) with a gradient, for some images; nil where the model has no prior with a
  /// density.
  ///
  /// - Parameters:
  ///   - pixels: What the images look like to the model; nil: as `images` has them.
  ///   - chains: Latents of each image.
  public func joint(
    _ images: ImageSet, _ range: Range<Int>, pixels: [Float]? = nil, chains: Int
  ) -> (any JointDensity)? {
    guard let plan = JointPlan(network, images: range.count, chains: chains) else { return nil }
    let source = BatchSource.evaluation(
      images, presentation, range: range, batchSize: max(1, range.count))
    source.fill(plan.images, plan.inputs, with: 0, pool: network.run.pool)
    if let pixels { _ = plan.images.update(fromContentsOf: pixels) }
    return plan
  }
}

extension JointPlan: JointDensity {
  func values(at latents: [Float], temperature: Double) -> JointValues {
    _ = self.latents.update(fromContentsOf: latents)
    run(temperature: temperature)
    return JointValues(logLikelihood: logLikelihood, logPrior: logPrior, gradient: gradient)
  }
}
