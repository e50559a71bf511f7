import ExptComponents
import ExptData
import ExptInference
import ExptTensor

// What a model is worth that has learned nothing but what its data look like on average.
extension Trainer {
  /// Some of the training images, to see what has been learned. (That held-out images fare worse is
  /// overfitting, the contrary of having learned nothing.)
  var someImages: BatchSource {
    let range = data.train
    return BatchSource.evaluation(
      data.images, experiment.dataset.split,
      range: range.lowerBound..<range.prefix(1000).upperBound,
      batchSize: settings.batchSize)
  }

  /// −log p(x) of images, on average in nats, where the decoder says the mean image of the training
  /// data whatever the latents are (and the likelihood's scale, if it has one for each pixel, is the
  /// one of 0).
  func costOfMeanImage(on source: BatchSource) -> Double {
    let parts = experiment.model.parts
    let output = parts.likelihood.following(network.facts.table).output(
      forMean: network.facts.pixelMean(), image: network.facts.image)
    var sum = 0.0
    for batch in 0..<source.batchCount {
      sum += cost(of: output, on: source, batch: batch)
    }
    return sum / Double(max(1, source.range.count))
  }

  /// The sum over a batch's images.
  private func cost(of output: [Float], on source: BatchSource, batch number: Int) -> Double {
    let size = source.size(ofBatch: number)
    let likelihood = experiment.model.parts.likelihood.following(network.facts.table)
    let (graph, scope) = network.makeGraph()
    let batch = Batch(size, in: scope)
    let shape = network.again { () throws(BuildProblem) in
      try likelihood.outputShape(for: network.facts.image)
    }
    let decoded = graph.input("decoded", shape.batched(size))
    let cost = experiment.model.parts.negativeLogLikelihood(decoded, of: batch, in: scope)
    let plan = network.plan(graph, outputs: [cost])
    guard let images = plan.input(Batch.examplesInput), let decoded = plan.input("decoded") else {
      return 0
    }
    source.fill(images, network.inputs(of: plan), with: number, pool: network.run.pool)
    for row in 0..<size {
      let place = row * output.count..<(row + 1) * output.count
      _ = UnsafeMutableBufferPointer(rebasing: decoded[place]).update(fromContentsOf: output)
    }
    plan.forward()
    return plan.value(of: cost).reduce(0) { $0 + Double($1) }
  }
}
