public import ExptComponents
import ExptData
import ExptTensor

/// Reconstructs some images from several samples of their posteriors, weighed by how well each explains what
/// was observed; ready to run.
///
///     x̂ = Σᵢ w̃ᵢ · E[x|zᵢ],   w̃ᵢ ∝ p(x|zᵢ)·p(zᵢ) / q(zᵢ|x),  Σ w̃ᵢ = 1
///
/// Where pixels are missing, x is what is observed of the image; observed pixels stay as they are.
///
/// Source: Mattei & Frellsen, "MIWAE", ICML 2019, equations 10 to 12 (self-normalised importance sampling).
private final class WeightedReconstruction {
  let images: UnsafeMutableBufferPointer<Float>
  let inputs: BatchInputs
  private let plan: Plan
  private let result: Tensor
  private let samples: Int

  /// Nil if there are no densities to weigh by.
  init?(_ network: Network, images count: Int, samples: Int) {
    self.samples = samples
    let (graph, scope) = network.makeGraph()
    let batch = Batch(count, in: scope)
    let model = network.model
    let result = network.again { () throws(BuildProblem) -> Tensor? in
      let posterior = try model.encode(batch, in: scope)
      let draw = posterior.draw(samples, batch: count, in: scope)
      guard let prior = try model.prior(for: batch, space: posterior.space, in: scope),
        let ratios = posterior.monteCarloDivergence(draw, from: prior)
      else { return nil }
      let decoded = try model.decode(draw.values, given: batch, in: scope)
      let costs = model.parts.negativeLogLikelihood(decoded, of: batch, in: scope)
      let weights = (-(costs + ratios)).reshaped([count, samples]).softmax()
      let table = network.facts.table
      let means = model.parts.likelihood.following(table)
        .mean(decoded, in: scope.child("likelihood")).flattened()
      func average(_ values: Tensor) -> Tensor {
        values.scaledRows(by: weights.reshaped([count * samples]))
          .reshaped([count, samples, values.shape[1]]).sum(along: 1)
      }
      let found = table?.elected(means, average) ?? average(means)
      guard let observed = model.parts.missing.observed(batch)?.flattened() else { return found }
      return batch.examples.flattened() * observed + found * (1 - observed)
    }
    guard let result else { return nil }
    self.result = result
    plan = network.plan(graph, outputs: [result])
    inputs = network.inputs(of: plan)
    guard let images = inputs.examples else { return nil }
    self.images = images
  }

  /// Valid until another plan runs.
  func run(images: Range<Int>, seed: UInt64) -> UnsafeBufferPointer<Float> {
    plan.forward(images: images, samples: 0..<samples, seed: seed)
    return plan.value(of: result)
  }
}

extension NetworkAccess {
  /// Images from several samples of their posteriors, weighed by importance: see `WeightedReconstruction`;
  /// nil for a model without densities.
  ///
  /// - Parameters:
  ///   - range: Only these of the images.
  ///   - samples: Of each image, at least 1.
  ///   - seed: Of the draws.
  public func reconstruct(
    _ images: ImageSet, _ range: Range<Int>, samples: Int, seed: UInt64
  ) -> [Float]? {
    let source = BatchSource.evaluation(
      images, presentation, range: range, batchSize: max(1, batch / samples))
    var plans: [Int: WeightedReconstruction] = [:]
    var result: [Float] = []
    for index in 0..<source.batchCount {
      let size = source.size(ofBatch: index)
      guard
        let plan = plans[size] ?? WeightedReconstruction(network, images: size, samples: samples)
      else { return nil }
      plans[size] = plan
      source.fill(plan.images, plan.inputs, with: index, pool: network.run.pool)
      let first = index * source.batchSize
      result += plan.run(images: first..<first + size, seed: seed)
    }
    return result
  }
}

extension TableColumns {
  /// The average of several rows, `[n, values]`, in which a category is the one with the greatest weight.
  fileprivate func elected(_ rows: Tensor, _ average: (Tensor) -> Tensor) -> Tensor {
    let parts = columns.enumerated().map { number, column in
      let values = rows.columns(values(of: number))
      guard column.kind == .categorical, column.levels.count > 1 else { return average(values) }
      let (count, levels) = (values.shape[0], column.levels.count)
      let each = values.graph.constant((0..<levels).map { Float($0) }, [levels])
      let chosen = (0..<window).map { row in
        let copies = values.columns(row..<row + 1).repeatedRows(levels).reshaped([count, levels])
        let best = average(clamp(1 - abs(copies - each), 0...1)).argMaxPerExample()
        return best.reshaped([best.shape[0], 1])
      }
      return chosen.count == 1 ? chosen[0] : concatenate(chosen)
    }
    return parts.count == 1 ? parts[0] : concatenate(parts)
  }
}
