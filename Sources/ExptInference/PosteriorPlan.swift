public import ExptComponents
import ExptData
import ExptTensor

/// Draws a latent of each image from its posterior; ready to run. An autoencoder's code is used unchanged.
///
/// The noise is that of the first sample of `SamplingPlan`, whatever the batches and threads.
final class PosteriorPlan {
  let images: UnsafeMutableBufferPointer<Float>
  let inputs: BatchInputs
  private let plan: Plan
  private let draws: Tensor

  init(_ network: Network, images count: Int) {
    let (graph, scope) = network.makeGraph()
    let batch = Batch(count, in: scope)
    let model = network.model
    draws = network.again { () throws(BuildProblem) in
      try model.encode(batch, in: scope).draw(1, batch: count, in: scope).values
    }
    plan = network.plan(graph, outputs: [draws])
    inputs = BatchInputs(plan, network.facts)
    guard let images = inputs.examples else { preconditionFailure("a posterior without images") }
    self.images = images
  }

  /// `[images, width]`, valid until another plan runs.
  ///
  /// - Parameters:
  ///   - images: The numbers of the images that have been filled in.
  ///   - draw: Which draw of each.
  func run(images: Range<Int>, draw: Int, seed: UInt64) -> UnsafeBufferPointer<Float> {
    plan.forward(images: images, samples: draw..<draw + 1, seed: seed)
    return plan.value(of: draws)
  }
}

extension NetworkAccess {
  /// A latent of each image, drawn from its posterior: `[range.count, space.width]`.
  ///
  /// - Parameters:
  ///   - range: Only these of the images.
  ///   - draw: Another number is another draw of the same images.
  public func drawPosterior(
    _ images: ImageSet, _ range: Range<Int>, draw: Int = 0, seed: UInt64
  ) -> [Float] {
    let source = BatchSource.evaluation(images, presentation, range: range, batchSize: batch)
    var plans: [Int: PosteriorPlan] = [:]
    var latents: [Float] = []
    for index in 0..<source.batchCount {
      let size = source.size(ofBatch: index)
      let plan = plans[size] ?? PosteriorPlan(network, images: size)
      plans[size] = plan
      source.fill(plan.images, plan.inputs, with: index, pool: network.run.pool)
      let first = index * source.batchSize
      latents += plan.run(images: first..<first + size, draw: draw, seed: seed)
    }
    return latents
  }
}
